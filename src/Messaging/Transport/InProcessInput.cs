using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace Messaging.Transport;

/// <summary>A pipe's reader that ends with the reason of the transport when that is aborted.</summary>
internal sealed class InProcessInput(PipeReader inner, InProcessTransport owner) : PipeReader
{
    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        if (owner.Failure is { } failure) return ValueTask.FromException<ReadResult>(failure);
        ValueTask<ReadResult> read = inner.ReadAsync(cancellationToken);
        return read.IsCompletedSuccessfully && owner.Failure is null ? read : AwaitAsync(read);
    }

    public override bool TryRead(out ReadResult result) => owner.Failure is { } failure ? throw failure : inner.TryRead(out result);

    public override void AdvanceTo(SequencePosition consumed) => inner.AdvanceTo(consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => inner.AdvanceTo(consumed, examined);

    public override void CancelPendingRead() => inner.CancelPendingRead();

    public override void Complete(Exception? exception = null) => inner.Complete();

    /// <summary>Lets a pending read look at <see cref="InProcessTransport.Failure"/>.</summary>
    public void Wake() => inner.CancelPendingRead();

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ReadResult> AwaitAsync(ValueTask<ReadResult> read)
    {
        ReadResult result = await read.ConfigureAwait(false);
        if (owner.Failure is not { } failure) return result;
        inner.AdvanceTo(result.Buffer.Start); // a read was begun and will not be seen by anyone
        throw failure;
    }
}
