namespace Messaging;

/// <summary>One login by a client. Its methods are called one after the other, off the connection's loop but for <see cref="Complete"/>; disposed when the login has ended or the connection has.</summary>
public interface ISaslClientExchange : IDisposable
{
    /// <summary>The initial response for <c>sasl-init</c> (AMQP 1.0 part 5, 5.3.3.2).</summary>
    /// <param name="cancellationToken">The connection has ended or its time for the handshake is over.</param>
    /// <returns>The bytes; <see langword="null"/> for none, which is not the same as empty ones.</returns>
    /// <exception cref="SaslException">The login cannot go on.</exception>
    ValueTask<byte[]?> StartAsync(CancellationToken cancellationToken);

    /// <summary>Answers a challenge.</summary>
    /// <param name="challenge">The server's bytes.</param>
    /// <param name="cancellationToken">The connection has ended or its time for the handshake is over.</param>
    /// <returns>The response.</returns>
    /// <exception cref="SaslException">The challenge is wrong: the server is not what it says it is.</exception>
    ValueTask<byte[]> RespondAsync(ReadOnlyMemory<byte> challenge, CancellationToken cancellationToken);

    /// <summary>What the server said about a refusal, for the error message; never a secret.</summary>
    /// <value><see langword="null"/>: nothing.</value>
    string? Explanation => null;

    /// <summary>The server says that the login succeeded. A mechanism that authenticates the server too checks here that it did. Runs on the connection's loop: it must be quick.</summary>
    /// <param name="additionalData">The outcome's additional data; empty when there is none.</param>
    /// <exception cref="SaslException">The server has not proved who it is: the connection is dropped.</exception>
    void Complete(ReadOnlyMemory<byte> additionalData);
}
