namespace Messaging;

/// <summary>The container (AMQP 1.0 part 2, 2.1): opens connections, listens for them, and holds one shared connection. Safe for concurrent use.</summary>
public interface IMessagingClient : IAsyncDisposable
{
    /// <summary>The identity told to every peer in <c>open</c> (part 2, 2.7.1).</summary>
    /// <value>A new UUID unless <see cref="MessagingClientOptions.ContainerId"/> is set.</value>
    string ContainerId { get; }

    /// <summary>Opens a connection, trying again within <see cref="ConnectionOptions.ConnectTimeout"/> when that can help.</summary>
    /// <param name="url">For example <c>amqp://localhost:5672</c>, <c>amqp://user:password@host</c> or <c>inproc://name</c>; see <see cref="ConnectionUrl"/>.</param>
    /// <param name="cancellationToken">Ends the attempt; nothing stays open.</param>
    /// <returns>The open connection; dispose it to close it.</returns>
    /// <exception cref="FormatException">The URL is malformed, or has a scheme that is not supported.</exception>
    /// <exception cref="ObjectDisposedException">The client was disposed.</exception>
    /// <exception cref="MessagingConnectionException">No server could be reached in time, or the peer refused; the text lists the attempts.</exception>
    /// <exception cref="TlsException">TLS could not be established: the text says what is wrong with the certificate, the option or the peer.</exception>
    /// <exception cref="SaslException">The peer refused the credentials, or no mechanism is acceptable to both sides.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    ValueTask<IConnection> ConnectAsync(string url, CancellationToken cancellationToken = default);

    /// <summary>Opens a connection as the options say.</summary>
    /// <param name="options">Copied before the call returns; later changes have no effect.</param>
    /// <param name="cancellationToken">Ends the attempt; nothing stays open.</param>
    /// <returns>The open connection; dispose it to close it.</returns>
    /// <exception cref="ArgumentException">An option is out of its range; the text names it.</exception>
    /// <exception cref="FormatException">A URL is malformed, or has a scheme that is not supported.</exception>
    /// <exception cref="ObjectDisposedException">The client was disposed.</exception>
    /// <exception cref="MessagingConnectionException">No server could be reached in time, or the peer refused.</exception>
    /// <exception cref="TlsException">TLS could not be established: the text says what is wrong with the certificate, the option or the peer.</exception>
    /// <exception cref="SaslException">The peer refused the credentials, or no mechanism is acceptable to both sides.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    ValueTask<IConnection> ConnectAsync(ConnectionOptions options, CancellationToken cancellationToken = default);

    /// <summary>Opens a connection as <see cref="MessagingClientOptions.Connection"/> says, else as the file <c>connect.json</c> says.</summary>
    /// <param name="cancellationToken">Ends the attempt; nothing stays open.</param>
    /// <returns>The open connection; dispose it to close it.</returns>
    /// <remarks>
    /// The file is the one that the environment variable <c>MESSAGING_CONNECT_FILE</c> names, else the first of <c>./connect.json</c>, <c>$HOME/.config/messaging/connect.json</c>
    /// and <c>/etc/messaging/connect.json</c>; on Windows only that of the current directory. It is read at each call, so that a changed password counts.
    /// Without a file the connection goes to <c>amqps://localhost:5671</c>. Names of files in it are relative to the current directory, as in other AMQP clients that read the file.
    /// The guide's page on configuration lists its keys, and <c>connect.schema.json</c> describes them for editors.
    /// </remarks>
    /// <exception cref="FileNotFoundException"><c>MESSAGING_CONNECT_FILE</c> names a file that does not exist.</exception>
    /// <exception cref="FormatException">The file is larger than 1 MiB, is not JSON, or has an unknown key or a wrong value; the text names file, line and key, and shows no value.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    /// <exception cref="ObjectDisposedException">The client was disposed.</exception>
    /// <exception cref="MessagingConnectionException">No server could be reached in time, or the peer refused.</exception>
    /// <exception cref="TlsException">TLS could not be established: the text says what is wrong with the certificate, the option or the peer.</exception>
    /// <exception cref="SaslException">The peer refused the credentials, or no mechanism is acceptable to both sides.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    ValueTask<IConnection> ConnectAsync(CancellationToken cancellationToken = default);

