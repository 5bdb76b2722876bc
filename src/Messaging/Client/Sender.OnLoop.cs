using Messaging.Amqp;
using Messaging.Amqp.Engine;
using Messaging.Amqp.Framing;

namespace Messaging.Client;

/// <summary>The part of a sender that the loop owns: the engine's link and the sends that are not complete.</summary>
internal sealed partial class Sender
{
    private readonly SendList _sends;
    private readonly SendCredit _credit = new();
    private SendingLink? _link;
    private TaskCompletionSource? _finished;
    private TaskCompletionSource? _drained;
    private ulong _nextTag;
    private int _failedUnsent; // of those that were to finish before the end
    private int _failedInDoubt;

    public override bool IsStalled => _link is { IsAttached: true, Credit: 0, Queued: > 0 };

    /// <summary>What is in the queue, without those that wait for room in it.</summary>
    public LinkRemains Queued => _sends.CountWaited();

    public override LinkRemains Remains
    {
        get
        {
            LinkRemains waited = Queued;
            return new LinkRemains(waited.Unsent + _failedUnsent + Volatile.Read(ref _outside), waited.InDoubt + _failedInDoubt);
        }
    }

    protected override Link? EngineLink => _link;

    /// <summary>Writes our attach, and queues what has waited for it.</summary>
    public override void Attach(Session session)
    {
        Dictionary<object, object?>? unsettled = UnsettledMap();
        try
        {
            _link = session.AttachSender(OurAttach(unsettled), this);
        }
        catch (EngineException exception) when (unsettled is { Count: > 0 })
        {
            GiveUpResuming(exception.Message);
            _link = session.AttachSender(OurAttach(unsettled: null), this);
        }

        _link.NextTag = _nextTag;
        _isComparing = _link.LocalAttach.Unsettled is { Count: > 0 };
        for (OutgoingSend? send = _isComparing ? null : _sends.First; send is not null; send = send.Newer)
            _link.Enqueue(send);
    }

    /// <summary>Takes over the link that the peer attached.</summary>
    public void Adopt(SendingLink link, in Attach answer, bool manualDrain)
    {
        _link = link;
        IsAdopted = true;
        link.Owner = this;
        link.ManualDrain = manualDrain;
        Session.Links.Add(this);
        Source = answer.Source ?? new Source();
        Target = answer.Target as Target ?? new Target();
        link.Accept(answer);
        Volatile.Write(ref _maxMessageSize, link.RemoteMaxMessageSize);
        MarkAttached(link.RemoteAttach);
    }

    public void Enqueue(OutgoingSend send)
    {
        if (Reason is { } reason)
        {
            GiveBackIssue(send);
            send.Fail(reason.Exception is null ? EndedException(reason) : NotSent(reason.Exception));
            return;
        }

        // The link, session or connection is being closed here, and the peer's answer is still to come.
        if (IsDetaching || Session.IsEnding || Session.Owner.IsCloseSent)
        {
            GiveBackIssue(send);
            send.Fail(EndedException(new CloseReason(CloseInitiator.Local)));
            return;
        }

        if (_link is { IsAttached: true } && IsTooLarge(send))
        {
            GiveBackIssue(send);
            send.Fail(TooLarge(send));
            return;
        }

        if (send.IsTimed)
        {
            TimeSpan timeout = Loop.Settings.OperationTimeout;
            send.Deadline = timeout == Timeout.InfiniteTimeSpan ? long.MaxValue : Loop.Now + (long)(timeout - send.Waited).TotalMilliseconds;
        }

        _sends.Add(send);
        // A line whose end is decided takes nothing any more, though what is in its output may still be flushed: the next one gets it.
        if (!_isComparing && !IsBouncing && Session.IsUp)
            _link?.Enqueue(send);
    }

    /// <summary>Credit or drain changed, by the peer or because the engine has answered the drain.</summary>
    public void OnFlow()
    {
        if (_link!.Drain)
            _credit.CountDrain();
        _credit.Publish(_link);
        SignalDrained();
    }

    public void OnSent(OutgoingDelivery delivery)
    {
        if (delivery is not OutgoingSend send)
        {
            _settling--;
            return;
        }

        send.OnSent(mayGoAgain: _options.OnConnectionLoss != ConnectionLossBehavior.Surface && !IsAdopted && !send.Settled);
        if (_credit.IsDrainRequested)
            _credit.Publish(_link!);
        if (send.Settled)
            Session.Owner.CompleteWhenFlushed(send);
    }

    /// <summary>A pre-settled send has reached the transport; one that was lost with its link before is done with.</summary>
    public void OnFlushed(OutgoingSend send)
    {
        if (send.IsListed)
            Finish(send, Accepted.Instance);
    }

