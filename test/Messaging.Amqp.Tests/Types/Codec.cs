namespace Messaging.Amqp.Tests.Types;

/// <summary>Shorthands of the codec tests.</summary>
internal static class Codec
{
    public static byte[] Encode(object? value)
    {
        using AmqpWriter writer = new(16);
        writer.WriteValue(value);
        return writer.WrittenSpan.ToArray();
    }

    public static byte[] Encode(Action<AmqpWriter> write)
    {
        using AmqpWriter writer = new(16);
        write(writer);
        return writer.WrittenSpan.ToArray();
    }

    public static string Hex(object? value) => Convert.ToHexStringLower(Encode(value));

    public static object? Decode(byte[] bytes, int maxDepth = 32)
    {
        AmqpReader reader = new(bytes, maxDepth);
        object? value = reader.ReadValue();
        Assert.True(reader.End, $"{reader.Remaining} bytes are left");
        return value;
    }

    public static object? Decode(string hex) => Decode(Convert.FromHexString(hex));

    public static AmqpCodecException Refuses(byte[] bytes, int maxDepth = 32)
    {
        AmqpCodecException e = Assert.Throws<AmqpCodecException>(() => new AmqpReader(bytes, maxDepth).ReadValue());
        Assert.Equal(ErrorCondition.DecodeError, e.Error!.Condition);
        return e;
    }

    public static AmqpCodecException Refuses(string hex, int maxDepth = 32) => Refuses(Convert.FromHexString(hex), maxDepth);
}
