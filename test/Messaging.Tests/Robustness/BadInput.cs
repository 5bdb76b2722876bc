using System.Buffers.Binary;
using System.Text;
using Messaging.Amqp;
using Messaging.Amqp.Framing;
using Messaging.Tests.Support;

namespace Messaging.Tests.Robustness;

/// <summary>How far a peer has come before it sends something bad.</summary>
public enum Stage
{
    Tcp,
    Sasl,
    Amqp,
    Open,
    Session,
    Sender,
    Receiver,
}

/// <summary>One bad input: when it is sent, the bytes, and the reactions that are right ("alive", "eof", "close x", "end x", "detach x").</summary>
internal sealed partial record BadInput(string Name, Stage Stage, byte[] Bytes, params string[] Reactions)
{
    private const string Framing = "close amqp:connection:framing-error";
    private const string Decode = "close amqp:decode-error";
    private const string Invalid = "close amqp:invalid-field";
    private const string Illegal = "close amqp:illegal-state";
    private const string Alive = "alive";
    private const string Eof = "eof";

    public static IEnumerable<BadInput> BeforeOpen =>
    [
        new("garbage", Stage.Tcp, "GET / HTTP/1.1\r\n\r\n"u8.ToArray(), "header"),
        new("AMQP 0-9-1", Stage.Tcp, "AMQP\x00\x00\x09\x01"u8.ToArray(), "header"),
        new("AMQP 1.1.0", Stage.Tcp, "AMQP\x00\x01\x01\x00"u8.ToArray(), "header"),
        new("TLS header", Stage.Tcp, FrameWriter.TlsHeader.ToArray(), "header"),
        new("TLS ClientHello", Stage.Tcp, Convert.FromHexString("16030100A5010000A10303"), "header"),
        new("mechanism not offered", Stage.Sasl, RawPeer.Frame(new SaslInit { Mechanism = "GSSAPI" }, type: 1), "outcome 1"),
        new("PLAIN not offered", Stage.Sasl, RawPeer.Frame(new SaslInit { Mechanism = "PLAIN", InitialResponse = "\0a\0b"u8.ToArray() }, type: 1), "outcome 1"),
        new("open in a SASL frame", Stage.Sasl, RawPeer.Frame(new Open { ContainerId = "x" }, type: 1), "outcome 1", Eof),
        new("AMQP header instead of init", Stage.Sasl, FrameWriter.AmqpHeader.ToArray(), Eof),
        new("SASL frame of 2^32-1 bytes", Stage.Sasl, [0xFF, 0xFF, 0xFF, 0xFF, 2, 1, 0, 0], Eof),
        new("response before init", Stage.Sasl, RawPeer.Frame(new SaslResponse { Response = [1] }, type: 1), "outcome 1", Eof),
        new("init whose mechanism is an array of 2^31 nulls", Stage.Sasl, RawPeer.Frame([0, 0x53, 0x41, 0xC0, 11, 1, .. Nulls], type: 1), Eof),
        new("init without a mechanism", Stage.Sasl, RawPeer.Frame([0, 0x53, 0x41, 0x45], type: 1), "outcome 1", Eof),
        new("init whose mechanism is null", Stage.Sasl, RawPeer.Frame([0, 0x53, 0x41, 0xC0, 2, 1, 0x40], type: 1), "outcome 1", Eof),
        new("init whose mechanism is a string", Stage.Sasl, RawPeer.Frame([0, 0x53, 0x41, 0xC0, 12, 1, 0xA1, 9, .. "ANONYMOUS"u8], type: 1), "outcome 1", Eof),
        new("init of 9 KiB", Stage.Sasl, RawPeer.Frame(new SaslInit { Mechanism = "ANONYMOUS", InitialResponse = new byte[9000] }, type: 1), Eof),
        new("open of 9 KiB", Stage.Amqp, RawPeer.Frame(new Open { ContainerId = new string('x', 9000) }), Framing),
        new("init whose response is a string", Stage.Sasl, RawPeer.Frame([0, 0x53, 0x41, 0xC0, 16, 2, 0xA3, 9, .. "ANONYMOUS"u8, 0xA1, 1, 0x58], type: 1), Eof),
        new("empty SASL frame", Stage.Sasl, [0, 0, 0, 8, 2, 1, 0, 0], "outcome 1", Eof),
    ];