    /// <summary>The peer's disposition. A terminal state that it has not settled yet is settled by us (receiver settle mode second).</summary>
    public void OnUpdated(OutgoingSend send, DeliveryState? state, bool settled)
    {
        if (Reason is not null)
            return;
        Outcome? outcome = OutcomeOf(state) ?? (settled ? SettledWithout(state) : null);
        if (outcome is null)
        {
            if (settled)
                FailUnknown(send, state!);
            return;
        }

        if (!settled)
            _link!.Settle(send, state);
        Finish(send, outcome);
    }

    /// <summary>Takes a send back that the peer cannot have whole.</summary>
    /// <returns>Whether the message was not sent.</returns>
    public bool TryTakeBack(OutgoingSend send)
    {
        if (send.MayHaveArrived || Reason is not null)
            return false;
        if (!TakeOut(send))
            return false;
        SignalFinished();
        return true;
    }

    /// <summary>Ends the waits whose time is over.</summary>
    public void CheckDeadlines(long now)
    {
        for (OutgoingSend? send = _sends.Timed > 0 ? _sends.First : null; send is not null;)
        {
            OutgoingSend? next = send.Newer;
            if (send.Deadline <= now)
                TimeOut(send);
            send = next;
        }
    }

    public MessagingException NotSent(MessagingException reason) => reason switch
    {
        SessionException e => new SessionException($"{Description}: the message was not sent. {e.Message}", e.Error, e.IsTransient, e),
        MessagingConnectionException e => new MessagingConnectionException($"{Description}: the message was not sent. {e.Message}", e.Error, e.IsTransient, e),
        _ => new LinkException($"{Description}: the message was not sent. {reason.Message}", reason.Error, reason.IsTransient, reason),
    };

    /// <summary>It was issued, and is not sent after all.</summary>
    public void GiveBackIssue(OutgoingSend send)
    {
        _credit.GiveBack();
        GiveBackPlace(send);
    }

    protected override void TakeTermini(in Attach attach)
    {
        Target = attach.Target as Target ?? new Target();
        Source = attach.Source ?? new Source();
        Volatile.Write(ref _maxMessageSize, _link!.RemoteMaxMessageSize);
        if (_isComparing)
            Compare(attach);
        RefuseTooLarge();
        Room.Open(_gate);
    }

    private Attach OurAttach(Dictionary<object, object?>? unsettled) => new()
    {
        Name = Name,
        SndSettleMode = _options.SettleMode,
        RcvSettleMode = _options.ReceiverSettleMode,
        Source = _options.Source ?? new Source { Address = Loop.Settings.Engine.ContainerId },
        Target = _options.Target,
        Unsettled = unsettled,
        InitialDeliveryCount = 0,
        OfferedCapabilities = _options.OfferedCapabilities.ToArrayOrNull(),
        DesiredCapabilities = _options.DesiredCapabilities.ToArrayOrNull(),
        Properties = _options.Properties,
    };

    private static Outcome? OutcomeOf(DeliveryState? state) => state switch
    {
        Outcome terminal => terminal,
        TransactionalState { Outcome: { } terminal } => terminal,
        _ => null,
    };

    /// <summary>What a settlement without an outcome means (part 3, 3.5.3): the source's default outcome, else accepted; a state that is no outcome says that the peer was not done.</summary>
    private Outcome? SettledWithout(DeliveryState? state) => Source.DefaultOutcome ?? (state is null ? Accepted.Instance : null);

    private void FailUnknown(OutgoingSend send, DeliveryState state)
    {
        Remove(send);
        send.Fail(new DeliveryInDoubtException($"{Description}: the peer settled the message with the state {state.GetType().Name}, which is no outcome; whether it has the message is unknown."));
        SignalFinished();
    }

    /// <returns>A task that completes when the answer is written, what was sent before goes first; or when the peer has asked anew.</returns>
    private Task AnswerDrain()
    {
        // The caller has not seen the drain of a later flow, nor what came before that: it is not answered by this.
        if (Reason is not null || _link is null || !_credit.IsDrainSeen)
            return Task.CompletedTask;
        if (!_link.Drained())
        {
            _drained ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _drained.Task;
        }

        _credit.Publish(_link);
        return Task.CompletedTask;
    }

    private void SignalDrained()
    {
        _drained?.TrySetResult();
        _drained = null;
    }

    private Task WhenFinished()
    {
        if (_sends.Waited == 0)
            return Task.CompletedTask;
        _finished ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return _finished.Task;
    }

    private void SignalFinished()
    {
        if (_sends.Waited == 0)
            _finished?.TrySetResult();
    }
}
