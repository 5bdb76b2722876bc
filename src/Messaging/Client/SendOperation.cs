using System.Threading.Tasks.Sources;
using Messaging.Amqp;
using Messaging.Loop;

namespace Messaging.Client;

/// <summary>An awaited send. Pooled: it goes back when its result has been taken.</summary>
internal sealed class SendOperation : OutgoingSend, IValueTaskSource, ITailCompletion
{
    private static readonly BoundedPool<SendOperation> Pool = new(capacity: 4096);

    private readonly CancelCommand _cancel;
    private ManualResetValueTaskSourceCore<bool> _core = new() { RunContinuationsAsynchronously = true };
    private CancellationTokenRegistration _registration;
    private CancellationToken _token;
    private Outcome? _outcome;
    private int _isDone;
    private bool _isReusable;
    private volatile bool _isAwaited;

    private SendOperation() => _cancel = new CancelCommand(this);

    protected override int KeptCapacity => 8 * 1024;

    public bool IsAwaited => _isAwaited;

    public static SendOperation Rent() => Pool.TryRent() ?? new SendOperation();

    /// <summary>Encodes the message; on failure the operation goes back to the pool.</summary>
    public void Prepare(Sender sender, Message message, bool settled)
    {
        try
        {
            Encode(sender, message, settled);
        }
        catch
        {
            ReleaseBuffer();
            Forget();
            Pool.Return(this);
            throw;
        }
    }

    /// <summary>Posts the operation and gives its task.</summary>
    public ValueTask Start(CancellationToken cancellationToken)
    {
        var task = new ValueTask(this, _core.Version);
        _token = cancellationToken;
        IsTimed = !cancellationToken.CanBeCanceled;
        Sender.Post(this, isAlone: true);
        // Registered last: a command that overtakes its own send would find nothing to cancel.
        if (cancellationToken.CanBeCanceled)
            _registration = cancellationToken.UnsafeRegister(static state => ((SendOperation)state!).RequestCancel(), this);
        return task;
    }

    public override void Complete(Outcome outcome)
    {
        if (Interlocked.Exchange(ref _isDone, 1) != 0)
            return;
        _isReusable = IsSent;
        _outcome = outcome;
        Sender.Loop.Complete(this);
    }

    public void CompleteQueued()
    {
        _core.RunContinuationsAsynchronously = true;
        SetOutcome();
    }

    public void CompleteInline()
    {
        _core.RunContinuationsAsynchronously = false;
        SetOutcome();
    }

    public override void Fail(Exception exception)
    {
        if (Interlocked.Exchange(ref _isDone, 1) != 0)
            return;
        _core.RunContinuationsAsynchronously = true;
        _core.SetException(exception);
    }

    /// <summary>Ends the wait while the delivery goes on: the loop keeps the operation.</summary>
    public override void Leave(Exception exception)
    {
        Sender.OnLeft(this);
        Fail(exception);
    }

    /// <summary>Ends the wait as the token asks. Runs on the loop.</summary>
    private void Cancel()
    {
        if (Volatile.Read(ref _isDone) != 0)
            return;
        if (Sender.TryTakeBack(this))
            Fail(new OperationCanceledException($"{Sender.Description}: the send was cancelled; the message was not sent.", _token));
        else
            Leave(new SendCanceledInDoubtException($"{Sender.Description}: the wait was cancelled after the message was sent; its outcome is unknown.", _token));
    }

    private void SetOutcome()
    {
        if (_outcome is Accepted)
            _core.SetResult(true);
        else
            _core.SetException(DeliveryNotAcceptedException.For(_outcome!, Sender.Description));
    }

    private void RequestCancel() => Sender.Post(_cancel);

    void IValueTaskSource.GetResult(short token)
    {
        try
        {
            _core.GetResult(token);
        }
        finally
        {
            Recycle();
        }
    }

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
    {
        _isAwaited = true;
        _core.OnCompleted(continuation, state, token, flags);
    }

    /// <summary>
    /// Only an operation that nobody can reach any more goes back to the pool, and that has gone the whole way: one that failed may still lie in the
    /// queue of a dead link with its bytes, one whose wait was left belongs to the loop, and one whose token fired may have a cancel command
    /// in the mailbox. Those are left to the collector.
    /// </summary>
    private void Recycle()
    {
        bool isUnreachable = !_token.CanBeCanceled || _registration.Unregister();
        _registration = default;
        if (!isUnreachable || !_isReusable)
            return;
        _isReusable = false;
        _token = default;
        _core.Reset();
        _isAwaited = false;
        Volatile.Write(ref _isDone, 0);
        Forget();
        Pool.Return(this);
    }

    private sealed class CancelCommand(SendOperation operation) : ILoopCommand
    {
        public void Execute() => operation.Cancel();

        public void Abandon(MessagingException reason)
        {
        }
    }
}
