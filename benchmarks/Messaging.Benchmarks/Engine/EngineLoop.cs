using BenchmarkDotNet.Attributes;
using Messaging.Amqp;
using Messaging.Amqp.Engine;
using Messaging.Amqp.Framing;

namespace Benchmarks.Engine;

/// <summary>
/// The engine without I/O, both roles in one go: for each message a transfer written and read, its share of a ranged
/// disposition written and read, credit renewed once a batch.
/// </summary>
[MemoryDiagnoser]
public class EngineLoop
{
    private const int Batch = 100;

    private readonly EngineEnd _client = new(isListener: false);
    private readonly EngineEnd _listener = new(isListener: true);
    private readonly Delivery[] _deliveries = new Delivery[Batch];
    private ReceivingLink? _receiver;

    [Params(100, 1024)]
    public int PayloadBytes { get; set; }

    [GlobalSetup]
    public void Connect()
    {
        _client.Engine.Start(now: 0);
        _listener.Engine.Start(now: 0);
        Exchange();
        Session session = _client.Engine.BeginSession(owner: null);
        Exchange();
        _receiver = session.AttachReceiver(new Attach { Name = "link", Source = new Source { Address = "node" }, Target = new Target() }, owner: null);
        Exchange();
        byte[] payload = new byte[PayloadBytes];
        for (int i = 0; i < Batch; i++)
        {
            _deliveries[i] = new Delivery { Payload = payload };
        }
    }

    [Benchmark(OperationsPerInvoke = Batch)]
    public int TransferAndDisposition()
    {
        _receiver!.SetCredit(Batch);
        _client.PassTo(_listener);
        foreach (Delivery delivery in _deliveries)
        {
            _listener.Sender!.Enqueue(delivery);
        }
        _listener.Engine.PumpSends(int.MaxValue);
        _listener.PassTo(_client);
        _client.Engine.FlushDispositions();
        _client.PassTo(_listener);
        return _listener.Settled;
    }

    private void Exchange()
    {
        while (_client.PassTo(_listener) | _listener.PassTo(_client))
        {
            // until neither has anything to say
        }
    }

    private sealed class Delivery : OutgoingDelivery;
}
