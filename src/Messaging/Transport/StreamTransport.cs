using System.IO.Pipelines;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace Messaging.Transport;

/// <summary>A transport over a socket. The bytes go through <see cref="Stream"/>, which is the seam: a <see cref="NetworkStream"/> now, an SslStream over it later.</summary>
internal sealed class StreamTransport : ITransport
{
    private const int MaxLingerBytes = 4 * 1024 * 1024;
    private const int Open = 0, Closed = 1, IsAborted = 2;

    private readonly Socket _socket;
    private readonly Stream _stream;
    private readonly TransportSettings _settings;
    private readonly StreamInput _input;
    private readonly StreamOutput _output;
    private int _state;

    public StreamTransport(Socket socket, Stream stream, TransportSettings settings, bool isSecure = false)
    {
        _socket = socket;
        _stream = stream;
        _settings = settings;
        IsSecure = isSecure;
        LocalEndPoint = TransportErrors.Format(socket.LocalEndPoint);
        RemoteEndPoint = TransportErrors.Format(socket.RemoteEndPoint);
        _input = new StreamInput(stream, this, settings.ReadBufferSize);
        _output = new StreamOutput(stream, this);
    }

    public PipeReader Input => _input;

    public PipeWriter Output => _output;

    public string LocalEndPoint { get; }

    public string RemoteEndPoint { get; }

    public bool IsSecure { get; }

    public bool IsInProcess => false;

    /// <summary>Takes over a connected socket. On failure the socket is closed.</summary>
    public static StreamTransport FromSocket(Socket socket, TransportSettings settings)
    {
        try
        {
            socket.NoDelay = true; // the loop batches by itself; Nagle would only delay the last segment of a turn
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            if (settings.SendBufferSize > 0) socket.SendBufferSize = settings.SendBufferSize;
            if (settings.ReceiveBufferSize > 0) socket.ReceiveBufferSize = settings.ReceiveBufferSize;
            return new StreamTransport(socket, new NetworkStream(socket, ownsSocket: true), settings);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public void Abort()
    {
        if (Interlocked.Exchange(ref _state, IsAborted) == IsAborted) return;

        try
        {
            // Linger 0 sends RST: a peer that never reads would otherwise hold our unsent bytes in the kernel for minutes.
            _socket.LingerState = new LingerOption(enable: true, seconds: 0);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // gone already
        }

        _socket.Dispose();
        TransportLog.Aborted(_settings.Logger, LocalEndPoint, RemoteEndPoint);
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.CompareExchange(ref _state, Closed, Open) == Open)
        {
            await _output.CompleteAsync().ConfigureAwait(false);
            if (!_input.IsReceiving) await LingerAsync().ConfigureAwait(false);
            await _stream.DisposeAsync().ConfigureAwait(false);
            TransportLog.Closed(_settings.Logger, LocalEndPoint, RemoteEndPoint);
        }
        else
        {
            await _output.CompleteAsync().ConfigureAwait(false);
        }

        await _input.CompleteAsync().ConfigureAwait(false);
    }

    /// <summary>What the stream threw, told to the reader or writer.</summary>
    internal MessagingConnectionException Explain(Exception cause) =>
        Volatile.Read(ref _state) == Open ? TransportErrors.Lost(this, cause) : TransportErrors.Aborted(this, cause);

    internal MessagingConnectionException? AbortedError() => Volatile.Read(ref _state) == IsAborted ? TransportErrors.Aborted(this) : null;

    /// <summary>Sends FIN: the peer reads to the end.</summary>
    internal void EndOutput()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // the stream is gone already, which is the end as well
        }
    }

    /// <summary>Closing a socket with unread input makes the kernel send RST, and that can destroy our last frame (close, or the header of 2.2) before the peer has read it.</summary>
    private async ValueTask LingerAsync()
    {
        try
        {
            if (_socket.Available == 0) return;

            using var timeout = new CancellationTokenSource(_settings.LingerTimeout, _settings.TimeProvider);
            byte[] scratch = new byte[8192];
            for (int total = 0; total < MaxLingerBytes;)
            {
                int count = await _socket.ReceiveAsync(scratch.AsMemory(), SocketFlags.None, timeout.Token).ConfigureAwait(false);
                if (count == 0) return;
                total += count;
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // reset, aborted meanwhile, or out of patience: it is closed either way
        }
    }
}
