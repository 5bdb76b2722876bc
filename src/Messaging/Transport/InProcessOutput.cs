using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace Messaging.Transport;

/// <summary>A pipe's writer that behaves like a socket's: writing to a closed peer throws, and a cancelled write aborts.</summary>
internal sealed class InProcessOutput(PipeWriter inner, InProcessTransport owner) : PipeWriter
{
    public override bool CanGetUnflushedBytes => inner.CanGetUnflushedBytes;

    public override long UnflushedBytes => inner.UnflushedBytes;

    public override ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested) return ValueTask.FromCanceled<FlushResult>(cancellationToken);
        return owner.Failure is { } failure ? ValueTask.FromException<FlushResult>(failure) : Check(inner.WriteAsync(source, cancellationToken));
    }

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested) return ValueTask.FromCanceled<FlushResult>(cancellationToken);
        return owner.Failure is { } failure ? ValueTask.FromException<FlushResult>(failure) : Check(inner.FlushAsync(cancellationToken));
    }

    public override Memory<byte> GetMemory(int sizeHint = 0) => inner.GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => inner.GetSpan(sizeHint);

    public override void Advance(int bytes) => inner.Advance(bytes);

    /// <summary>Not possible, as with a socket. <see cref="ITransport.Abort"/> ends a write.</summary>
    public override void CancelPendingFlush() => throw new NotSupportedException("A write cannot be taken back; abort the transport instead.");

    public override void Complete(Exception? exception = null) => inner.Complete(); // without the exception: to the peer it is the end of the stream

    /// <summary>Lets a pending write look at <see cref="InProcessTransport.Failure"/>.</summary>
    public void Wake() => inner.CancelPendingFlush();

    private ValueTask<FlushResult> Check(ValueTask<FlushResult> write)
    {
        if (!write.IsCompletedSuccessfully) return AwaitAsync(write);
        Exception? error = Error(write.Result);
        return error is null ? default : ValueTask.FromException<FlushResult>(error);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<FlushResult> AwaitAsync(ValueTask<FlushResult> write)
    {
        FlushResult result;
        try
        {
            result = await write.ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            owner.Abort();
            throw;
        }

        Exception? error = Error(result);
        return error is null ? default : throw error;
    }

    private MessagingConnectionException? Error(FlushResult result) =>
        owner.Failure ?? (result.IsCompleted ? TransportErrors.ClosedByPeer(owner) : null);
}
