using Messaging.Amqp.Framing;

namespace Messaging.Amqp.Engine;

/// <summary>Our end of a link on which we receive: credit, drain and the delivery that is under way (AMQP 1.0 part 2, 2.6.7, 2.7.5).</summary>
internal sealed partial class ReceivingLink : Link
{
    private ReceiverCredit _credit;
    private bool _draining;
    private bool _isAnswerDue; // the last drain was over when its credit was used up, its answer is still to come

    internal ReceivingLink(Session session, string name)
        : base(session, name)
    {
    }

    /// <summary>How many deliveries the sender may still start.</summary>
    public uint Credit => _credit.Outstanding;

    /// <summary>How many deliveries the sender said it has waiting; 0 when it said nothing.</summary>
    public uint Available { get; private set; }

    /// <summary>The largest message that we take, in bytes, as our attach says; 0: no limit.</summary>
    public ulong MaxMessageSize => LocalAttach.MaxMessageSize ?? 0;

    internal override bool IsSender => false;

    /// <summary>Lets the sender start <paramref name="credit"/> deliveries from here on (not that many more), and says so with one flow. Possible as soon as our attach is out. Ignored on a link that is gone.</summary>
    /// <param name="credit">At most 2^31-1, more is cut.</param>
    /// <param name="drain">The sender is to use the credit now or give it back; <see cref="IEngineEvents.OnDrained"/> comes then. <see langword="null"/> leaves a drain that is not answered as it is, <see langword="false"/> ends it.</param>
    /// <param name="echo">The sender is to answer with its state.</param>
    public void SetCredit(uint credit, bool? drain = null, bool echo = false)
    {
        if (!IsLive)
        {
            return;
        }

        credit = _credit.Grant(credit);
        _draining = drain ?? _draining;
        Session.FlushDispositions(); // what is settled before must not reach the sender after the credit: it decides what there is to send
        WriteFlow(credit, _draining, echo);
    }

    /// <summary>The sender's flows for this link, since the beginning: the answers to echoes among them.</summary>
    public long FlowsSeen { get; private set; }

    /// <summary>Updates or settles a delivery; written merged with its neighbours. Ignored for a delivery that either end has settled.</summary>
    public void Update(uint deliveryId, DeliveryState? state, bool settled)
    {
        if (!Session.Incoming.TryGet(deliveryId, out ReceivingLink? link) || !ReferenceEquals(link, this))
        {
            return;
        }

        if (settled)
        {
            Session.Incoming.Remove(deliveryId);
            Unsettled--;
        }

        Session.UpdateReceived(deliveryId, state, settled);
    }

    internal override void OnFlow(in Flow flow)
    {
        if (!IsLive)
        {
            return;
        }

        FlowsSeen++;
        Available = flow.Available ?? Available;
        uint count = flow.DeliveryCount ?? _credit.DeliveryCount;
        if (flow.Drain && flow.LinkCredit == 0)
        {
            if (_draining && !_isAnswerDue && count == _credit.DeliveryCount)
            {
                _credit.Clear(); // gives the credit back without advancing the count (2.6.7 asks for both)
            }

            _isAnswerDue = false;
        }

        _credit.Advance(count);

        CheckDrained(isAnswer: true);
        if (flow.Echo && IsLive)
        {
            WriteFlow(Credit, _draining, echo: false);
        }
    }

    private protected override void OnAttachWritten()
    {
        if (IsRemoteInitiated)
        {
            _credit.Initialize(RemoteAttach.InitialDeliveryCount ?? 0);
        }
    }

    private protected override void OnAttachSeen()
    {
        if (!IsRemoteInitiated)
        {
            _credit.Initialize(RemoteAttach.InitialDeliveryCount ?? 0);
        }
    }

    internal override void ReleaseDeliveries() => ReleasePartial();

    /// <summary>The credit of a drain is gone, and no delivery is in its middle: only then is the drain over for the owner.</summary>
    private void CheckDrained(bool isAnswer = false)
    {
        if (_draining && Credit == 0 && !_current.IsUnderWay)
        {
            _draining = false;
            _isAnswerDue = !isAnswer;
            Connection.Events.OnDrained(this);
        }
    }

    private void WriteFlow(uint credit, bool drain, bool echo) => Session.WriteFlow(new Flow
    {
        Handle = LocalHandle,
        DeliveryCount = _credit.IsKnown ? _credit.DeliveryCount : null, // 2.7.4: not before the sender's attach
        LinkCredit = credit,
        Drain = drain,
        Echo = echo,
    });
}
