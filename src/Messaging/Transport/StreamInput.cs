using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Threading.Tasks.Sources;

namespace Messaging.Transport;

/// <summary>A <see cref="PipeReader"/> whose read is the stream's read: no pump task, no second buffer, no allocation, and the reader goes on in the receive's own completion.</summary>
/// <remarks>
/// A cancelled wait leaves its receive running and the next read takes it over, so nothing is lost.
/// The lock settles who ends a wait, the receive or a cancellation; it is never held while the reader's code runs.
/// </remarks>
internal sealed class StreamInput : PipeReader, IValueTaskSource<ReadResult>
{
    private readonly Stream _stream;
    private readonly StreamTransport _owner;
    private readonly ArrivalNotice _notice;
    private readonly Action _onReceived;
    private readonly Lock _gate = new();
    private ReadBuffer _buffer;
    private ManualResetValueTaskSourceCore<ReadResult> _wait;
    private ConfiguredValueTaskAwaitable<int>.ConfiguredValueTaskAwaiter _receive;
    private CancellationTokenRegistration _registration;
    private CancellationToken _token;
    private Exception? _failure;
    private bool _receiving;
    private bool _waiting;
    private bool _cancelNext;
    private bool _ended;
    private bool _completed;

    public StreamInput(Stream stream, StreamTransport owner, ArrivalNotice notice, int bufferSize, ReadOnlySpan<byte> first = default)
    {
        _stream = stream;
        _owner = owner;
        _notice = notice;
        _onReceived = OnReceived; // made once: a read must not allocate
        _buffer = new ReadBuffer(bufferSize);
        if (first.IsEmpty) return;
        first.CopyTo(_buffer.GetRoom().Span);
        _buffer.Commit(first.Length);
    }

    /// <summary>Whether anything came in.</summary>
    public bool HasReceived => _buffer.HasBeenFilled;

    /// <summary>Whether a receive is under way; then nobody else may read the socket.</summary>
    public bool IsReceiving
    {
        get
        {
            lock (_gate) return _receiving;
        }
    }

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested) return ValueTask.FromCanceled<ReadResult>(cancellationToken);

        lock (_gate)
        {
            if (_waiting) throw new InvalidOperationException("A read is pending already; a transport has one reader.");
            if (TryTake(out ReadResult result, out Exception? error)) return new ValueTask<ReadResult>(result);
            if (error is null && !_receiving)
            {
                StartReceive();
                if (TryTake(out result, out error)) return new ValueTask<ReadResult>(result);
            }

            if (error is not null) return ValueTask.FromException<ReadResult>(error);
            return Wait(cancellationToken);
        }
    }

    public override bool TryRead(out ReadResult result)
    {
        lock (_gate)
        {
            if (_waiting) throw new InvalidOperationException("A read is pending already; a transport has one reader.");
            bool taken = TryTake(out result, out Exception? error);
            return error is null ? taken : throw error;
        }
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        lock (_gate)
        {
            if (!_completed) _buffer.Advance(consumed, examined);
        }
    }

    public override void CancelPendingRead()
    {
        ReadResult result;
        lock (_gate)
        {
            if (!_waiting)
            {
                _cancelNext = true;
                return;
            }

            EndWait();
            result = new ReadResult(_buffer.Content, isCanceled: true, _ended);
        }

        _wait.RunContinuationsAsynchronously = true; // never the reader's code on the canceller's stack
        _wait.SetResult(result);
    }

    public override void Complete(Exception? exception = null)
    {
        lock (_gate)
        {
            if (_completed) return;
            _completed = true;
            if (!_receiving) _buffer.Return(); // else OnReceived does: the receive may still write into the array
        }
    }

    ReadResult IValueTaskSource<ReadResult>.GetResult(short token) => _wait.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<ReadResult>.GetStatus(short token) => _wait.GetStatus(token);

    void IValueTaskSource<ReadResult>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _wait.OnCompleted(continuation, state, token, flags);

    // Everything below but the callbacks runs under the lock.
    private bool TryTake(out ReadResult result, out Exception? error)
    {
        if (_completed) throw new InvalidOperationException("The reader was completed; nothing can be read any more.");

        result = default;
        error = null;
        if (_cancelNext)
        {
            _cancelNext = false;
            result = new ReadResult(_buffer.Content, isCanceled: true, _ended);
            return true;
        }

        error = _owner.AbortedError();
        if (error is not null) return false;

        if (_buffer.HasUnexamined || _ended)
        {
            result = new ReadResult(_buffer.Content, isCanceled: false, _ended);
            return true;
        }

        error = _failure;
        return false;
    }

    private void StartReceive()
    {
        _notice.OnReceiving();
        try
        {
            _receive = _stream.ReadAsync(_buffer.GetRoom()).ConfigureAwait(false).GetAwaiter();
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException)
        {
            _failure = _owner.Explain(e);
            return;
        }

        if (_receive.IsCompleted)
        {
            FinishReceive();
            return;
        }

        _receiving = true;
        _notice.TurnOn();
        _receive.UnsafeOnCompleted(_onReceived);
    }

    private void FinishReceive()
    {
        try
        {
            int count = _receive.GetResult();
            if (count > 0) _buffer.Commit(count);
            else if (_owner.ExplainEnd() is { } failure) _failure = failure;
            else _ended = true;
        }
        catch (Exception e) // whatever the stream throws ends the read; letting it out here would end the process
        {
            _failure = _owner.Explain(e);
        }
    }

    private ValueTask<ReadResult> Wait(CancellationToken cancellationToken)
    {
        _wait.Reset();
        _waiting = true;
        _token = cancellationToken;
        var read = new ValueTask<ReadResult>(this, _wait.Version);
        if (cancellationToken.CanBeCanceled)
            _registration = cancellationToken.UnsafeRegister(static (state, token) => ((StreamInput)state!).OnCanceled(token), this);
        return read;
    }

    private void EndWait()
    {
        _waiting = false;
        _registration.Unregister(); // does not wait for a callback that runs now: it finds nobody waiting, or the next wait on the same token
        _registration = default;
    }

    private void OnReceived()
    {
        ReadResult result;
        Exception? error;
        lock (_gate)
        {
            _receiving = false;
            FinishReceive();
            if (_completed) _buffer.Return();
            if (!_waiting) return;

            EndWait();
            if (_completed) (result, error) = (default, new InvalidOperationException("The reader was completed during a read."));
            else TryTake(out result, out error);
        }

        _wait.RunContinuationsAsynchronously = false; // this is the receive's completion on a pool thread: go on here, without another hop
        if (error is null) _wait.SetResult(result);
        else _wait.SetException(error);
    }

    private void OnCanceled(CancellationToken token)
    {
        lock (_gate)
        {
            if (!_waiting || _token != token) return;
            EndWait();
        }

        _wait.RunContinuationsAsynchronously = true;
        _wait.SetException(new OperationCanceledException(token));
    }
}
