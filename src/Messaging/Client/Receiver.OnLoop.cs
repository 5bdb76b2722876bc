using System.Buffers;
using Messaging.Amqp;
using Messaging.Amqp.Engine;
using Messaging.Amqp.Framing;
using Messaging.Loop;

namespace Messaging.Client;

/// <summary>The part of a receiver that the loop owns: the engine's link, the delivery being assembled, and the credit.</summary>
internal sealed partial class Receiver
{
    private readonly WorkCommand _work;
    private readonly Dictionary<uint, AwaitedSettlement> _awaitingSender = [];
    private readonly UnsettledCount _unsettled = new();
    private ReceivingLink? _link;
    private PayloadBlock? _assembling;
    private DeliveryTag _tag;
    private TaskCompletionSource? _drained;
    private long _arrived;
    private int _lastTarget;
    private int _attachment;
    private uint _peerFrameSize;
    private int _isWorkRequested;
    private bool _isSurplusDrained;
    private bool _isCreditLeftOver;
    private uint _parkedCredit;

    protected override Link? EngineLink => _link;

    /// <summary>Writes our attach.</summary>
    public override void Attach(Session session)
    {
        Source source = _options.Source;
        if (source.Address is null && !source.Dynamic)
            source = source with { Dynamic = true };
        _link = session.AttachReceiver(
            new Attach
            {
                Name = Name,
                SndSettleMode = _options.SenderSettleMode,
                RcvSettleMode = _options.SettleMode,
                Source = source,
                Target = _options.Target ?? new Target { Address = Loop.Settings.Engine.ContainerId },
                MaxMessageSize = _options.MaxMessageSize == 0 ? null : (ulong)_options.MaxMessageSize,
                OfferedCapabilities = _options.OfferedCapabilities.ToArrayOrNull(),
                DesiredCapabilities = _options.DesiredCapabilities.ToArrayOrNull(),
                Properties = _options.Properties,
            },
            this);
        Volatile.Write(ref _peerFrameSize, session.Connection.RemoteMaxFrameSize);
    }

    /// <summary>Takes over the link that the peer attached.</summary>
    public void Adopt(ReceivingLink link, in Attach answer, int initialCredit)
    {
        _link = link;
        _peerFrameSize = link.Session.Connection.RemoteMaxFrameSize;
        IsAdopted = true;
        link.Owner = this;
        Session.Links.Add(this);
        Source = answer.Source ?? new Source();
        Target = answer.Target as Target ?? new Target();
        link.Accept(answer);
        MarkAttached(link.RemoteAttach);
        if (initialCredit > 0)
            link.SetCredit((uint)initialCredit);
    }

    /// <summary>One frame of a delivery: its payload is copied once.</summary>
    public void OnTransfer(in IncomingTransfer transfer, in ReadOnlySequence<byte> payload)
    {
        if (Reason is not null)
            return;
        if (transfer.First)
        {
            // A message of several frames has at least two: room for as much again saves most of them a copy.
            _assembling = PayloadBlock.Rent((int)payload.Length * (transfer.More ? 2 : 1));
            _tag = new DeliveryTag(transfer.Tag);
        }

        if (!_assembling!.TryAppend(payload, _link!.MaxMessageSize == 0 ? ulong.MaxValue : _link.MaxMessageSize))
        {
            RefuseTooLarge();
            return;
        }

        if (transfer.More)
            return;

        var delivery = new Delivery(this, new DeliveryKey(transfer.DeliveryId, _attachment), _tag, _assembling, transfer.MessageFormat, transfer.Settled) { IsResumed = transfer.Resume };
        _assembling = null;
        _arrived++;
        Loop.Arrivals++;
        if (IsSettleModeSecond && !transfer.Settled)
            _awaitingSender[transfer.DeliveryId] = new AwaitedSettlement(delivery);
        _deliveries.Add(delivery, Loop);
    }

    /// <summary>The sender gave a delivery up in its middle.</summary>
    public void OnAborted()
    {
        _assembling?.Return();
        _assembling = null;
        // Manual credit is counted in messages: the one that did not come is still allowed.
        if (_options.CreditWindow == 0 && _drained is null && Reason is null)
            _link!.SetCredit(_link.Credit + 1);
        RequestWork();
    }

    public void OnRemoteSettled(uint deliveryId)
    {
        if (_awaitingSender.Remove(deliveryId, out AwaitedSettlement awaited))
            awaited.OnSenderSettled();
        GoOnStopping();
    }

    /// <summary>The peer has used up or given back its credit.</summary>
    public void OnDrained()
    {
        _drained?.TrySetResult();
        _drained = null;
        if (_isSurplusDrained && _demand.Target == 0)
            ReleaseBuffered();
        _isSurplusDrained = false;
        GoOnStopping();
        TopUp();
    }

    protected override void TakeTermini(in Attach attach)
    {
        Source = attach.Source ?? new Source();
        Target = attach.Target as Target ?? new Target();
        RequestWork();
    }

    protected override void OnLost(CloseReason reason)
    {
        if (_options.CreditWindow == 0 && _drained is null && _link is not null)
            _parkedCredit += _link.Credit + (_assembling is null ? 0U : 1U); // that of a message in its middle is used already
        int unsettled = _link?.Unsettled ?? 0;
        _link = null;
        _attachment++;
        _isSurplusDrained = false;
        _askedAt = null;
        _unsettled.Reset(_attachment);
        int dropped = DropInFlight(reason);
        CountLost(unsettled - dropped);
        if (_options.CreditWindow == 0)
            _parkedCredit += (uint)dropped;
        GoOnStopping();
    }

    protected override void OnDetaching()
    {
        SendSettlements();
        ReleaseBuffered();
    }

