using System.Runtime.InteropServices;
using Messaging.Amqp.Framing;

namespace Messaging.Amqp.Engine;

/// <content>Handles and names (AMQP 1.0 part 2, 2.6.1 to 2.6.6). A link keeps both handles until both detaches were seen.</content>
internal sealed partial class Session
{
    private const uint MaxHandleMax = ushort.MaxValue; // the tables grow with the highest handle in use

    private static readonly AmqpError ForeignTerminus = new(ErrorCondition.NotImplemented, "The source or target is of a type that is not known here.");

    private readonly uint _handleMax;
    private readonly SlotTable<Link> _localHandles = new();
    private readonly SlotTable<Link> _remoteHandles = new();
    private readonly Dictionary<LinkKey, Link> _awaiting = []; // our attach is out, the peer's is due; links of one name are chained in order
    private uint _remoteHandleMax = uint.MaxValue;
    private uint _remoteLinks; // attached by the peer, for the connection's limit

    /// <summary>Attaches a sending link; name, termini, modes and so on from <paramref name="attach"/>, handle and role from the engine.</summary>
    /// <exception cref="InvalidOperationException">The session has ended, or the peer's handle-max is reached.</exception>
    /// <exception cref="EngineException">The attach is larger than a frame of the peer; nothing was written.</exception>
    public SendingLink AttachSender(in Attach attach, object? owner)
    {
        SendingLink link = new(this, attach.Name) { Owner = owner };
        AttachLocal(link, in attach);
        return link;
    }

    /// <summary>Attaches a receiving link; see <see cref="AttachSender"/>.</summary>
    /// <exception cref="InvalidOperationException">The session has ended, or the peer's handle-max is reached.</exception>
    /// <exception cref="EngineException">The attach is larger than a frame of the peer; nothing was written.</exception>
    public ReceivingLink AttachReceiver(in Attach attach, object? owner)
    {
        ReceivingLink link = new(this, attach.Name) { Owner = owner };
        AttachLocal(link, in attach);
        return link;
    }

    /// <summary>The peer's attach.</summary>
    /// <param name="attach">With <paramref name="isForeign"/>, no more than its name, handle and role.</param>
    /// <param name="size">Its bytes.</param>
    /// <param name="isForeign">It has a terminus of a type that is not known here.</param>
    internal void OnAttach(in Attach attach, int size, bool isForeign = false)
    {
        if (attach.Handle > _handleMax)
        {
            Connection.Fail(EngineErrors.Framing($"Handle {attach.Handle} is above the handle-max of {_handleMax}.")); // 2.7.2
            return;
        }

        if (_remoteHandles[attach.Handle] is not null)
        {
            Fail(new AmqpError(ErrorCondition.HandleInUse, $"Handle {attach.Handle} is attached already."));
            return;
        }

        LinkKey key = new(attach.Name, IsSender: attach.Role);
        if (TakeAwaiting(key) is { } link)
        {
            Map(link, key, in attach);
            if (isForeign)
            {
                link.Fail(ForeignTerminus);
            }
            else
            {
                link.OnAnswered();
            }
        }
        else
        {
            OnRequest(key, in attach, size, isForeign);
        }
    }

    internal void OnDetach(in Detach detach)
    {
        if (_remoteHandles[detach.Handle] is { } link)
        {
            link.OnDetach(in detach);
        }
        else
        {
            Fail(EngineErrors.UnattachedHandle("Detach", detach.Handle));
        }
    }

    internal bool TryAllocateHandle(Link link, out uint handle) => _localHandles.TryAllocate(_remoteHandleMax, link, out handle);

    internal void ReleaseLocalHandle(Link link) => _localHandles.Clear(link.LocalHandle);

    /// <summary>Our detach is out: the name is free for another link.</summary>
    internal void ReleaseName(Link link)
    {
        LinkKey key = new(link.Name, link.IsSender);
        if (Connection.NamedLinks.TryGetValue(key, out Link? holder) && ReferenceEquals(holder, link))
        {
            Connection.NamedLinks.Remove(key);
        }
    }

    internal void ReleaseRemoteHandle(Link link)
    {
        _remoteHandles.Clear(link.RemoteAttach.Handle);
        link.CountAttach(0);
        if (link.IsRemoteInitiated)
        {
            _remoteLinks--;
            Connection.RemoteLinks--;
        }
    }