    public static IEnumerable<BadInput> FromHeaderOn =>
    [
        new("frame size 0", Stage.Amqp, [0, 0, 0, 0, 2, 0, 0, 0], Framing),
        new("frame size 7", Stage.Amqp, [0, 0, 0, 7, 2, 0, 0, 0], Framing),
        new("doff 1", Stage.Amqp, [0, 0, 0, 8, 1, 0, 0, 0], Framing),
        new("doff beyond the frame", Stage.Amqp, [0, 0, 0, 8, 200, 0, 0, 0], Framing),
        new("frame type 2", Stage.Amqp, [0, 0, 0, 8, 2, 2, 0, 0], Framing),
        new("SASL frame after SASL", Stage.Amqp, RawPeer.Frame(new SaslInit { Mechanism = "ANONYMOUS" }, type: 1), Framing),
        new("begin before open", Stage.Amqp, RawPeer.Frame(new Begin { IncomingWindow = 1, OutgoingWindow = 1 }), Illegal, "close amqp:not-allowed"),
        new("open without container-id", Stage.Amqp, RawPeer.Frame([0, 0x53, 0x10, 0x45]), Invalid, Decode),
        new("open with 11 fields", Stage.Amqp, RawPeer.Frame(OpenBody([0x40, 0x40])), Alive, Decode),
        new("max-frame-size 100", Stage.Amqp, RawPeer.Frame(new Open { ContainerId = "x", MaxFrameSize = 100 }), Alive, Invalid),
        new("hostname of 1 MiB", Stage.Amqp, RawPeer.Frame(new Open { ContainerId = "x", Hostname = new string('h', 1 << 20) }), Framing),
        new("body that is not described", Stage.Amqp, RawPeer.Frame([0x40]), Decode),
        new("symbolic descriptor", Stage.Amqp, RawPeer.Frame([0, 0xA3, 14, .. "amqp:open:list"u8, 0xC0, 4, 1, 0xA1, 1, (byte)'x']), Alive),
        new("list count beyond its content", Stage.Amqp, RawPeer.Frame([0, 0x53, 0x10, 0xC0, 4, 9, 0xA1, 1, (byte)'x']), Decode),
        new("list32 of 2^31", Stage.Amqp, RawPeer.Frame([0, 0x53, 0x10, 0xD0, 0, 0, 0, 4, 0x80, 0, 0, 0]), Decode),
        new("map32 of 2^31", Stage.Amqp, RawPeer.Frame(OpenBody([0xD1, 0, 0, 0, 4, 0x80, 0, 0, 0])), Decode),
        new("array32 of 2^31 nulls", Stage.Amqp, RawPeer.Frame(OpenBody(MapOf(Nulls))), Decode),
        new("array32 count beyond its content", Stage.Amqp, RawPeer.Frame(OpenBody(MapOf([0xF0, 0, 0, 0, 6, 0, 0, 0, 16, 0x50, 1]))), Decode),
        new("800 nested lists", Stage.Amqp, RawPeer.Frame(OpenBody(MapOf(Nested(800)))), Decode),
        new("str32 of 2^32-1", Stage.Amqp, RawPeer.Frame(OpenBody(MapOf([0xB1, 0xFF, 0xFF, 0xFF, 0xFF]))), Decode),
        new("bin32 of 2^31-1", Stage.Amqp, RawPeer.Frame(OpenBody(MapOf([0xB0, 0x7F, 0xFF, 0xFF, 0xFF]))), Decode),
        new("symbol that is not ASCII", Stage.Amqp, RawPeer.Frame(OpenBody(MapOf([0xA3, 1, 0xE9]))), Decode, Alive),
        new("string that is not UTF-8", Stage.Amqp, RawPeer.Frame(OpenBody(MapOf([0xA1, 2, 0xC3, 0x28]))), Decode, Alive),
        new("char above U+10FFFF", Stage.Amqp, RawPeer.Frame(OpenBody(MapOf([0x73, 0, 0x11, 0, 0]))), Decode, Alive),
        new("boolean of 7", Stage.Amqp, RawPeer.Frame(OpenBody(MapOf([0x56, 7]))), Decode, Alive),
        new("duplicate keys", Stage.Amqp, RawPeer.Frame(OpenBody([0xC1, 9, 4, 0xA3, 1, 97, 0x40, 0xA3, 1, 97, 0x40])), Decode, Alive),
        new("frame of 2 MiB", Stage.Open, [0, 0x20, 0, 0, 2, 0, 0, 0], Framing),
        new("empty frame on channel 7", Stage.Open, [0, 0, 0, 8, 2, 0, 0, 7], Alive),
        new("second open", Stage.Open, RawPeer.Frame(new Open { ContainerId = "x" }), Illegal),
        new("begin on channel 65535", Stage.Open, RawPeer.Frame(new Begin { IncomingWindow = 1, OutgoingWindow = 1 }, channel: 65535), Framing),
        new("transfer without a session", Stage.Open, RawPeer.TransferFrame(0, [1]), Illegal),
        new("unknown performative", Stage.Open, RawPeer.Frame([0, 0x53, 0x50, 0x45]), Decode),
        new("close, then more", Stage.Open, [.. RawPeer.Frame(new Close()), .. RawPeer.Frame(new Open { ContainerId = "x" })], "close"),
        new("10000 begins", Stage.Open, Repeat(10_000, i => RawPeer.Frame(new Begin { IncomingWindow = 1, OutgoingWindow = 1 }, (ushort)i)), Framing),
        new("begin twice", Stage.Session, RawPeer.Frame(new Begin { IncomingWindow = 1, OutgoingWindow = 1 }), Illegal),
        new("transfer after end", Stage.Session, [.. RawPeer.Frame(new End()), .. RawPeer.TransferFrame(0, [1])], Illegal, Alive),
        new("flow far ahead", Stage.Session, RawPeer.Frame(Flow(null, nextIncomingId: 4_000_000_000)), Alive, "end amqp:session:window-violation"),
        new("flow on an unattached handle", Stage.Session, RawPeer.Frame(Flow(77)), "end amqp:session:unattached-handle"),
        new("transfer on an unattached handle", Stage.Session, RawPeer.TransferFrame(0, [1], handle: 77), "end amqp:session:unattached-handle"),
        new("detach of an unattached handle", Stage.Session, RawPeer.Frame(new Detach { Handle = 77 }), "end amqp:session:unattached-handle"),
        new("handle above handle-max", Stage.Session, RawPeer.Frame(Attach("x", 60_000)), Framing),
        new("attach with an unknown source", Stage.Session, RawPeer.Frame(AttachWithSource([0, 0x80, 0, 0, 0, 1, 0, 0, 0, 9, 0x45])), Decode, "detach amqp:not-implemented"),
        new("disposition of 2^32-1 unknown ids", Stage.Session, RawPeer.Frame(new Disposition { Role = true, First = 0, Last = uint.MaxValue - 1, Settled = true, State = Accepted.Instance }), Alive),
        new("disposition backwards", Stage.Session, RawPeer.Frame(new Disposition { Role = true, First = 9, Last = 3, Settled = true, State = Accepted.Instance }), Alive, Invalid),
        new("1000 dispositions of 2^31 ids", Stage.Session, Repeat(1000, _ => RawPeer.Frame(new Disposition { Role = false, First = 0, Last = int.MaxValue, Settled = true })), Alive),
        new("transfer without a tag", Stage.Sender, RawPeer.TransferFrame(0, [1], first: false), "detach amqp:invalid-field"),
        new("tag of 33 bytes", Stage.Sender, RawPeer.Frame([0, 0x53, 0x14, 0xC0, 38, 3, 0x43, 0x43, 0xA0, 33, .. new byte[33], .. Body]), "detach amqp:invalid-field", Invalid, Decode),
        new("continuation with another tag", Stage.Sender, [.. RawPeer.TransferFrame(0, [1], more: true, tag: [1]), .. RawPeer.TransferFrame(0, [1], tag: [2])], "detach amqp:invalid-field"),
        new("delivery-id jumps", Stage.Sender, [.. RawPeer.TransferFrame(0, Body), .. RawPeer.TransferFrame(1_000_000, Body)], Alive),
        new("payload that is no section", Stage.Sender, RawPeer.TransferFrame(0, [0xFF, 0xFF, 0xFF]), Alive),
        new("empty payload", Stage.Sender, RawPeer.TransferFrame(0, []), Alive),
        new("20000 transfers on 10 credits", Stage.Sender, Repeat(20_000, i => RawPeer.TransferFrame((uint)i, Body)), "detach amqp:link:transfer-limit-exceeded"),
        new("transfer on our sender", Stage.Receiver, RawPeer.TransferFrame(0, Body), "end amqp:not-allowed"),
        new("credit of 2^32-1", Stage.Receiver, RawPeer.Frame(Flow(0, credit: uint.MaxValue)), Alive),
        new("delivery-count ahead", Stage.Receiver, RawPeer.Frame(Flow(0, credit: 5, deliveryCount: 3_000_000_000)), Alive),
        .. Floods,
        .. Links,
    ];

