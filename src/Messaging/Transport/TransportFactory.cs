namespace Messaging.Transport;

/// <summary>Chooses the transport by the scheme.</summary>
internal static class TransportFactory
{
    /// <summary>Connects.</summary>
    /// <exception cref="MessagingConnectionException">No address could be reached; the message lists each with its reason.</exception>
    /// <exception cref="NotSupportedException">The scheme is known but not built yet.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/>; the message says what was still waited for.</exception>
    public static ValueTask<ITransport> ConnectAsync(ConnectionUrl url, TransportSettings settings, CancellationToken cancellationToken) => url.Scheme switch
    {
        ConnectionUrl.Amqp => TcpConnector.ConnectAsync(url, settings, cancellationToken),
        ConnectionUrl.InProcess => InProcessListener.ConnectAsync(url, settings, cancellationToken),
        _ => throw NotBuilt(url), // the TLS transport goes here: TcpConnector's socket, an SslStream over it, and the same StreamTransport
    };

    /// <summary>Listens.</summary>
    /// <exception cref="MessagingConnectionException">The address is in use, not of this machine or not permitted.</exception>
    /// <exception cref="NotSupportedException">The scheme is known but not built yet.</exception>
    public static ValueTask<ITransportListener> ListenAsync(ConnectionUrl url, TransportSettings settings, CancellationToken cancellationToken) => url.Scheme switch
    {
        ConnectionUrl.Amqp => TcpTransportListener.StartAsync(url, settings, cancellationToken),
        ConnectionUrl.InProcess => new ValueTask<ITransportListener>(InProcessListener.Start(url, settings)),
        _ => throw NotBuilt(url),
    };

    private static NotSupportedException NotBuilt(ConnectionUrl url) =>
        new($"'{url.Endpoint}': the scheme '{url.Scheme}' is not supported yet. Use 'amqp' or 'inproc'.");
}
