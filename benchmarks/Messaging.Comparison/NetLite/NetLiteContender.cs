using System.Diagnostics;
using Amqp;
using Amqp.Framing;

namespace Comparison.NetLite;

/// <summary>AMQPNetLite, each kind of work in the idiom that was fastest when tried (docs/performance.md says which were).</summary>
internal sealed class NetLiteContender : IContender
{
    public string Name => Contenders.NetLite;

    public async Task<Round> SendPipelinedAsync(RoundSpec spec)
    {
        await using NetLiteConnection connection = await NetLiteConnection.OpenAsync(spec);
        SenderLink sender = connection.Sender("sink");
        using var pipeline = new NetLitePipeline(sender, spec);
        return await pipeline.RunAsync();
    }

    public async Task<Round> ReceiveAsync(RoundSpec spec)
    {
        await using NetLiteConnection connection = await NetLiteConnection.OpenAsync(spec);
        ReceiverLink receiver = connection.Receiver($"source/{spec.BodySize}");
        return await new NetLiteConsumer(spec).RunAsync(receiver);
    }

    public async Task<Round> SendAwaitedAsync(RoundSpec spec)
    {
        await using NetLiteConnection connection = await NetLiteConnection.OpenAsync(spec);
        SenderLink sender = connection.Sender("sink");
        byte[] body = spec.NewBody();
        await sender.SendAsync(NetLiteConnection.NewMessage(body)); // the attach has been answered

        var meter = Meter.Start(spec);
        long count = 0;
        for (; !meter.IsOver; count++)
        {
            await sender.SendAsync(NetLiteConnection.NewMessage(body));
        }
        return meter.Stop(count);
    }

    public async Task<Round> PingPongAsync(RoundSpec spec)
    {
        await using NetLiteConnection connection = await NetLiteConnection.OpenAsync(spec);
        ReceiverLink receiver = connection.Receiver("pong");
        SenderLink sender = connection.Sender("ping");
        receiver.SetCredit(spec.Window);
        byte[] body = spec.NewBody();
        var latencies = new LatencyRecorder();

        var meter = Meter.Start(spec);
        while (!meter.IsOver && !latencies.IsFull)
        {
            long start = Stopwatch.GetTimestamp();
            Task sent = sender.SendAsync(NetLiteConnection.NewMessage(body));
            Message pong = await receiver.ReceiveAsync();
            latencies.Add(start);
            receiver.Accept(pong);
            await sent;
        }
        return meter.Stop(latencies.Count) with { Latencies = latencies.ToSorted() };
    }
}
