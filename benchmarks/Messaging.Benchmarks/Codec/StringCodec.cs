using BenchmarkDotNet.Attributes;
using Messaging.Amqp;

namespace Benchmarks.Codec;

/// <summary>Strings of the lengths that occur: a property, a text body; ASCII and not.</summary>
[MemoryDiagnoser]
public class StringCodec
{
    private readonly AmqpWriter _writer = new(64 * 1024);
    private string _text = "";
    private byte[] _encoded = [];

    [Params(16, 1024)]
    public int Length { get; set; }

    [Params(true, false)]
    public bool Ascii { get; set; }

    [GlobalSetup]
    public void Encode()
    {
        _text = new string(Ascii ? 'a' : 'ä', Length);
        _writer.WriteString(_text);
        _encoded = _writer.WrittenSpan.ToArray();
    }

    [Benchmark]
    public int Write()
    {
        _writer.Clear();
        _writer.WriteString(_text);
        return _writer.Length;
    }

    [Benchmark]
    public string Read()
    {
        var reader = new AmqpReader(_encoded);
        return reader.ReadString();
    }
}
