using System.Buffers;
using System.Runtime.CompilerServices;
using Messaging.Amqp;

namespace Messaging.Tests.Messages;

/// <summary>Messages to bytes and back, as the connection loop does it.</summary>
internal static class Wire
{
    public static byte[] Encode(Message message)
    {
        using AmqpWriter writer = new();
        MessageEncoder.Encode(message, writer);
        return writer.WrittenSpan.ToArray();
    }

    public static PayloadBlock Block(ReadOnlySpan<byte> payload)
    {
        PayloadBlock block = PayloadBlock.Rent(payload.Length);
        Assert.True(block.TryAppend(new ReadOnlySequence<byte>(payload.ToArray()), ulong.MaxValue));
        return block;
    }

    public static Message Receive(ReadOnlySpan<byte> payload) => Message.FromPayload(Block(payload));

    public static Message Receive(string hex) => Receive(Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal)));

    public static Message RoundTrip(Message message) => Receive(Encode(message));

    /// <summary>Whether the array lies in the pool: it is the next one that this thread gets.</summary>
    public static bool IsPooled(byte[] array)
    {
        byte[] next = ArrayPool<byte>.Shared.Rent(array.Length);
        ArrayPool<byte>.Shared.Return(next);
        return ReferenceEquals(next, array);
    }

    /// <summary>Overwrites what the pool would give to the next message.</summary>
    public static void Reuse(byte[] array)
    {
        Assert.True(IsPooled(array));
        Array.Fill(array, (byte)0xEE);
    }

    public static void SameValue(object? expected, object? actual) =>
        Assert.True(ValueComparer.Instance.Equals(expected, actual), $"Expected {expected} ({expected?.GetType()}), found {actual} ({actual?.GetType()}).");

    public static string VectorFile([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "../../vectors/messages.txt");
}