    /// <summary>The one shared connection of this client, set up like that of <see cref="ConnectAsync(CancellationToken)"/>, opened at first use and opened anew by the next call once it has ended or failed to open.</summary>
    /// <param name="cancellationToken">Ends this caller's wait only.</param>
    /// <returns>The shared connection. The client owns it: disposing it here closes it for everybody.</returns>
    /// <exception cref="MessagingException">The connection could not be opened; the next call tries again.</exception>
    /// <exception cref="FormatException">It is set up by connect.json, and the file is wrong: see <see cref="ConnectAsync(CancellationToken)"/>, also for the other exceptions of reading it.</exception>
    /// <exception cref="ObjectDisposedException">The client was disposed.</exception>
    ValueTask<IConnection> GetConnectionAsync(CancellationToken cancellationToken = default);

    /// <summary>Creates a sender on the shared connection.</summary>
    /// <param name="address">The target address at the peer, such as a queue's name.</param>
    /// <param name="cancellationToken">Ends the wait; a half-open link is detached.</param>
    /// <returns>The attached sender.</returns>
    /// <exception cref="MessagingException">The connection or the link could not be opened.</exception>
    /// <exception cref="FormatException">The connection is set up by connect.json, and the file is wrong: see <see cref="ConnectAsync(CancellationToken)"/>, also for the other exceptions of reading it.</exception>
    /// <exception cref="TimeoutException">The peer did not answer within <see cref="ConnectionOptions.OperationTimeout"/> (calls without a token only).</exception>
    /// <exception cref="ObjectDisposedException">The client was disposed.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    ValueTask<ISender> CreateSenderAsync(string address, CancellationToken cancellationToken = default);

    /// <summary>Creates a receiver on the shared connection.</summary>
    /// <param name="address">The source address at the peer, such as a queue's name.</param>
    /// <param name="cancellationToken">Ends the wait; a half-open link is detached.</param>
    /// <returns>The attached receiver.</returns>
    /// <exception cref="MessagingException">The connection or the link could not be opened.</exception>
    /// <exception cref="FormatException">The connection is set up by connect.json, and the file is wrong: see <see cref="ConnectAsync(CancellationToken)"/>, also for the other exceptions of reading it.</exception>
    /// <exception cref="TimeoutException">The peer did not answer within <see cref="ConnectionOptions.OperationTimeout"/> (calls without a token only).</exception>
    /// <exception cref="ObjectDisposedException">The client was disposed.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    ValueTask<IReceiver> CreateReceiverAsync(string address, CancellationToken cancellationToken = default);

    /// <summary>Listens for connections.</summary>
    /// <param name="url">For example <c>amqp://127.0.0.1:5672</c>, <c>amqp://0.0.0.0:0</c> (a port of the system's choice) or <c>inproc://name</c>.</param>
    /// <param name="cancellationToken">Ends the attempt to bind.</param>
    /// <returns>The listener; disposing it stops listening, accepted connections stay.</returns>
    /// <exception cref="ArgumentException">The scheme is <c>amqps</c>, which needs a certificate: use the overload with options.</exception>
    /// <exception cref="FormatException">The URL is malformed, or has a scheme that is not supported.</exception>
    /// <exception cref="ObjectDisposedException">The client was disposed.</exception>
    /// <exception cref="MessagingConnectionException">The address cannot be bound.</exception>
    ValueTask<IListener> ListenAsync(string url, CancellationToken cancellationToken = default);

    /// <summary>Listens for connections as the options say.</summary>
    /// <param name="options">Copied before the call returns.</param>
    /// <param name="cancellationToken">Ends the attempt to bind.</param>
    /// <returns>The listener.</returns>
    /// <exception cref="ArgumentException">An option is out of its range, or an <c>amqps</c> listener has no certificate.</exception>
    /// <exception cref="FormatException">The URL is malformed, or has a scheme that is not supported.</exception>
    /// <exception cref="ObjectDisposedException">The client was disposed.</exception>
    /// <exception cref="MessagingConnectionException">The address cannot be bound.</exception>
    /// <exception cref="TlsException">A file that the TLS options name cannot be used.</exception>
    ValueTask<IListener> ListenAsync(ListenerOptions options, CancellationToken cancellationToken = default);
}
