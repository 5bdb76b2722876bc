using System.Buffers.Binary;

namespace Messaging.Amqp.Engine;

/// <summary>
/// One message on its way out. The owner derives from it and reuses it; the engine keeps its own state in it, so that a delivery costs no allocation:
/// the links of the sending link's queue, how far it is written, and its id.
/// </summary>
internal abstract class OutgoingDelivery
{
    /// <summary>What is still to be done with a delivery.</summary>
    internal enum Stage : byte
    {
        /// <summary>Unknown to the engine.</summary>
        Idle,

        /// <summary>In the queue, no frame written.</summary>
        Queued,

        /// <summary>At the head of the queue, some frames written.</summary>
        Sending,

        /// <summary>Completely written, waiting to be settled.</summary>
        Unsettled,
    }

    /// <summary>The encoded message. Must not change until <see cref="IEngineEvents.OnSent"/>, or until the engine has forgotten the delivery.</summary>
    public ReadOnlyMemory<byte> Payload { get; set; }

    public uint MessageFormat { get; set; }

    /// <summary>Sent settled: the peer never answers.</summary>
    public bool Settled { get; set; }

    /// <summary>Resumes a delivery that both ends know (2.6.13); needs its tag in <see cref="CustomTag"/>.</summary>
    public bool Resume { get; set; }

    /// <summary>The state to send with the first frame (a transactional state, mostly).</summary>
    public DeliveryState? State { get; set; }

    /// <summary>The delivery-tag, 1 to 32 octets; <see langword="null"/>: the link numbers its deliveries, see <see cref="WriteTag"/>.</summary>
    public byte[]? CustomTag { get; set; }

    /// <summary>The number behind the default tag, once the first frame is written.</summary>
    public ulong TagNumber { get; internal set; }

    /// <summary>The id on the session, once the first frame is written.</summary>
    public uint DeliveryId { get; internal set; }

    /// <summary>The link, from <see cref="SendingLink.Enqueue"/> until the engine has forgotten the delivery.</summary>
    public SendingLink? Link { get; internal set; }

    internal OutgoingDelivery? Previous { get; set; }

    internal OutgoingDelivery? Next { get; set; }

    internal int Offset { get; set; }

    internal Stage Progress { get; set; }

    /// <summary>Writes the delivery-tag and returns its length: the custom tag, or the link's number, big-endian, in 4 bytes (8 beyond 2^32).</summary>
    /// <param name="destination">At least 32 bytes.</param>
    public int WriteTag(Span<byte> destination)
    {
        if (CustomTag is { } tag)
        {
            tag.CopyTo(destination);
            return tag.Length;
        }

        if (TagNumber <= uint.MaxValue)
        {
            BinaryPrimitives.WriteUInt32BigEndian(destination, (uint)TagNumber);
            return 4;
        }

        BinaryPrimitives.WriteUInt64BigEndian(destination, TagNumber);
        return 8;
    }
}
