using System.IO.Pipelines;
using System.Threading.Tasks.Sources;
using Messaging.Transport;

namespace Messaging.Tests.Support;

/// <summary>A transport whose writes the test counts, holds up and lets fail.</summary>
internal sealed class HeldTransport(ITransport inner) : ITransport
{
    private readonly HeldOutput _output = new(inner.Output);
    private int _looks;

    public PipeReader Input => inner.Input;

    public PipeWriter Output => _output;

    public string LocalEndPoint => inner.LocalEndPoint;

    public string RemoteEndPoint => inner.RemoteEndPoint;

    public TransportSecurity? Security => null;

    public bool IsInProcess => true;

    public bool CanLook { get; init; }

    /// <summary>What the loop sees when it looks for input.</summary>
    public bool SeesInput { get; init; }

    /// <summary>How often the loop has looked.</summary>
    public int Looks => Volatile.Read(ref _looks);

    public int Writes => _output.Writes;

    /// <summary>Writes wait from here on.</summary>
    public void Hold() => _output.Gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when a write waits.</summary>
    public Task Held => BoundedWaits.UntilAsync(() => _output.IsWaiting);

    public void LetGo() => _output.Gate!.TrySetResult();

    /// <summary>The write that waits fails.</summary>
    /// <returns>Completes when the loop has taken that.</returns>
    public Task FailAsync(Exception exception)
    {
        _output.Gate!.TrySetException(exception);
        return BoundedWaits.UntilAsync(() => _output.HasFailed);
    }

    public bool LookForInput()
    {
        Interlocked.Increment(ref _looks);
        return SeesInput;
    }

    public void Abort()
    {
        _output.Gate?.TrySetException(new MessagingConnectionException("aborted"));
        inner.Abort();
    }

    public ValueTask DisposeAsync() => inner.DisposeAsync();

    private sealed class HeldOutput(PipeWriter inner) : PipeWriter, IValueTaskSource<FlushResult>
    {
        private int _writes;
        private volatile bool _isWaiting;
        private volatile bool _hasFailed;
        private Task<FlushResult> _held = Task.FromResult(default(FlushResult));

        public TaskCompletionSource? Gate { get; set; }

        public int Writes => Volatile.Read(ref _writes);

        public bool IsWaiting => _isWaiting;

        public bool HasFailed => _hasFailed;

        public override ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default)
        {
            Interlocked.Increment(ref _writes);
            if (Gate is not { } gate)
                return inner.WriteAsync(source, cancellationToken);
            _held = HoldAsync(gate, source, cancellationToken);
            return new ValueTask<FlushResult>(this, token: 0);
        }

        public override void Advance(int bytes) => inner.Advance(bytes);

        public override void CancelPendingFlush() => inner.CancelPendingFlush();

        public override void Complete(Exception? exception = null) => inner.Complete(exception);

        public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) => inner.FlushAsync(cancellationToken);

        public override Memory<byte> GetMemory(int sizeHint = 0) => inner.GetMemory(sizeHint);

        public override Span<byte> GetSpan(int sizeHint = 0) => inner.GetSpan(sizeHint);

        FlushResult IValueTaskSource<FlushResult>.GetResult(short token)
        {
            _hasFailed = _held.IsFaulted;
            return _held.GetAwaiter().GetResult();
        }

        ValueTaskSourceStatus IValueTaskSource<FlushResult>.GetStatus(short token) => _held.Status switch
        {
            TaskStatus.RanToCompletion => ValueTaskSourceStatus.Succeeded,
            TaskStatus.Faulted => ValueTaskSourceStatus.Faulted,
            TaskStatus.Canceled => ValueTaskSourceStatus.Canceled,
            _ => ValueTaskSourceStatus.Pending,
        };

        void IValueTaskSource<FlushResult>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
            _held.ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(() => continuation(state));

        private async Task<FlushResult> HoldAsync(TaskCompletionSource gate, ReadOnlyMemory<byte> source, CancellationToken cancellationToken)
        {
            _isWaiting = true;
            await gate.Task;
            _isWaiting = false;
            return await inner.WriteAsync(source, cancellationToken);
        }
    }
}