    protected override void OnEnded(CloseReason reason)
    {
        int unsettled = _link?.Unsettled ?? 0;
        _deliveries.End(reason.Exception);
        CountLost(unsettled - DropInFlight(reason));
        LogLost(_settlements.TakeAll().Count);
        _stopped?.TrySetResult();
    }

    /// <summary>What was not handed out is lost with the link or its session, and the peer will send it again; what it has settled it will not.</summary>
    /// <returns>How many unsettled ones were dropped.</returns>
    private int DropInFlight(CloseReason reason)
    {
        _assembling?.Return();
        _assembling = null;
        List<Delivery> dropped = _deliveries.TakeUnsettled();
        foreach (Delivery delivery in dropped)
            delivery.Dispose();
        if (_drained is { } drained)
        {
            drained.TrySetException(EndedException(reason));
            _ = drained.Task.Exception;
            _drained = null;
        }

        foreach (AwaitedSettlement awaited in _awaitingSender.Values)
            awaited.OnLost(EndedException(reason));
        _awaitingSender.Clear();
        return dropped.Count;
    }

    private void RefuseTooLarge()
    {
        var error = new AmqpError(ErrorCondition.MessageSizeExceeded, "the message is larger than this side can hold");
        _link!.Detach(closed: true, error);
        Fail(new CloseReason(CloseInitiator.Transport, new LinkException(ErrorKinds.WithAdvice($"{Description} was closed by this side: {error}", error), error)));
    }

    private void Work()
    {
        Volatile.Write(ref _isWorkRequested, 0);
        Interlocked.MemoryBarrier();
        if (Reason is not null || _link is not { IsAttached: true })
            return;
        SendSettlements();
        GoOnStopping();
        if (_parkedCredit > 0 && _stopped is null)
            _link.SetCredit(_link.Credit + _parkedCredit);
        _parkedCredit = 0;
        TopUp();
    }

    private void SendSettlements()
    {
        int lost = 0;
        foreach (Settlement settlement in _settlements.TakeAll())
        {
            if (settlement.Key.Attachment == _attachment)
                _link!.Update(settlement.Key.Id, settlement.State, settlement.Settled);
            else
                lost++;
        }

        LogLost(lost);
    }

    private void LogLost(int settlements)
    {
        if (settlements > 0)
            LinkLog.SettlementsLost(Loop.Settings.Logger, Description, settlements);
    }

    /// <summary>Brings outstanding credit and buffered deliveries to what is wanted, in steps of half of it; gives a surplus back when nobody wants anything.</summary>
    private void TopUp()
    {
        if (_stopped is not null)
            return;
        long buffered = _arrived - _deliveries.Taken; // read before the demand, see DeliveryQueue.Take
        int target = WantedCredit();
        Volatile.Write(ref _lastTarget, target);
        long missing = target - buffered - _link!.Credit;
        if (target == 0)
        {
            if (_options.CreditWindow > 0)
                GiveSurplusBack(buffered);
            return;
        }

        if (Interlocked.Exchange(ref _isCreditLeftOver, false) && missing < 0)
        {
            // What is on its way already still comes: the engine holds the peer to the highest limit that it was given.
            _link.SetCredit((uint)Math.Max(target - buffered, 0), drain: false);
            return;
        }

        // Half steps save flows for a window; a single call that waits beyond the window gets its credit at once.
        if (missing <= 0 || (missing * 2 < Math.Min(target, _options.CreditWindow) && !_isSurplusDrained))
            return;
        _isSurplusDrained = false;
        Volatile.Write(ref _untoppedTakes, 0);
        _link.SetCredit((uint)(_link.Credit + missing), drain: false);
    }

    private int WantedCredit()
    {
        int target = _demand.Target;
        if (_options.MaxUnsettled is not { } limit)
            return target;
        return (int)Math.Clamp(limit - _unsettled.Value, 0, target);
    }

    private void GiveSurplusBack(long buffered)
    {
        if (_demand.Target > 0 || _isSurplusDrained)
            return;
        if (_link!.Credit > 0)
        {
            _isSurplusDrained = true;
            _link.SetCredit(_link.Credit, drain: true);
        }
        else if (buffered > 0)
        {
            ReleaseBuffered();
        }
    }

    /// <summary>Gives back what was not handed out. What the peer has settled it would not take: that is still handed out.</summary>
    private void ReleaseBuffered()
    {
        foreach (Delivery delivery in _deliveries.TakeUnsettled())
        {
            _awaitingSender.Remove(delivery.Key.Id);
            _link!.Update(delivery.Key.Id, Released.Instance, settled: true);
            _released += _stopped is null ? 0 : 1;
            delivery.Dispose();
        }
    }

    private void AddCredit(int credit)
    {
        ThrowIfEnded();
        if (_link is { IsAttached: true })
            _link.SetCredit(Sum(_link.Credit, credit));
        else
            _parkedCredit = Sum(_parkedCredit, credit);
    }

    /// <summary>More than a serial number can tell apart (2^31-1, part 2, 2.6.7) is no more credit than that.</summary>
    private static uint Sum(uint credit, int more) => (uint)Math.Min((long)credit + more, int.MaxValue);

    private Task BeginDrain()
    {
        ThrowIfEnded();
        if (_link is not { IsAttached: true })
            throw new LinkException($"{Description} is lost and will be attached again: try again.", isTransient: true);
        uint credit = Sum(_link.Credit, (int)_parkedCredit);
        _parkedCredit = 0;
        if (credit == 0)
            return Task.CompletedTask;
        _drained ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _link.SetCredit(credit, drain: true);
        return _drained.Task;
    }

    private sealed class WorkCommand(Receiver receiver) : ILoopCommand
    {
        public void Execute() => receiver.Work();

        public void Abandon(MessagingException reason)
        {
        }
    }
}
