namespace Messaging;

/// <summary>One login at a listener. Its method is called again and again, one call after the other, off the connection's loop; disposed at the end.</summary>
public interface ISaslServerExchange : IDisposable
{
    /// <summary>Takes what the client sent: first the initial response, then the answer to each challenge.</summary>
    /// <param name="response">The client's bytes; <see langword="null"/> for an initial response that is not there.</param>
    /// <param name="cancellationToken">The connection has ended or its time for the handshake is over.</param>
    /// <returns>A challenge, the success, or the failure.</returns>
    /// <remarks>What it throws is logged and tells the client a fault of the system (outcome 2). It must not let a client tell an unknown user from a wrong password, by words or by time.</remarks>
    ValueTask<SaslServerStep> StepAsync(ReadOnlyMemory<byte>? response, CancellationToken cancellationToken);
}
