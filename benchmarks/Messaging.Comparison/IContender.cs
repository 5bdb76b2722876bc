namespace Comparison;

/// <summary>
/// One client library in its fastest honest idiom. Each call opens a connection to the peer, works for the given time,
/// measures only that time, and closes.
/// </summary>
internal interface IContender
{
    string Name { get; }

    /// <summary>Unsettled sends to <c>sink</c>, <see cref="RoundSpec.Window"/> of them in flight, the outcome of each waited for.</summary>
    Task<Round> SendPipelinedAsync(RoundSpec spec);

    /// <summary>Messages from <c>source/SIZE</c> with a credit of <see cref="RoundSpec.Window"/>, each one looked at and accepted.</summary>
    Task<Round> ReceiveAsync(RoundSpec spec);

    /// <summary>Unsettled sends to <c>sink</c>, each awaited before the next.</summary>
    Task<Round> SendAwaitedAsync(RoundSpec spec);

    /// <summary>A message to <c>ping</c>, the wait for it to come back from <c>pong</c>, and again; the times of each.</summary>
    Task<Round> PingPongAsync(RoundSpec spec);
}
