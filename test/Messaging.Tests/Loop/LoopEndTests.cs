using System.IO.Pipelines;
using Messaging.Amqp.Engine;
using Messaging.Loop;
using Messaging.Tests.Support;
using Messaging.Transport;
using Microsoft.Extensions.Logging.Abstractions;

namespace Messaging.Tests.Loop;

/// <summary>The end of a loop comes whole, whatever fails at it.</summary>
public sealed class LoopEndTests
{
    [Fact]
    public async Task End_WhatItServesThrows_EndsTheTransport()
    {
        (ITransport near, ITransport far) = InProcessTransport.CreatePair();
        var listener = new FaultyListener();
        ConnectionLoop loop = await OpenAsync(near, listener);

        await loop.InvokeAsync(() => loop.End(new CloseReason(CloseInitiator.Local))).Bounded();

        await loop.Stopped.Bounded();
        Assert.Equal(["line ended", "stopped"], listener.Told);
        await AssertEndedAsync(loop, far);
    }

    [Fact]
    public async Task Crash_WhatItServesThrows_EndsCommandsAndTransport()
    {
        (ITransport near, ITransport far) = InProcessTransport.CreatePair();
        var listener = new FaultyListener();
        ConnectionLoop loop = await OpenAsync(near, listener);
        var faulty = new Command(throwsWhenAbandoned: true);
        var behind = new Command();

        loop.Post(new Command(() =>
        {
            loop.Post(faulty);
            loop.Post(behind);
            throw new InvalidOperationException("crash");
        }));

        Assert.Equal(CloseInitiator.Transport, (await loop.Stopped.Bounded()).Initiator);
        await faulty.Abandoned.Bounded();
        await behind.Abandoned.Bounded();
        Assert.Equal(["stopped", "line ended"], listener.Told);
        await AssertEndedAsync(loop, far);
    }

    [Fact]
    public async Task Logger_ThrowsAlways_ChangesNothing()
    {
        await using TestPair pair = await TestPair.OpenAsync(client: new MessagingClientOptions { LoggerFactory = new FaultyLogger() });
        (ISender sender, IReceiver receiver) = await pair.SendingLinkAsync();

        await Task.WhenAll(sender.SendAsync(new Message("x"), BoundedWaits.Stop).AsTask(), AcceptOneAsync(receiver)).Bounded();
        await pair.Connection.CloseAsync(BoundedWaits.Stop).Bounded();

        Assert.Null((await sender.Closed.Bounded()).Exception);
        Assert.Null((await pair.Connection.Closed.Bounded()).Exception);
        await pair.Accepted.Closed.Bounded();
    }

    private static async Task AcceptOneAsync(IReceiver receiver)
    {
        using IDelivery delivery = await receiver.ReceiveAsync(BoundedWaits.Stop);
        await delivery.AcceptAsync(BoundedWaits.Stop);
    }

    private static async Task<ConnectionLoop> OpenAsync(ITransport transport, FaultyListener listener)
    {
        var settings = new LoopSettings
        {
            Name = "faulty",
            TimeProvider = TimeProvider.System,
            Logger = NullLogger.Instance,
            Engine = new EngineSettings { ContainerId = "faulty", UseSasl = false },
        };
        var loop = new ConnectionLoop(settings, listener);
        loop.Start();
        await loop.InvokeAsync(() => loop.Open(transport, settings)).Bounded();
        return loop;
    }

    /// <summary>The loop takes no commands, and the peer sees the end of the stream.</summary>
    private static async Task AssertEndedAsync(ConnectionLoop loop, ITransport far)
    {
        await loop.InvokeAsync(() => { }).Throws<MessagingConnectionException>();
        try
        {
            for (bool isOver = false; !isOver;)
            {
                ReadResult read = await far.Input.ReadAsync(BoundedWaits.Stop).AsTask().Bounded();
                far.Input.AdvanceTo(read.Buffer.End);
                isOver = read.IsCompleted;
            }
        }
        catch (MessagingConnectionException)
        {
            // It was dropped.
        }

        await far.DisposeAsync();
    }

    private sealed class Command(Action? action = null, bool throwsWhenAbandoned = false) : ILoopCommand
    {
        private readonly TaskCompletionSource _abandoned = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Abandoned => _abandoned.Task;

        public void Execute() => action?.Invoke();

        public void Abandon(MessagingException reason)
        {
            _abandoned.TrySetResult();
            if (throwsWhenAbandoned)
                throw new InvalidOperationException("fault of a command");
        }
    }
}
