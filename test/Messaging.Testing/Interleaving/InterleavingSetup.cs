namespace Messaging.Testing.Interleaving;

/// <summary>What random operations run against.</summary>
public sealed class InterleavingSetup
{
    /// <summary>Opens the connection that the operations use and faults may hit.</summary>
    public required Func<CancellationToken, ValueTask<IConnection>> Connect { get; init; }

    /// <summary>Opens a connection that no fault hits, to count what is left.</summary>
    public required Func<CancellationToken, ValueTask<IConnection>> ConnectDirectly { get; init; }

    /// <summary>Does something bad to the connection; null when nothing can.</summary>
    public Action<Random>? Drop { get; init; }

    /// <summary>How long a call may go on after its connection has ended: far above its time-out, because test machines are busy.</summary>
    public TimeSpan Bound { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a message may take to come back to its queue after its connection has ended.</summary>
    public TimeSpan ReturnBound { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>What runs between the steps. Its clock is that of both bounds.</summary>
    public ISchedule Schedule { get; init; } = new PoolSchedule(TimeProvider.System);

    /// <summary>That of the connection: no call without a token may say earlier that its time is over.</summary>
    public TimeSpan OperationTimeout { get; init; } = new ConnectionOptions().OperationTimeout;

    /// <summary>How long a graceful end may wait for the application, which will not settle what it has: by a real clock not for long.</summary>
    public TimeSpan CloseDeadline { get; init; } = TimeSpan.FromMilliseconds(20);

    /// <summary>The queue of an interleaving; a new one for each.</summary>
    public required Func<int, string> Address { get; init; }

    /// <summary>The operations of one interleaving.</summary>
    public int Steps { get; init; } = 60;
}
