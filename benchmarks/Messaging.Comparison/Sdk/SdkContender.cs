using System.Diagnostics;
using Messaging;

namespace Comparison.Sdk;

/// <summary>This SDK.</summary>
internal sealed class SdkContender : IContender
{
    public string Name => Contenders.Ours;

    public async Task<Round> SendPipelinedAsync(RoundSpec spec)
    {
        await using SdkConnection connection = await SdkConnection.OpenAsync(spec);
        await using ISender sender = await connection.CreateSenderAsync("sink");
        byte[] body = spec.NewBody();
        var window = new ValueTask[spec.Window];

        var meter = Meter.Start(spec);
        long count = 0;
        for (; !meter.IsOver; count++)
        {
            int slot = (int)(count % window.Length);
            await window[slot]; // the oldest of the window; SendAsync throws here when it was not accepted
            window[slot] = sender.SendAsync(new Message(body));
        }
        foreach (ValueTask send in window)
        {
            await send;
        }
        return meter.Stop(count);
    }

    public async Task<Round> ReceiveAsync(RoundSpec spec)
    {
        await using SdkConnection connection = await SdkConnection.OpenAsync(spec);
        await using IReceiver receiver = await connection.CreateReceiverAsync($"source/{spec.BodySize}", spec.Window);

        var meter = Meter.Start(spec);
        long count = 0;
        await foreach (IDelivery delivery in receiver.ReceiveAllAsync())
        {
            if (delivery.Message.Data.Length != spec.BodySize)
            {
                throw new InvalidOperationException("a body arrived with the wrong length");
            }
            count++;
            if (meter.IsOver)
            {
                await delivery.AcceptAsync(); // the others are accepted when the loop advances
                return meter.Stop(count);
            }
        }
        throw new InvalidOperationException("the stream ended");
    }

    public async Task<Round> SendAwaitedAsync(RoundSpec spec)
    {
        await using SdkConnection connection = await SdkConnection.OpenAsync(spec);
        await using ISender sender = await connection.CreateSenderAsync("sink");
        byte[] body = spec.NewBody();
        await sender.SendAsync(new Message(body)); // as on the other side

        var meter = Meter.Start(spec);
        long count = 0;
        for (; !meter.IsOver; count++)
        {
            await sender.SendAsync(new Message(body));
        }
        return meter.Stop(count);
    }

    public async Task<Round> PingPongAsync(RoundSpec spec)
    {
        await using SdkConnection connection = await SdkConnection.OpenAsync(spec);
        await using IReceiver receiver = await connection.CreateReceiverAsync("pong", spec.Window);
        await using ISender sender = await connection.CreateSenderAsync("ping");
        byte[] body = spec.NewBody();
        var latencies = new LatencyRecorder();

        var meter = Meter.Start(spec);
        while (!meter.IsOver && !latencies.IsFull)
        {
            long start = Stopwatch.GetTimestamp();
            ValueTask sent = sender.SendAsync(new Message(body));
            using IDelivery pong = await receiver.ReceiveAsync();
            latencies.Add(start);
            await pong.AcceptAsync();
            await sent;
        }
        return meter.Stop(latencies.Count) with { Latencies = latencies.ToSorted() };
    }
}
