using Messaging.Amqp;
using Messaging.Amqp.Framing;

namespace Messaging.Tests.Robustness;

/// <summary>Inputs that ask for too much, and links that are not as they should be.</summary>
internal sealed partial record BadInput
{
    private const string UnknownTransaction = "detach amqp:transaction:unknown-id";
    private const string NotImplemented = "detach amqp:not-implemented";

    private static IEnumerable<BadInput> Floods =>
    [
        new("10001 data sections", Stage.Sender, RawPeer.TransferFrame(0, Repeat(10_001, _ => [0, 0x53, 0x75, 0xA0, 0])), Alive),
        new("body nested 5000 lists deep", Stage.Sender, RawPeer.TransferFrame(0, [0, 0x53, 0x77, .. Nested(5000)]), Alive),
        new("2000 attaches", Stage.Session, Repeat(2000, i => RawPeer.Frame(Attach($"link-{i}", (uint)i))), Framing),
        new("1000 attaches to one handle after another", Stage.Session, Repeat(1000, i => [.. RawPeer.Frame(Attach($"link-{i}", 0)), .. RawPeer.Frame(new Detach { Handle = 0, Closed = true })]), Alive),
        new("3000 begins and ends", Stage.Open, Repeat(3000, _ => [.. RawPeer.Frame(new Begin { IncomingWindow = 1, OutgoingWindow = 1 }), .. RawPeer.Frame(new End())]), Alive),
        new("10000 flows that ask for an echo", Stage.Session, Repeat(10_000, _ => RawPeer.Frame(Flow(null) with { Echo = true })), Alive),
        new("2000 parts of one message", Stage.Sender, Repeat(2000, i => RawPeer.TransferFrame(0, [0], more: true, first: i == 0)), Alive),
    ];

    /// <summary>On a link whose name the peer has chosen.</summary>
    public static IEnumerable<BadInput> OnItsOwnLink =>
    [
        new("same link name twice", Stage.Sender, RawPeer.Frame(Attach("link", 1)), "detach amqp:link:stolen"),
        new("transfer after the detach", Stage.Sender, [.. RawPeer.Frame(new Detach { Handle = 0, Closed = true }), .. RawPeer.TransferFrame(0, Body)], "end amqp:session:unattached-handle", "end amqp:session:errant-link"),
    ];

    private static IEnumerable<BadInput> Links =>
    [
        new("open on channel 5", Stage.Amqp, RawPeer.Frame(new Open { ContainerId = "x" }, channel: 5), Alive, Framing, Illegal),
        new("handle in use", Stage.Sender, RawPeer.Frame(Attach("other", 0)), "end amqp:session:handle-in-use"),
        new("attach with an empty name", Stage.Session, RawPeer.Frame(Attach("", 0)), Alive, Invalid, "detach amqp:invalid-field"),
        new("attach to a null target", Stage.Session, RawPeer.Frame(Attach("link", 0) with { Target = null }), Alive, "detach amqp:invalid-field"),
        new("attach from a null source", Stage.Session, RawPeer.Frame(Attach("link", 0, receiver: true) with { Source = null }), Alive, "detach amqp:invalid-field"),
        new("attach to a coordinator, and garbage for a declare", Stage.Session, [.. RawPeer.Frame(Attach("link", 0) with { Target = new Coordinator() }), .. RawPeer.TransferFrame(0, [0xFF])], NotImplemented),
        new("transfer in an unknown transaction", Stage.Sender, TransactionalTransfer(settled: false), UnknownTransaction),
        new("settled transfer in an unknown transaction", Stage.Sender, TransactionalTransfer(settled: true), UnknownTransaction),
        new("settled only in the last frame", Stage.Sender, [.. RawPeer.TransferFrame(0, Body[..2], more: true), .. RawPeer.TransferFrame(0, Body[2..], settled: true, first: false)], Alive),
        new("settled only in the first frame", Stage.Sender, [.. RawPeer.TransferFrame(0, Body[..2], more: true, settled: true), .. RawPeer.TransferFrame(0, Body[2..], first: false)], Alive),
    ];

    private static byte[] TransactionalTransfer(bool settled)
    {
        using var writer = new AmqpWriter();
        var transfer = new Transfer
        {
            Handle = 0,
            DeliveryId = 0,
            DeliveryTag = [1],
            HasDeliveryTag = true,
            Settled = settled,
            State = new TransactionalState(new byte[] { 1, 2, 3, 4 }),
        };
        FrameWriter.WriteTransfer(writer, 0, in transfer, Body);
        return writer.WrittenSpan.ToArray();
    }
}
