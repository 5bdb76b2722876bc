using System.Text;

namespace Messaging.Amqp.Tests.Types;

/// <summary>The hot path's promise: typed scalars cost no garbage, in either direction.</summary>
public class AllocationTests
{
    private static readonly Symbol Name = "amqp:accepted:list";

    [Fact]
    public void Write_TypedScalars_AllocateNothing()
    {
        using AmqpWriter writer = new(4096);
        WriteAll(writer);

        long allocated = Measure(() => WriteAll(writer));

        Assert.Equal(0, allocated);
    }

    [Fact]
    public void Read_TypedScalars_AllocateNothing()
    {
        using AmqpWriter writer = new(4096);
        WriteAll(writer);
        byte[] bytes = writer.WrittenSpan.ToArray();
        ReadAll(bytes);

        long allocated = Measure(() => ReadAll(bytes));

        Assert.Equal(0, allocated);
    }

    [Fact]
    public void Writer_UsedAgain_RentsFromThePool()
    {
        void Use()
        {
            using AmqpWriter writer = new();
            writer.WriteUInt(1);
        }

        Use();

        long allocated = Measure(Use);

        Assert.InRange(allocated, 1, 64);
    }

    private static long Measure(Action action)
    {
        action();
        long best = long.MaxValue;
        for (int i = 0; i < 5; i++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            action();
            best = Math.Min(best, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return best;
    }

    private static void WriteAll(AmqpWriter writer)
    {
        writer.Clear();
        writer.WriteDescriptor(0x14);
        CompoundScope list = writer.BeginList();
        writer.WriteNull();
        writer.WriteBoolean(true);
        writer.WriteUByte(1);
        writer.WriteByte(-1);
        writer.WriteUShort(2);
        writer.WriteShort(-2);
        writer.WriteUInt(300);
        writer.WriteInt(-300);
        writer.WriteULong(4);
        writer.WriteLong(-4);
        writer.WriteFloat(1.5f);
        writer.WriteDouble(2.5);
        writer.WriteDecimal32(new AmqpDecimal32(1));
        writer.WriteDecimal64(new AmqpDecimal64(2));
        writer.WriteDecimal128(new AmqpDecimal128(3));
        writer.WriteChar(new Rune('x'));
        writer.WriteTimestamp(new AmqpTimestamp(5));
        writer.WriteTimestamp(DateTimeOffset.UnixEpoch);
        writer.WriteUuid(Guid.Empty);
        writer.WriteBinary("payload"u8);
        writer.WriteString("text of some length");
        writer.WriteSymbol(Name);
        writer.EndList(list, 22);
    }

    private static void ReadAll(byte[] bytes)
    {
        AmqpReader reader = new(bytes);
        Assert.True(reader.TryReadDescriptor(out Descriptor descriptor) && descriptor.Code == 0x14);
        int count = reader.ReadListHeader(out int end);
        reader.TryReadNull();
        reader.ReadBoolean();
        reader.ReadUByte();
        reader.ReadByte();
        reader.ReadUShort();
        reader.ReadShort();
        reader.ReadUInt();
        reader.ReadInt();
        reader.ReadULong();
        reader.ReadLong();
        reader.ReadFloat();
        reader.ReadDouble();
        reader.ReadDecimal32();
        reader.ReadDecimal64();
        reader.ReadDecimal128();
        reader.ReadChar();
        reader.ReadTimestamp();
        reader.ReadTimestamp();
        reader.ReadUuid();
        reader.ReadBinarySpan();
        reader.Skip();
        reader.ReadSymbol();
        if (count != 22 || reader.Position != end)
            throw new InvalidOperationException("The list was not read to its end.");
    }
}
