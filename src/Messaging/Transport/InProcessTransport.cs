using System.IO.Pipelines;
using Microsoft.Extensions.Logging;

namespace Messaging.Transport;

/// <summary>One side of a byte stream inside the process: two pipes crosswise.</summary>
internal sealed class InProcessTransport : ITransport
{
    private readonly TransportSettings _settings;
    private readonly InProcessInput _input;
    private readonly InProcessOutput _output;
    private InProcessTransport _peer = null!; // set by CreatePair before anyone sees it
    private int _aborted;
    private int _closed;
    private volatile MessagingConnectionException? _failure;

    private InProcessTransport(PipeReader input, PipeWriter output, string local, string remote, TransportSettings settings)
    {
        _input = new InProcessInput(input, this);
        _output = new InProcessOutput(output, this);
        _settings = settings;
        LocalEndPoint = local;
        RemoteEndPoint = remote;
    }

    public PipeReader Input => _input;

    public PipeWriter Output => _output;

    public string LocalEndPoint { get; }

    public string RemoteEndPoint { get; }

    public TransportSecurity? Security => null;

    public bool IsInProcess => true;

    public bool CanLook => false;

    public bool LookForInput() => false;

    /// <summary>Why the stream is unusable; <see langword="null"/> while it is fine.</summary>
    internal MessagingConnectionException? Failure => _failure;

    /// <summary>Two connected sides.</summary>
    /// <param name="settings">The buffer's size and the logger; <see langword="null"/> for the defaults.</param>
    /// <param name="listener">How the second side calls itself.</param>
    /// <param name="client">How the first side calls itself.</param>
    public static (ITransport Client, ITransport Server) CreatePair(TransportSettings? settings = null, string listener = "inproc://pair/server", string client = "inproc://pair/client")
    {
        settings ??= new TransportSettings();
        Pipe there = CreatePipe(settings);
        Pipe back = CreatePipe(settings);
        var first = new InProcessTransport(back.Reader, there.Writer, client, listener, settings);
        var second = new InProcessTransport(there.Reader, back.Writer, listener, client, settings);
        first._peer = second;
        second._peer = first;
        return (first, second);
    }

    public void Abort()
    {
        if (Interlocked.Exchange(ref _aborted, 1) != 0) return;

        Fail(TransportErrors.Aborted(this));
        _peer.Fail(TransportErrors.ResetByPeer(_peer));
        TransportLog.Aborted(_settings.Logger, LocalEndPoint, RemoteEndPoint);
    }

    public async ValueTask DisposeAsync()
    {
        await _output.CompleteAsync().ConfigureAwait(false);
        await _input.CompleteAsync().ConfigureAwait(false);
        if (Interlocked.Exchange(ref _closed, 1) == 0) TransportLog.Closed(_settings.Logger, LocalEndPoint, RemoteEndPoint);
    }

    // Completing a pipe from outside would take its memory away from whoever reads it at this moment. So: remember why, and wake both waits.
    private void Fail(MessagingConnectionException failure)
    {
        if (Interlocked.CompareExchange(ref _failure, failure, null) is not null) return;
        _input.Wake();
        _output.Wake();
    }

    private static Pipe CreatePipe(TransportSettings settings) => new(new PipeOptions(
        readerScheduler: new TurnScheduler(),
        writerScheduler: new TurnScheduler(),
        pauseWriterThreshold: settings.InProcessBufferSize,
        resumeWriterThreshold: Math.Max(1, settings.InProcessBufferSize / 2),
        minimumSegmentSize: settings.ReadBufferSize, // whole batches in one segment, so that parsing stays on one span
        useSynchronizationContext: false));
}
