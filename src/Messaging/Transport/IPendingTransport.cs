namespace Messaging.Transport;

/// <summary>An accepted stream that is not ready for AMQP yet: TLS comes first. Until then nothing can be read or written through it.</summary>
internal interface IPendingTransport : ITransport
{
    /// <summary>Does what comes first. Once, and not on the accepting loop: the peer may take its time.</summary>
    /// <param name="cancellationToken">Cuts the stream.</param>
    /// <returns>The stream to use from now on. On failure everything is closed.</returns>
    /// <exception cref="TlsException">TLS failed.</exception>
    /// <exception cref="MessagingConnectionException">The stream was lost.</exception>
    ValueTask<ITransport> EstablishAsync(CancellationToken cancellationToken);
}
