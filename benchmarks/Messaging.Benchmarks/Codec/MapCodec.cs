using BenchmarkDotNet.Attributes;
using Messaging.Amqp;

namespace Benchmarks.Codec;

/// <summary>A map of mixed values as an object, as in a map body or in application properties.</summary>
[MemoryDiagnoser]
public class MapCodec
{
    private readonly AmqpWriter _writer = new(1024);
    private readonly OrderedDictionary<object, object?> _map = new()
    {
        ["string"] = "a value",
        ["int"] = 42,
        ["long"] = 1L << 40,
        ["bool"] = true,
        ["double"] = 3.25,
        ["uuid"] = Guid.Empty,
        ["list"] = new List<object?> { 1, "two", null },
        ["null"] = null,
    };
    private byte[] _encoded = [];

    [GlobalSetup]
    public void Encode()
    {
        _writer.WriteValue(_map);
        _encoded = _writer.WrittenSpan.ToArray();
    }

    [Benchmark]
    public int Write()
    {
        _writer.Clear();
        _writer.WriteValue(_map);
        return _writer.Length;
    }

    [Benchmark]
    public object? Read()
    {
        var reader = new AmqpReader(_encoded);
        return reader.ReadValue();
    }
}
