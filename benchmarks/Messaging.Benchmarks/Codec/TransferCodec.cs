using BenchmarkDotNet.Attributes;
using Messaging.Amqp;
using Messaging.Amqp.Framing;

namespace Benchmarks.Codec;

/// <summary>A transfer frame: the hand-written fast path beside the description that it must equal.</summary>
[MemoryDiagnoser]
public class TransferCodec
{
    private readonly AmqpWriter _writer = new(64 * 1024);
    private readonly byte[] _payload = new byte[105];
    private byte[] _performative = [];

    [GlobalSetup]
    public void Encode()
    {
        Transfer transfer = NewTransfer();
        Composite.Write(_writer, in transfer);
        _performative = _writer.WrittenSpan.ToArray();
    }

    [Benchmark(Baseline = true)]
    public int WriteFastPath()
    {
        _writer.Clear();
        Transfer transfer = NewTransfer();
        FrameWriter.WriteTransfer(_writer, 1, in transfer, _payload);
        return _writer.Length;
    }

    [Benchmark]
    public int WriteByDescription()
    {
        _writer.Clear();
        Transfer transfer = NewTransfer();
        FrameWriter.Write(_writer, 0, 1, in transfer);
        _writer.WriteRaw(_payload);
        return _writer.Length;
    }

    [Benchmark]
    public uint? ReadFastPath()
    {
        var reader = new AmqpReader(_performative);
        return TransferReader.Read(ref reader).DeliveryId;
    }

    [Benchmark]
    public uint? ReadByDescription()
    {
        var reader = new AmqpReader(_performative);
        return Composite.Read<Transfer>(ref reader).DeliveryId;
    }

    private static Transfer NewTransfer() => new()
    {
        Handle = 1,
        DeliveryId = 123_456,
        DeliveryTag = "\0\u0001\u0012\u0034"u8,
        HasDeliveryTag = true,
        MessageFormat = 0,
        Settled = false,
    };
}
