using System.IO.Pipelines;
using System.Net.Security;
using System.Net.Sockets;

namespace Messaging.Transport;

/// <summary>A transport over a socket. The bytes go through <see cref="Stream"/>, which is the seam: a <see cref="NetworkStream"/>, or an <see cref="SslStream"/> over it.</summary>
internal sealed class StreamTransport : ITransport
{
    private const int Open = 0, Closed = 1, IsAborted = 2;

    private readonly Socket _socket;
    private readonly Stream _stream;
    private readonly TransportSettings _settings;
    private readonly ArrivalNotice _notice;
    private readonly StreamInput _input;
    private readonly StreamOutput _output;
    private int _state;

    /// <summary>Takes over a stream.</summary>
    /// <param name="socket">The socket below it.</param>
    /// <param name="stream">The stream over it.</param>
    /// <param name="settings">Buffer sizes and times.</param>
    /// <param name="security">What TLS found out; null for clear text.</param>
    /// <param name="first">Bytes that were read already and come first.</param>
    public StreamTransport(Socket socket, Stream stream, TransportSettings settings, TransportSecurity? security = null, ReadOnlyMemory<byte> first = default)
    {
        _socket = socket;
        _stream = stream;
        _settings = settings;
        Security = security;
        LocalEndPoint = TransportErrors.Format(socket.LocalEndPoint);
        RemoteEndPoint = TransportErrors.Format(socket.RemoteEndPoint);
        _notice = new ArrivalNotice(socket);
        _input = new StreamInput(stream, this, _notice, settings.ReadBufferSize, first.Span);
        _output = new StreamOutput(stream, this);
    }

    public PipeReader Input => _input;

    public PipeWriter Output => _output;

    public string LocalEndPoint { get; }

    public string RemoteEndPoint { get; }

    public TransportSecurity? Security { get; }

    public bool IsInProcess => false;

    public bool CanLook => Security is null; // an encrypting stream may hold bytes that the socket has no longer

    /// <summary>Takes over a connected socket. On failure the socket is closed.</summary>
    public static StreamTransport FromSocket(Socket socket, TransportSettings settings)
    {
        try
        {
            Prepare(socket, settings);
            return new StreamTransport(socket, new NetworkStream(socket, ownsSocket: true), settings);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Sets the options of a connected socket.</summary>
    public static void Prepare(Socket socket, TransportSettings settings)
    {
        socket.NoDelay = true; // the loop batches by itself; Nagle would only delay the last segment of a turn
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        if (settings.SendBufferSize > 0) socket.SendBufferSize = settings.SendBufferSize;
        if (settings.ReceiveBufferSize > 0) socket.ReceiveBufferSize = settings.ReceiveBufferSize;
    }

    public bool LookForInput() => _notice.Look();

    public void Abort()
    {
        if (Interlocked.Exchange(ref _state, IsAborted) == IsAborted) return;

        SocketEnd.Reset(_socket);
        TransportLog.Aborted(_settings.Logger, LocalEndPoint, RemoteEndPoint);
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.CompareExchange(ref _state, Closed, Open) == Open)
        {
            if (_stream is SslStream tls) await EndTlsAsync(tls).ConfigureAwait(false);
            await _output.CompleteAsync().ConfigureAwait(false);
            if (!_input.IsReceiving && SocketEnd.HasInput(_socket)) await DrainAsync().ConfigureAwait(false);
            await DisposeStreamAsync().ConfigureAwait(false);
            TransportLog.Closed(_settings.Logger, LocalEndPoint, RemoteEndPoint);
        }
        else
        {
            await _output.CompleteAsync().ConfigureAwait(false);
            await DisposeStreamAsync().ConfigureAwait(false); // aborting closed the socket only: TLS has memory of its own
        }

        await _input.CompleteAsync().ConfigureAwait(false);
    }

    /// <summary>What the stream threw, told to the reader or writer.</summary>
    internal MessagingException Explain(Exception cause)
    {
        if (Volatile.Read(ref _state) != Open) return TransportErrors.Aborted(this, cause);
        return Security is null ? TransportErrors.Lost(this, cause) : TlsErrors.Lost(this, Security, cause, !_input.HasReceived);
    }

    /// <summary>Why the stream ended, where that is more than an end.</summary>
    internal MessagingException? ExplainEnd() =>
        Security is { IsClientCertificateAsked: true } && !_input.HasReceived ? TlsErrors.EndedAtOnce(this, Security) : null;

    internal MessagingConnectionException? AbortedError() => Volatile.Read(ref _state) == IsAborted ? TransportErrors.Aborted(this) : null;

    internal void EndOutput() => SocketEnd.FinishSending(_socket);

    /// <summary>A stream need not own the socket below it.</summary>
    private async ValueTask DisposeStreamAsync()
    {
        await _stream.DisposeAsync().ConfigureAwait(false);
        _socket.Dispose();
    }

    private ValueTask DrainAsync()
    {
        _notice.TurnOn();
        return SocketEnd.DrainAsync(_socket, _settings);
    }

    /// <summary>Sends close_notify (RFC 8446, 6.1) and does not wait for the peer's, as part 5, 5.2 allows.</summary>
    private async ValueTask EndTlsAsync(SslStream tls)
    {
        try
        {
            Task notice = tls.ShutdownAsync();
            notice.MayFailUnseen(); // it fails when the stream is disposed, long after anybody waits
            await notice.WaitAsync(_settings.LingerTimeout, _settings.TimeProvider).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException or TimeoutException or NotSupportedException)
        {
            // The peer is gone or does not read, or a write was cut: there is nobody to take leave of.
        }
    }
}
