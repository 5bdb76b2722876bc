using System.IO.Pipelines;
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

    public void Fail(Exception exception) => _output.Gate!.TrySetException(exception);

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

    private sealed class HeldOutput(PipeWriter inner) : PipeWriter
    {
        private int _writes;
        private volatile bool _isWaiting;

        public TaskCompletionSource? Gate { get; set; }

        public int Writes => Volatile.Read(ref _writes);

        public bool IsWaiting => _isWaiting;

        public override async ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default)
        {
            Interlocked.Increment(ref _writes);
            if (Gate is { } gate)
            {
                _isWaiting = true;
                await gate.Task;
                _isWaiting = false;
            }

            return await inner.WriteAsync(source, cancellationToken);
        }

        public override void Advance(int bytes) => inner.Advance(bytes);

        public override void CancelPendingFlush() => inner.CancelPendingFlush();

        public override void Complete(Exception? exception = null) => inner.Complete(exception);

        public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) => inner.FlushAsync(cancellationToken);

        public override Memory<byte> GetMemory(int sizeHint = 0) => inner.GetMemory(sizeHint);

        public override Span<byte> GetSpan(int sizeHint = 0) => inner.GetSpan(sizeHint);
    }
}