    private static byte[] Body { get; } = RawPeer.Encode(new Message("x"));

    private static byte[] Nulls => [0xF0, 0, 0, 0, 5, 0x80, 0, 0, 0, 0x40];

    public static Attach Attach(string name, uint handle, bool receiver = false) => new()
    {
        Name = name,
        Handle = handle,
        Role = receiver,
        Source = new Source { Address = "q" },
        Target = new Target { Address = "q" },
        InitialDeliveryCount = receiver ? null : 0u,
    };

    public override string ToString() => $"{Stage}: {Name}";

    private static Flow Flow(uint? handle, uint? credit = 1, uint nextIncomingId = 0, uint? deliveryCount = 0) => new()
    {
        NextIncomingId = nextIncomingId,
        IncomingWindow = 100,
        OutgoingWindow = 100,
        Handle = handle,
        LinkCredit = handle is null ? null : credit,
        DeliveryCount = handle is null ? null : deliveryCount,
    };

    /// <summary>An open whose tenth field (properties), and what follows it, is given as bytes.</summary>
    private static byte[] OpenBody(byte[] last)
    {
        byte[] content = [0xA1, 1, (byte)'x', .. Enumerable.Repeat((byte)0x40, 8), .. last];
        int count = last is [0x40, 0x40] ? 11 : 10;
        byte[] body = [0, 0x53, 0x10, 0xD0, 0, 0, 0, 0, 0, 0, 0, (byte)count, .. content];
        BinaryPrimitives.WriteInt32BigEndian(body.AsSpan(4), content.Length + 4);
        return body;
    }

    private static byte[] MapOf(byte[] value)
    {
        byte[] map = [0xD1, 0, 0, 0, 0, 0, 0, 0, 2, 0xA3, 1, (byte)'a', .. value];
        BinaryPrimitives.WriteInt32BigEndian(map.AsSpan(1), map.Length - 5);
        return map;
    }

    public static byte[] Nested(int depth)
    {
        byte[] value = [0x45];
        for (int i = 0; i < depth; i++)
        {
            byte[] outer = [0xD0, 0, 0, 0, 0, 0, 0, 0, 1, .. value];
            BinaryPrimitives.WriteInt32BigEndian(outer.AsSpan(1), outer.Length - 5);
            value = outer;
        }

        return value;
    }

    private static byte[] AttachWithSource(byte[] source)
    {
        byte[] content = [0xA1, 1, (byte)'x', 0x43, 0x42, 0x40, 0x40, .. source];
        return [0, 0x53, 0x12, 0xC0, (byte)(content.Length + 1), 6, .. content];
    }

    private static byte[] Repeat(int count, Func<int, byte[]> frame) => [.. Enumerable.Range(0, count).SelectMany(frame)];
}
