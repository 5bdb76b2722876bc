namespace Messaging.Amqp.Engine;

/// <summary>One transfer frame of an incoming delivery (2.7.5), checked by the engine. Valid only during the event.</summary>
internal readonly ref struct IncomingTransfer
{
    /// <summary>The delivery's id on its session, on every frame.</summary>
    public uint DeliveryId { get; init; }

    /// <summary>The delivery-tag (1 to 32 octets; 0 is tolerated); on the first frame only.</summary>
    public ReadOnlySpan<byte> Tag { get; init; }

    /// <summary>The message-format; 0 unless the first frame said otherwise.</summary>
    public uint MessageFormat { get; init; }

    /// <summary>Whether this or an earlier frame of the delivery was settled by the sender.</summary>
    public bool Settled { get; init; }

    /// <summary>Whether this frame starts the delivery.</summary>
    public bool First { get; init; }

    /// <summary>Whether more frames of the delivery follow.</summary>
    public bool More { get; init; }

    /// <summary>Whether the delivery resumes an unsettled one (2.6.13).</summary>
    public bool Resume { get; init; }

    /// <summary>The sender's state, if it sent one.</summary>
    public DeliveryState? State { get; init; }

    /// <summary>The delivery's own settle mode, if the frame has one.</summary>
    public ReceiverSettleMode? ReceiverSettleMode { get; init; }
}
