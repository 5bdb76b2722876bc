using Messaging.Amqp;

namespace Messaging;

/// <summary>A peer that wants to connect: accept it or refuse it, once.</summary>
public interface IIncomingConnection
{
    /// <summary>The authenticated user, <c>anonymous</c> for an anonymous one.</summary>
    string Identity { get; }

    /// <summary>The SASL mechanism by which the peer logged in; <see langword="null"/> when it came without the SASL layer.</summary>
    string? SaslMechanism { get; }

    /// <summary>Whether the connection is encrypted.</summary>
    bool IsEncrypted { get; }

    /// <summary>The certificate that the peer showed, verified; <see langword="null"/> when it showed none.</summary>
    System.Security.Cryptography.X509Certificates.X509Certificate2? ClientCertificate { get; }

    /// <summary>The peer's container id.</summary>
    string RemoteContainerId { get; }

    /// <summary>The host that the peer's <c>open</c> names (the virtual host); <see langword="null"/> when it names none.</summary>
    string? Hostname { get; }

    /// <summary>The peer's network address, for logs.</summary>
    string RemoteEndPoint { get; }

    /// <summary>The properties of the peer's <c>open</c>; empty when it sent none.</summary>
    IReadOnlyDictionary<Symbol, object?> RemoteProperties { get; }

    /// <summary>The capabilities that the peer offers.</summary>
    IReadOnlyList<Symbol> RemoteOfferedCapabilities { get; }

    /// <summary>The capabilities that the peer would like.</summary>
    IReadOnlyList<Symbol> RemoteDesiredCapabilities { get; }

    /// <summary>Accepts the connection.</summary>
    /// <param name="cancellationToken">Ends the wait; what was accepted meanwhile is closed.</param>
    /// <returns>The open connection; dispose it to close it.</returns>
    /// <exception cref="InvalidOperationException">It was decided already, or the time to decide has run out.</exception>
    /// <exception cref="MessagingConnectionException">The peer is gone.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    ValueTask<IConnection> AcceptAsync(CancellationToken cancellationToken = default);

    /// <summary>Refuses the connection: the peer sees an <c>open</c> followed by <c>close</c> with the error.</summary>
    /// <param name="error">Why.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task that completes when the refusal is on its way.</returns>
    /// <exception cref="ArgumentException"><paramref name="error"/> has something that AMQP cannot express.</exception>
    /// <exception cref="InvalidOperationException">It was decided already.</exception>
    /// <exception cref="MessagingException">The connection has ended, so the peer has no need of an answer.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled; it is refused all the same.</exception>
    ValueTask RefuseAsync(AmqpError error, CancellationToken cancellationToken = default);
}
