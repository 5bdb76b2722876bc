using System.Buffers.Binary;
using Messaging.Amqp;
using Messaging.Loop;

namespace Messaging.Client;

/// <summary>A send whose outcome the application looks at by itself.</summary>
internal sealed class TrackedSend : OutgoingSend, ISentDelivery
{
    private readonly TaskCompletionSource<Outcome> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<ISentDelivery>? _handed;
    private CancellationTokenRegistration _registration;
    private CancellationToken _token;
    private byte[]? _tag;

    /// <param name="waits">Whether somebody waits for the hand-over; a send with credit in hand needs no wait.</param>
    public TrackedSend(bool waits) => _handed = waits ? new(TaskCreationOptions.RunContinuationsAsynchronously) : null;

    public ReadOnlyMemory<byte> Tag => _tag ??= MakeTag();

    public Task<Outcome> Outcome => _outcome.Task;

    public Task<ISentDelivery> Handed => _handed!.Task;

    public void Start(CancellationToken cancellationToken)
    {
        _token = cancellationToken;
        IsTimed = _handed is not null && !cancellationToken.CanBeCanceled;
        // Registered first, so that the loop always finds the registration that it ends; a cancellation that overtakes the send is seen when it is queued.
        if (cancellationToken.CanBeCanceled)
            _registration = cancellationToken.UnsafeRegister(static state => ((TrackedSend)state!).RequestCancel(), this);
        Sender.Post(this, isAlone: _handed is not null);
    }

    public override void Execute()
    {
        if (_token.IsCancellationRequested)
        {
            Sender.GiveBackIssue(this);
            Fail(NotSent());
            return;
        }

        base.Execute();
    }

    public override void OnSent(bool mayGoAgain)
    {
        base.OnSent(mayGoAgain);
        _registration.Unregister();
        _handed?.TrySetResult(this);
    }

    public override void Complete(Outcome outcome)
    {
        _handed?.TrySetResult(this);
        _outcome.TrySetResult(outcome);
    }

    public override void Fail(Exception exception)
    {
        _registration.Unregister();
        // Who never had the delivery in hand learns it from the call, and nobody looks at the outcome.
        if (_handed is not null && _handed.TrySetException(exception))
            _outcome.TrySetCanceled(CancellationToken.None);
        else
            _outcome.TrySetException(exception as MessagingException ?? new LinkException(exception.Message, innerException: exception));
        _ = _outcome.Task.Exception;
        _ = _handed?.Task.Exception;
    }

    /// <summary>Without a wait there is nothing to leave: the outcome may still come.</summary>
    public override void Leave(Exception exception)
    {
    }

    private void RequestCancel() => Sender.Post(new CancelCommand(this));

    /// <summary>One that has overtaken its send finds nothing to take back: the send looks at the token itself.</summary>
    private void Cancel()
    {
        if (IsListed && !MayHaveArrived && Sender.TryTakeBack(this))
            Fail(NotSent());
    }

    private OperationCanceledException NotSent() => new($"{Sender.Description}: the send was cancelled; the message was not sent.", _token);

    private byte[] MakeTag()
    {
        if (CustomTag is not null)
            return CustomTag;
        byte[] tag = new byte[TagNumber > uint.MaxValue ? 8 : 4];
        if (tag.Length == 8)
            BinaryPrimitives.WriteUInt64BigEndian(tag, TagNumber);
        else
            BinaryPrimitives.WriteUInt32BigEndian(tag, (uint)TagNumber);
        return tag;
    }

    private sealed class CancelCommand(TrackedSend send) : ILoopCommand
    {
        public void Execute() => send.Cancel();

        public void Abandon(MessagingException reason)
        {
        }
    }
}
