using Messaging.Amqp.Framing;

namespace Messaging.Testing.Peers;

/// <summary>A session of a scripted server; it uses the client's channel numbers and handles.</summary>
internal sealed class StagedSession(ushort channel, uint nextIncomingId)
{
    private const uint Window = 10_000;

    public ushort Channel { get; } = channel;

    public uint NextIncomingId { get; set; } = nextIncomingId;

    public uint NextOutgoingId { get; set; }

    public uint NextDeliveryId { get; set; }

    public Dictionary<uint, StagedLink> Links { get; } = [];

    /// <summary>The messages sent and not settled, by delivery-id.</summary>
    public SortedDictionary<uint, (Message Message, uint Deliveries)> Unsettled { get; } = [];

    public bool HasEnded { get; set; }

    public Begin Begin => new() { RemoteChannel = Channel, NextOutgoingId = 0, IncomingWindow = Window, OutgoingWindow = Window };

    /// <summary>A flow that tells the session's state, and the link's if there is one.</summary>
    public Flow Flow(StagedLink? link = null) => new()
    {
        NextIncomingId = NextIncomingId,
        IncomingWindow = Window,
        NextOutgoingId = NextOutgoingId,
        OutgoingWindow = Window,
        Handle = link?.Handle,
        DeliveryCount = link?.DeliveryCount,
        LinkCredit = link?.Credit,
    };
}

/// <summary>A link of a scripted server.</summary>
internal sealed class StagedLink(uint handle, bool isClientSender)
{
    public uint Handle { get; } = handle;

    public bool IsClientSender { get; } = isClientSender;

    public uint DeliveryCount { get; set; }

    public uint Credit { get; set; }

    public bool HasDetached { get; set; }

    /// <summary>The delivery that is coming in.</summary>
    public uint DeliveryId { get; set; }

    public List<byte> Partial { get; } = [];
}
