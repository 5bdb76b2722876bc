using BenchmarkDotNet.Attributes;
using Messaging.Amqp;
using Messaging.Amqp.Framing;

namespace Benchmarks.Codec;

/// <summary>The frame that answers a transfer.</summary>
[MemoryDiagnoser]
public class DispositionCodec
{
    private readonly AmqpWriter _writer = new(1024);
    private byte[] _performative = [];

    [GlobalSetup]
    public void Encode()
    {
        Disposition disposition = NewDisposition();
        Composite.Write(_writer, in disposition);
        _performative = _writer.WrittenSpan.ToArray();
    }

    [Benchmark]
    public int Write()
    {
        _writer.Clear();
        Disposition disposition = NewDisposition();
        FrameWriter.Write(_writer, 0, 1, in disposition);
        return _writer.Length;
    }

    [Benchmark]
    public uint Read()
    {
        var reader = new AmqpReader(_performative);
        return Composite.Read<Disposition>(ref reader).First;
    }

    private static Disposition NewDisposition() => new()
    {
        Role = true,
        First = 123_456,
        Last = 123_999,
        Settled = true,
        State = Accepted.Instance,
    };
}
