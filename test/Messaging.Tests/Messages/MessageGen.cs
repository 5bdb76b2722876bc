using System.Collections;
using System.Text;
using CsCheck;
using Messaging.Amqp;

namespace Messaging.Tests.Messages;

/// <summary>Random messages of canonical values (what decoding gives), with all sections and bodies.</summary>
internal static class MessageGen
{
    private static readonly Gen<string> Ascii = Gen.String[Gen.Char[' ', '~'], 0, 20];
    private static readonly Gen<string> Text = Gen.OneOf(Gen.String[Gen.Char['\u0001', '\ud7ff'], 0, 20], Gen.String[Gen.Char['a', 'z'], 250, 260]);
    private static readonly Gen<byte[]> Bytes = Gen.OneOf(Gen.Byte.Array[0, 20], Gen.Byte.Array[250, 260]);
    private static readonly Gen<DateTime> Time = Gen.Long[-62_135_596_800_000, 253_402_300_799_999].Select(ms => new AmqpTimestamp(ms).ToDateTime());

    public static readonly Gen<object?> Simple = Gen.OneOf(
        Gen.Const((object?)null),
        Gen.Bool.Select(x => (object?)x),
        Gen.Byte.Select(x => (object?)x),
        Gen.SByte.Select(x => (object?)x),
        Gen.Short.Select(x => (object?)x),
        Gen.UShort.Select(x => (object?)x),
        Gen.Int.Select(x => (object?)x),
        Gen.UInt.Select(x => (object?)x),
        Gen.Long.Select(x => (object?)x),
        Gen.ULong.Select(x => (object?)x),
        Gen.Float.Select(x => (object?)x),
        Gen.Double.Select(x => (object?)x),
        Gen.UInt.Select(x => (object?)new AmqpDecimal32(x)),
        Gen.ULong.Select(x => (object?)new AmqpDecimal64(x)),
        Gen.ULong.Select(x => (object?)new AmqpDecimal128(new UInt128(x, ~x))),
        Gen.Char['\u0000', '\ud7ff'].Select(x => (object?)x),
        Gen.Int[0x10000, 0x10ffff].Select(x => (object?)new Rune(x)),
        Time.Select(x => (object?)x),
        Gen.Const((object?)new AmqpTimestamp(long.MaxValue)),
        Gen.Guid.Select(x => (object?)x),
        Bytes.Select(x => (object?)x),
        Text.Select(x => (object?)x),
        Ascii.Select(x => (object?)new Symbol(x)));

    public static readonly Gen<object?> Value = Nested(2);

    public static readonly Gen<Message> Any = Gen.Select(Body(), Filled(), (message, fill) =>
    {
        fill(message);
        return message;
    });

    private static Gen<object?> Nested(int depth) => depth == 0
        ? Simple
        : Gen.Frequency(
            (4, Simple),
            (1, List(depth).Select(x => (object?)x)),
            (1, Gen.Select(Gen.Int.Array[0, 5], Nested(depth - 1), (keys, value) => (object?)Map(keys, value))),
            (1, Gen.Int.Array[0, 20].Select(x => (object?)x)),
            (1, Gen.Select(Ascii, Nested(depth - 1), (name, value) => (object?)new Described(new Symbol(name), value))));

    private static Gen<List<object?>> List(int depth) => Nested(depth - 1).List[0, 5];

    private static OrderedDictionary<object, object?> Map(int[] keys, object? value)
    {
        OrderedDictionary<object, object?> map = [];
        foreach (int key in keys.Distinct())
            map.Add(key, value);
        return map;
    }

    private static Gen<Message> Body() => Gen.OneOf(
        Value.Select(Message.FromValue),
        Bytes.Select(x => new Message(x)),
        Bytes.List[1, 4].Select(x => Message.FromData(x.Select(b => (ReadOnlyMemory<byte>)b))),
        List(2).Select(x => Message.FromSequence(x)),
        List(2).List[1, 4].Select(x => Message.FromSequences(x)));

    private static Gen<Action<Message>> Filled() => Gen.Select(Header(), Properties(), Maps(), (a, b, c) => (Action<Message>)(message =>
    {
        a(message);
        b(message);
        c(message);
    }));

    private static Gen<Action<Message>> Header() => Gen.Select(Gen.Bool, Gen.Byte, Gen.UInt, Gen.Bool, Gen.UInt, Gen.Int[0, 31], (durable, priority, ttl, first, count, mask) => (Action<Message>)(message =>
    {
        message.Durable = durable && Bit(mask, 0);
        message.Priority = Bit(mask, 1) ? priority : (byte)4;
        message.TimeToLive = Bit(mask, 2) ? TimeSpan.FromMilliseconds(ttl) : null;
        message.FirstAcquirer = first && Bit(mask, 3);
        message.DeliveryCount = Bit(mask, 4) ? count : 0;
    }));

    private static Gen<Action<Message>> Properties() => Gen.Select(Id(), Id(), Text.Array[6], Ascii, Bytes, Time, Gen.UInt, Gen.Int[0, 0x1fff], (id, correlation, texts, ascii, user, time, sequence, mask) => (Action<Message>)(message =>
    {
        message.MessageId = Bit(mask, 0) ? id : null;
        message.UserId = Bit(mask, 1) ? user : null;
        message.To = Bit(mask, 2) ? texts[0] : null;
        message.Subject = Bit(mask, 3) ? texts[1] : null;
        message.ReplyTo = Bit(mask, 4) ? texts[2] : null;
        message.CorrelationId = Bit(mask, 5) ? correlation : null;
        message.ContentType = Bit(mask, 6) ? ascii : null;
        message.ContentEncoding = Bit(mask, 7) ? ascii : null;
        message.AbsoluteExpiryTime = Bit(mask, 8) ? new DateTimeOffset(time) : null;
        message.CreationTime = Bit(mask, 9) ? new DateTimeOffset(time) : null;
        message.GroupId = Bit(mask, 10) ? texts[3] : null;
        message.GroupSequence = Bit(mask, 11) ? sequence : null;
        message.ReplyToGroupId = Bit(mask, 12) ? texts[4] : null;
    }));

    private static Gen<Action<Message>> Maps() => Gen.Select(Ascii.Array[0, 4], Value.Array[4], Simple, Gen.Int[0, 15], (keys, values, simple, mask) => (Action<Message>)(message =>
    {
        foreach (string key in keys)
        {
            if (Bit(mask, 0))
                message.DeliveryAnnotations[key] = values[0];
            if (Bit(mask, 1))
                message.MessageAnnotations[key] = values[1];
            if (Bit(mask, 2))
                message.ApplicationProperties[key] = simple;
            if (Bit(mask, 3))
                message.Footer[key] = values[3];
        }
    }));

    private static Gen<object?> Id() => Gen.OneOf(Text.Select(x => (object?)x), Gen.ULong.Select(x => (object?)x), Gen.Guid.Select(x => (object?)x), Bytes.Select(x => (object?)x));

    private static bool Bit(int mask, int bit) => (mask >> bit & 1) != 0;
}
