namespace Messaging.Transport;

/// <summary>Chooses the transport by the scheme.</summary>
internal static class TransportFactory
{
    /// <summary>Connects.</summary>
    /// <exception cref="MessagingConnectionException">No address could be reached; the message lists each with its reason.</exception>
    /// <exception cref="TlsException">TLS could not be established, or a file that its options name is no good.</exception>
    /// <exception cref="NotSupportedException">The scheme is known but not built yet.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/>; the message says what was still waited for.</exception>
    public static ValueTask<ITransport> ConnectAsync(ConnectionUrl url, TransportSettings settings, CancellationToken cancellationToken) => url.Scheme switch
    {
        ConnectionUrl.Amqps => TlsConnector.ConnectAsync(url, settings, cancellationToken),
        ConnectionUrl.Amqp or ConnectionUrl.InProcess when settings.Tls.Mode == TlsMode.InBand => throw ClearText(url), // asked for TLS: no scheme without it may be taken by mistake
        ConnectionUrl.Amqp => TcpConnector.ConnectAsync(url, settings, cancellationToken),
        ConnectionUrl.InProcess => InProcessListener.ConnectAsync(url, settings, cancellationToken),
        _ => throw NotBuilt(url),
    };

    /// <summary>Listens.</summary>
    /// <exception cref="MessagingConnectionException">The address is in use, not of this machine or not permitted.</exception>
    /// <exception cref="TlsException">A file that the TLS options name is no good.</exception>
    /// <exception cref="NotSupportedException">The scheme is known but not built yet.</exception>
    public static ValueTask<ITransportListener> ListenAsync(ConnectionUrl url, TransportSettings settings, CancellationToken cancellationToken) => url.Scheme switch
    {
        ConnectionUrl.Amqps or ConnectionUrl.Amqp when settings.ListenerTls is { } tls => TlsAcceptor.ListenAsync(url, tls, settings, cancellationToken),
        ConnectionUrl.Amqp => TcpTransportListener.StartAsync(url, settings, cancellationToken),
        ConnectionUrl.InProcess => new ValueTask<ITransportListener>(InProcessListener.Start(url, settings)),
        ConnectionUrl.Amqps => throw new ArgumentException($"'{url.Endpoint}' needs a certificate: set ListenerOptions.Tls.", nameof(url)),
        _ => throw NotBuilt(url),
    };

    private static TlsException ClearText(ConnectionUrl url) =>
        new($"Cannot connect to {url.Endpoint}: Tls.Mode is InBand, and the scheme '{url.Scheme}' is without TLS. Use 'amqps'.");

    private static NotSupportedException NotBuilt(ConnectionUrl url) =>
        new($"'{url.Endpoint}': the scheme '{url.Scheme}' is not supported yet. Use 'amqp', 'amqps' or 'inproc'.");
}