    /// <summary>The session or its connection is over: its links count no longer, its deliveries are forgotten and may be used again elsewhere.</summary>
    internal void ReleaseLinks()
    {
        Connection.RemoteLinks -= _remoteLinks;
        _remoteLinks = 0;
        foreach (Link? link in _remoteHandles.Slots)
        {
            if (link is not null)
            {
                ReleaseName(link);
                link.CountAttach(0);
            }
        }

        _awaiting.Clear();
        _earlyLinks = null;
        foreach (Link? link in _localHandles.Slots)
        {
            if (link is not null)
            {
                link.Unsettled = 0;
                link.ReleaseDeliveries();
            }
        }

        ReleaseDeliveries();
        _remoteHandles.ClearAll(); // the peer may leave its end out for ever: what it attached must not stay for it
        _localHandles.ClearAll();
    }

    private void AttachLocal(Link link, in Attach attach)
    {
        if (!IsLive)
        {
            throw new InvalidOperationException("A link can be attached only to a session that is begun.");
        }

        link.WriteAttach(in attach);
        ref Link? first = ref CollectionsMarshal.GetValueRefOrAddDefault(_awaiting, new LinkKey(link.Name, link.IsSender), out _);
        if (first is null)
        {
            first = link;
            return;
        }

        Link last = first;
        while (last.NextAwaiting is { } next)
        {
            last = next;
        }

        last.NextAwaiting = link;
    }

    /// <summary>The peer answers attaches of one name in their order, so the oldest is the one (it may be detached by us already).</summary>
    private Link? TakeAwaiting(LinkKey key)
    {
        if (!_awaiting.Remove(key, out Link? link))
        {
            return null;
        }

        if (link.NextAwaiting is { } next)
        {
            _awaiting.Add(key, next);
            link.NextAwaiting = null;
        }

        return link;
    }

    private void OnRequest(LinkKey key, in Attach attach, int size, bool isForeign)
    {
        if (Connection.NamedLinks.TryGetValue(key, out Link? old))
        {
            old.Session.GiveUp(old);
        }

        Link link = key.IsSender ? new SendingLink(this, attach.Name) : new ReceivingLink(this, attach.Name);
        link.IsRemoteInitiated = true;
        _remoteLinks++;
        Connection.RemoteLinks++;
        if (Connection.RemoteLinks > 2UL * Connection.Settings.MaxLinks)
        {
            // Those beyond the limit were refused, and the peer goes on without detaching them.
            Connection.Fail(new AmqpError(ErrorCondition.ResourceLimitExceeded, $"The connection has twice as many links as its limit of {Connection.Settings.MaxLinks}."));
            return;
        }

        link.CountAttach(size);
        link.Refusal = isForeign ? ForeignTerminus : CheckLimit();
        Map(link, key, in attach);
        if (_beginSent)
        {
            Offer(link);
        }
        else
        {
            (_earlyLinks ??= []).Add(link);
        }
    }

    /// <summary>2.6.1: the second attach of a name succeeds and the first link is closed.</summary>
    private void GiveUp(Link link)
    {
        AmqpError error = new(ErrorCondition.Stolen, "The link was attached again under the same name.");
        if (_beginSent)
        {
            link.Fail(error);
        }
        else
        {
            link.Refusal = error; // its session is not accepted yet
        }
    }

    private void Offer(Link link)
    {
        if (link.Refusal is { } error)
        {
            link.Refuse(error);
        }
        else
        {
            Connection.Events.OnLinkRequested(link, in link.RemoteAttach);
        }
    }

    private AmqpError? CheckLimit()
    {
        EngineSettings settings = Connection.Settings;
        if (Connection.RemoteLinks > settings.MaxLinks)
        {
            return new AmqpError(ErrorCondition.ResourceLimitExceeded, $"The connection has {settings.MaxLinks} links, which is the limit.");
        }

        return Connection.AttachBytes > settings.MaxAttachBytes
            ? new AmqpError(ErrorCondition.ResourceLimitExceeded, $"The attaches of the connection's links have more than {settings.MaxAttachBytes} bytes, which is the limit.")
            : null;
    }

    private void Map(Link link, LinkKey key, in Attach attach)
    {
        _remoteHandles.Set(attach.Handle, link);
        if (link.IsDetachSent)
        {
            link.OnRemoteAttach(in attach);
            return;
        }

        Connection.NamedLinks[key] = link;
        link.OnRemoteAttach(in attach);
    }
}
