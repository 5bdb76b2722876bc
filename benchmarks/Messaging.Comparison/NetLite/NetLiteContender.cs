using System.Diagnostics;
using Amqp;
using Amqp.Framing;

namespace Comparison.NetLite;

/// <summary>AMQPNetLite: by default its async API, the counterpart of ours, else its callbacks.</summary>
internal sealed class NetLiteContender(bool callbacks) : IContender
{
    public string Name => Contenders.NetLite;

    public async Task<Round> SendPipelinedAsync(RoundSpec spec)
    {
        await using NetLiteConnection connection = await NetLiteConnection.OpenAsync(spec);
        SenderLink sender = connection.Sender("sink");
        if (!callbacks)
        {
            return await SendWindowAsync(sender, spec);
        }
        using var pipeline = new NetLitePipeline(sender, spec);
        return await pipeline.RunAsync();
    }

    public async Task<Round> ReceiveAsync(RoundSpec spec)
    {
        await using NetLiteConnection connection = await NetLiteConnection.OpenAsync(spec);
        ReceiverLink receiver = connection.Receiver($"source/{spec.BodySize}");
        return callbacks ? await new NetLiteConsumer(spec).RunAsync(receiver) : await ReceiveEachAsync(receiver, spec);
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

    private static async Task<Round> SendWindowAsync(SenderLink sender, RoundSpec spec)
    {
        byte[] body = spec.NewBody();
        var window = new Task[spec.Window];
        Array.Fill(window, Task.CompletedTask);

        var meter = Meter.Start(spec);
        long count = 0;
        for (; !meter.IsOver; count++)
        {
            int slot = (int)(count % window.Length);
            await window[slot]; // throws when it was not accepted
            window[slot] = sender.SendAsync(NetLiteConnection.NewMessage(body));
        }
        await Task.WhenAll(window);
        return meter.Stop(count);
    }

    private static async Task<Round> ReceiveEachAsync(ReceiverLink receiver, RoundSpec spec)
    {
        receiver.SetCredit(spec.Window);
        var meter = Meter.Start(spec);
        long count = 0;
        while (true)
        {
            Message message = await receiver.ReceiveAsync();
            if (NetLiteConnection.BodyLength(message) != spec.BodySize)
            {
                throw new InvalidOperationException("a body arrived with the wrong length");
            }
            receiver.Accept(message);
            count++;
            if (meter.IsOver)
            {
                return meter.Stop(count);
            }
        }
    }
}
