using System.Buffers;
using BenchmarkDotNet.Attributes;
using Messaging;
using Messaging.Amqp;

namespace Benchmarks.Codec;

/// <summary>
/// A message on its way out and in, as sender and receiver handle it: a body alone, and one with properties and application
/// properties. Reading is lazy, so that looking at the body alone does not pay for the other sections.
/// </summary>
[MemoryDiagnoser]
public class MessageCodec
{
    private readonly AmqpWriter _writer = new(4096);
    private readonly byte[] _body = new byte[100];
    private ReadOnlySequence<byte> _encoded;

    [Params(false, true)]
    public bool WithProperties { get; set; }

    [GlobalSetup]
    public void Encode()
    {
        MessageEncoder.Encode(NewMessage(), _writer);
        _encoded = new ReadOnlySequence<byte>(_writer.WrittenSpan.ToArray());
    }

    [Benchmark]
    public int Write()
    {
        _writer.Clear();
        MessageEncoder.Encode(NewMessage(), _writer);
        return _writer.Length;
    }

    [Benchmark]
    public long ReadBodyView()
    {
        Message message = Receive();
        long length = message.Data.Length;
        message.Release(taken: true);
        return length;
    }

    [Benchmark]
    public int ReadEverything()
    {
        Message message = Receive();
        int size = ((byte[])message.Body!).Length + (message.MessageId is string id ? id.Length : 0);
        size += message.ApplicationProperties.Count;
        message.Release(taken: true);
        return size;
    }

    private Message NewMessage()
    {
        var message = new Message(_body);
        if (WithProperties)
        {
            message.MessageId = "order-4711";
            message.Subject = "order";
            message.ContentType = "application/octet-stream";
            message.CorrelationId = "customer-17";
            message.ApplicationProperties["region"] = "north";
            message.ApplicationProperties["attempt"] = 1;
        }
        return message;
    }

    private Message Receive()
    {
        PayloadBlock block = PayloadBlock.Rent((int)_encoded.Length);
        block.TryAppend(in _encoded, ulong.MaxValue);
        return Message.FromPayload(block);
    }
}
