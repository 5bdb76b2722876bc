using Messaging.Amqp.Framing;

namespace Messaging.Amqp.Engine;

/// <summary>One link endpoint (AMQP 1.0 part 2, 2.6). A link lives from the first attach to the second detach; attaching again makes another one.</summary>
internal abstract partial class Link
{
    private Attach _localAttach;
    private Attach _remoteAttach;
    private int _attachSize;
    private bool _attachSent;
    private bool _attachSeen;
    private bool _detachSeen;
    private bool _detachRaised;

    private protected Link(Session session, string name)
    {
        Session = session;
        Name = name;
    }

    /// <summary>The owner's own object for this link.</summary>
    public object? Owner { get; set; }

    public Session Session { get; }

    public string Name { get; private set; }

    /// <summary>Both attaches seen and no detach, on a session that lives.</summary>
    public bool IsAttached => _attachSeen && IsLive;

    /// <summary>The peer's attach has no terminus of its own: a detach with the reason follows (2.6.3).</summary>
    public bool IsRefused { get; private set; }

    /// <summary>We have closed it because of a violation by the peer: the error of <see cref="IEngineEvents.OnDetached"/> is ours.</summary>
    public bool IsFailed { get; private set; }

    /// <summary>The largest message that the peer takes, in bytes; 0: no limit.</summary>
    public ulong RemoteMaxMessageSize => _remoteAttach.MaxMessageSize ?? 0;

    /// <summary>Our attach, as sent.</summary>
    public ref readonly Attach LocalAttach => ref _localAttach;

    /// <summary>The peer's attach: its termini, modes, capabilities and properties.</summary>
    public ref readonly Attach RemoteAttach => ref _remoteAttach;

    internal abstract bool IsSender { get; }

    internal uint LocalHandle => _localAttach.Handle;

    internal bool IsRemoteInitiated { get; set; }

    /// <summary>Why a link that the peer attached is refused without asking the owner.</summary>
    internal AmqpError? Refusal { get; set; }

    internal bool IsDetachSent { get; private set; }

    /// <summary>The peer has attached and neither we nor it have done anything since.</summary>
    internal bool IsRequested => _attachSeen && !_attachSent && !IsDetachSent && !_detachSeen;

    /// <summary>Deliveries of this link in the session's map.</summary>
    internal int Unsettled { get; set; }

    /// <summary>The next of our links of the same name that waits for the peer's attach.</summary>
    internal Link? NextAwaiting { get; set; }

    /// <summary>Frames may be written: our attach is out, no detach was seen or sent, the session lives.</summary>
    private protected bool IsLive => _attachSent && !IsDetachSent && !_detachSeen && Session.IsLive;

    private protected ConnectionEngine Connection => Session.Connection;

    internal abstract void OnFlow(in Flow flow);

    /// <summary>The link is over: what was queued belongs to the owner again.</summary>
    internal abstract void ReleaseDeliveries();

    private protected abstract void OnAttachWritten();

    private protected abstract void OnAttachSeen();
}
