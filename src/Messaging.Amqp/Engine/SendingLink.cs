using Messaging.Amqp.Framing;

namespace Messaging.Amqp.Engine;

/// <summary>Our end of a link on which we send: the queue, the credit, drain (AMQP 1.0 part 2, 2.6.7).</summary>
internal sealed partial class SendingLink : Link
{
    private SenderCredit _credit;
    private bool _isReady; // in the engine's round
    private bool _isBlocked; // waiting for the session's window
    private bool _isDrainQueued;
    private bool _isDrainWanted; // the owner has answered, its deliveries go first
    private Flow? _earlyFlow; // sent right behind the peer's attach, before our answer

    internal SendingLink(Session session, string name)
        : base(session, name)
    {
    }

    /// <summary>How many deliveries the receiver still takes; those queued are not counted.</summary>
    public uint Credit => _credit.Available;

    /// <summary>The receiver asked for a drain that is not answered yet.</summary>
    public bool Drain { get; private set; }

    /// <summary>
    /// Who answers a drain. <see langword="false"/>: the engine, in <see cref="ConnectionEngine.PumpSends"/>, when nothing is queued. <see langword="true"/>: the owner
    /// with <see cref="Drained"/>, since it may have deliveries that are not queued yet.
    /// </summary>
    public bool ManualDrain { get; set; }

    /// <summary>Deliveries enqueued and not completely written.</summary>
    public int Queued { get; private set; }

    /// <summary>The number behind the next default delivery-tag. An owner that resumes sets it beyond the tags that are still unsettled.</summary>
    public ulong NextTag { get; set; }

    internal override bool IsSender => true;

    /// <summary>Nothing more goes out on the credit that there is, and nobody else is to say when that is told.</summary>
    private bool IsAnswerDue => (Queued == 0 || Credit == 0) && (!ManualDrain || _isDrainWanted);

    /// <summary>Answers a drain: what is left of the credit is given back and the receiver told so. Does nothing when none was asked for.</summary>
    /// <returns>Whether the drain is over; <see langword="false"/>: what is queued and has credit is written first, then <see cref="IEngineEvents.OnFlow"/> tells, unless another flow of the receiver comes before that.</returns>
    public bool Drained()
    {
        if (!Drain || !IsLive)
        {
            return true;
        }

        if (Queued > 0 && Credit > 0)
        {
            _isDrainWanted = true;
            return false;
        }

        Drain = false;
        _isDrainWanted = false;
        _credit.Drain();
        Session.WriteFlow(LinkFlow(drain: true));
        return true;
    }

    internal override void OnFlow(in Flow flow)
    {
        if (!IsLive)
        {
            Flow early = flow;
            early.Properties = null; // as large as a frame, and kept for as long as nobody has decided about the link
            _earlyFlow = IsRequested ? early : null; // else it crossed our detach
            return;
        }

        if (flow.LinkCredit is { } credit)
        {
            _credit.OnFlow(flow.DeliveryCount, credit);
            Drain = flow.Drain;
            _isDrainWanted = false; // an answer that is not written is one to an earlier drain
        }

        if (flow.Echo && !flow.Drain)
        {
            Session.WriteFlow(LinkFlow(drain: false)); // the answer to a drain is an answer to the echo too
        }

        MakeReady();
        QueueDrainAnswer();
        Connection.Events.OnFlow(this);
    }

    internal void AnswerDrain()
    {
        _isDrainQueued = false;
        if (Drain && IsAnswerDue)
        {
            Drained();
            Connection.Events.OnFlow(this);
        }
    }

    internal void OnDequeued() => _isReady = false;

    internal void Unblock()
    {
        _isBlocked = false;
        MakeReady();
    }

    private protected override void OnAttachWritten()
    {
        _credit = new SenderCredit(LocalAttach.InitialDeliveryCount ?? 0);
        if (_earlyFlow is { } flow)
        {
            _earlyFlow = null;
            flow.DeliveryCount = null; // the receiver could not know where ours starts (2.7.4)
            OnFlow(in flow);
        }
    }

    private protected override void OnAttachSeen()
    {
    }

    internal override void ReleaseDeliveries() => ForgetQueue();

    private Flow LinkFlow(bool drain) => new()
    {
        Handle = LocalHandle,
        DeliveryCount = _credit.DeliveryCount,
        LinkCredit = _credit.Available,
        Available = (uint)Queued,
        Drain = drain,
    };

    /// <summary>Puts the link into the engine's round when it has a frame to write.</summary>
    private void MakeReady()
    {
        if (!_isReady && !_isBlocked && HasFrame && IsLive)
        {
            _isReady = true;
            Connection.AddReady(this);
        }
    }

    private void QueueDrainAnswer()
    {
        if (Drain && IsAnswerDue && !_isDrainQueued)
        {
            _isDrainQueued = true;
            Connection.AddDrain(this);
        }
    }
}
