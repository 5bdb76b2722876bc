using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Security.Authentication;
using System.Threading.Tasks.Sources;

namespace Messaging.Transport;

/// <summary>A <see cref="PipeWriter"/> whose write is the stream's write, on the caller's stack and from the caller's memory.</summary>
/// <remarks>
/// The connection loop hands over one batch a turn by <see cref="WriteAsync"/>. GetMemory, Advance and FlushAsync exist for callers that know only a PipeWriter; they cost a copy.
/// Completing drops what was not flushed and sends FIN.
/// </remarks>
internal sealed class StreamOutput : PipeWriter, IValueTaskSource<FlushResult>
{
    private const int MinimumBuffer = 4096;

    private readonly Stream _stream;
    private readonly StreamTransport _owner;
    private readonly Action _onSent;
    private readonly Lock _gate = new();
    private byte[] _buffer = [];
    private int _buffered;
    private ManualResetValueTaskSourceCore<FlushResult> _wait;
    private ConfiguredValueTaskAwaitable.ConfiguredValueTaskAwaiter _send;
    private CancellationTokenRegistration _registration;
    private CancellationToken _token;
    private bool _sending;
    private bool _canceled;
    private bool _completed;

    public StreamOutput(Stream stream, StreamTransport owner)
    {
        _stream = stream;
        _owner = owner;
        _onSent = OnSent; // made once: a write must not allocate
    }

    public override bool CanGetUnflushedBytes => true;

    public override long UnflushedBytes => _buffered;

    public override ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default)
    {
        if (_buffered == 0) return Send(source, cancellationToken);

        source.CopyTo(GetMemory(source.Length)); // something waits to be flushed: it goes first
        _buffered += source.Length;
        return FlushAsync(cancellationToken);
    }

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        ReadOnlyMemory<byte> batch = _buffer.AsMemory(0, _buffered);
        if (!cancellationToken.IsCancellationRequested) _buffered = 0;
        return Send(batch, cancellationToken);
    }

    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        ThrowIfUnusable();
        int needed = _buffered + Math.Max(sizeHint, 1);
        if (needed > _buffer.Length)
        {
            byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(needed, MinimumBuffer));
            _buffer.AsSpan(0, _buffered).CopyTo(larger);
            ReturnBuffer();
            _buffer = larger;
        }

        return _buffer.AsMemory(_buffered);
    }

    public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public override void Advance(int bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes, _buffer.Length - _buffered);
        _buffered += bytes;
    }

    /// <summary>Not possible: the memory belongs to the kernel until the write ends. <see cref="ITransport.Abort"/> ends it.</summary>
    public override void CancelPendingFlush() => throw new NotSupportedException("A write cannot be taken back; abort the transport instead.");

    public override void Complete(Exception? exception = null)
    {
        lock (_gate)
        {
            if (_completed) return;
            _completed = true;
            _buffered = 0;
            if (_sending) return; // FIN in the middle of a write would cut it; the owner closes or aborts next
        }

        ReturnBuffer();
        _owner.EndOutput();
    }

    FlushResult IValueTaskSource<FlushResult>.GetResult(short token) => _wait.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<FlushResult>.GetStatus(short token) => _wait.GetStatus(token);

    void IValueTaskSource<FlushResult>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _wait.OnCompleted(continuation, state, token, flags);

    private ValueTask<FlushResult> Send(ReadOnlyMemory<byte> batch, CancellationToken cancellationToken)
    {
        ThrowIfUnusable();
        if (cancellationToken.IsCancellationRequested) return ValueTask.FromCanceled<FlushResult>(cancellationToken);
        if (_owner.AbortedError() is { } aborted) return ValueTask.FromException<FlushResult>(aborted);
        if (batch.IsEmpty) return default;

        try
        {
            _send = _stream.WriteAsync(batch, CancellationToken.None).ConfigureAwait(false).GetAwaiter();
            if (_send.IsCompleted)
            {
                _send.GetResult();
                return default;
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException or AuthenticationException)
        {
            return ValueTask.FromException<FlushResult>(_owner.Explain(e));
        }

        return Wait(cancellationToken);
    }

    private ValueTask<FlushResult> Wait(CancellationToken cancellationToken)
    {
        _wait.Reset();
        var write = new ValueTask<FlushResult>(this, _wait.Version);
        lock (_gate)
        {
            _sending = true;
            _canceled = false;
            _token = cancellationToken;
            if (cancellationToken.CanBeCanceled)
                _registration = cancellationToken.UnsafeRegister(static (state, token) => ((StreamOutput)state!).OnCanceled(token), this);
        }

        _send.UnsafeOnCompleted(_onSent);
        return write;
    }

    private void OnSent()
    {
        Exception? error = null;
        try
        {
            _send.GetResult();
        }
        catch (Exception e) // whatever the stream throws ends the write; letting it out here would end the process
        {
            error = _owner.Explain(e);
        }

        lock (_gate)
        {
            _sending = false;
            _registration.Unregister();
            _registration = default;
            if (_canceled) error = new OperationCanceledException("The write was cancelled and the transport aborted.", error, _token);
            if (_completed) ReturnBuffer();
        }

        if (error is null) _wait.SetResult(default);
        else _wait.SetException(error);
    }

    private void OnCanceled(CancellationToken token)
    {
        lock (_gate)
        {
            if (!_sending || _token != token) return;
            _canceled = true;
        }

        _owner.Abort(); // the kernel may have taken half a frame; the memory comes back when the write has ended
    }

    private void ReturnBuffer()
    {
        byte[] buffer = _buffer;
        _buffer = [];
        if (buffer.Length > 0) ArrayPool<byte>.Shared.Return(buffer);
    }

    private void ThrowIfUnusable()
    {
        if (_completed) throw new InvalidOperationException("The writer was completed; nothing can be written any more.");
        if (_sending) throw new InvalidOperationException("A write is pending already; a transport has one writer.");
    }
}
