using Messaging.Amqp;
using Messaging.Amqp.Framing;
using Messaging.Client;
using Messaging.Loop;
using Messaging.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Messaging.Tests.Client;

/// <summary>Every call without a token has an end (<see cref="ConnectionOptions.OperationTimeout"/>); with one, the token alone ends it.</summary>
public sealed class TimeLimitTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private static readonly IncomingSenderOptions ManualDrain = new() { ManualDrain = true };

    [Fact]
    public async Task SendBatch_OutcomesMissingWithoutAToken_IsInDoubt()
    {
        var time = new FakeTimeProvider();
        await using RawServer server = await OpenAsync(time);
        ISender sender = await server.SenderAsync(credit: 10);
        Task<IReadOnlyList<Outcome>> sending = sender.SendBatchAsync([new Message(1), new Message(2)], CancellationToken.None).AsTask();
        await server.Peer.ReadAsync<RawTransfer>();
        await server.Peer.ReadAsync<RawTransfer>();
        await server.Peer.SettleAsync(0, Accepted.Instance);

        await time.PassUntilAsync(sending, TimeSpan.FromSeconds(30));

        DeliveryInDoubtException exception = await sending.Throws<DeliveryInDoubtException>();
        Assert.True(exception.IsTransient);
        Assert.Contains("batch", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WaitForCredit_NoneWithoutAToken_ThrowsTimeout()
    {
        var time = new FakeTimeProvider();
        await using RawServer server = await OpenAsync(time);
        ISender sender = await server.SenderAsync();

        Task waiting = sender.WaitForCreditAsync(CancellationToken.None).AsTask();
        await time.PassUntilAsync(waiting, TimeSpan.FromSeconds(30));

        Assert.Contains("credit", (await waiting.Throws<TimeoutException>()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WaitForCredit_WithAToken_HasNoOtherEnd()
    {
        var time = new FakeTimeProvider();
        await using RawServer server = await OpenAsync(time);
        ISender sender = await server.SenderAsync();

        Task waiting = sender.WaitForCreditAsync(BoundedWaits.Stop).AsTask();
        time.Advance(Limit * 2);
        await server.FenceAsync();
        await server.Peer.GiveCreditAsync(1);

        await waiting.Bounded();
    }

    [Fact]
    public async Task WaitForDrain_NoneWithoutAToken_ThrowsTimeout()
    {
        var time = new FakeTimeProvider();
        await using RawServer server = await OpenAsync(time);
        ISender sender = await server.SenderAsync();

        Task waiting = sender.WaitForDrainAsync(CancellationToken.None).AsTask();
        await time.PassUntilAsync(waiting, TimeSpan.FromSeconds(30));

        Assert.Contains("drain", (await waiting.Throws<TimeoutException>()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Drained_SendsBeforeItStuckWithoutAToken_ThrowsTimeout()
    {
        var time = new FakeTimeProvider();
        await using TestPair pair = await TestPair.ListenAsync(
            new ListenerOptions { HandshakeTimeout = Timeout.InfiniteTimeSpan, DecisionTimeout = Timeout.InfiniteTimeSpan, IdleTimeout = TimeSpan.Zero, WriteTimeout = Timeout.InfiniteTimeSpan },
            new MessagingClientOptions { TimeProvider = time });
        await using RawPeer peer = await RawPeer.ConnectAsync(pair.Listener.Url);
        Task<IIncomingConnection> incoming = pair.NextConnectionAsync();
        Task opening = peer.OpenAsClientAsync();
        await using IConnection accepted = await (await incoming).AcceptAsync(BoundedWaits.Stop).Bounded();
        await opening.Bounded();
        await peer.BeginAsync(window: 1);
        await peer.SendAsync(new Attach { Name = "link", Handle = 0, Role = true, Source = new Source { Address = "q" }, Target = new Target() });
        IIncomingLink link = await accepted.IncomingLinksAsync(BoundedWaits.Stop).FirstAsync(BoundedWaits.Stop).Bounded();
        ISender sender = await link.AcceptSenderAsync(ManualDrain, BoundedWaits.Stop).Bounded();
        await peer.SendAsync(new Flow { NextIncomingId = 0, IncomingWindow = 1, NextOutgoingId = 0, OutgoingWindow = 1, Handle = 0, DeliveryCount = 0, LinkCredit = 5, Drain = true });
        await sender.WaitForDrainAsync(BoundedWaits.Stop).Bounded();
        Assert.True(sender.TrySend(new Message(1), out _));
        Assert.True(sender.TrySend(new Message(2), out _)); // the session's window is used up

        Task answering = sender.DrainedAsync(CancellationToken.None).AsTask();
        await time.PassUntilAsync(answering, TimeSpan.FromSeconds(30));

        await answering.Throws<TimeoutException>();
        await peer.DisposeAsync(); // on a clock that stands still nobody would wait for its close for 5 seconds only
    }

    [Fact]
    public async Task Sends_WithADeadline_AreCountedUntilTheyEnd()
    {
        var time = new FakeTimeProvider();
        await using RawServer server = await OpenAsync(time);
        ISender sender = await server.SenderAsync(credit: 1);
        Task[] sending =
        [
            sender.SendAsync(new Message("settled"), CancellationToken.None).AsTask(),
            sender.SendAsync(new Message("without credit"), CancellationToken.None).AsTask(),
            sender.SendAsync(new Message("with a token"), BoundedWaits.Stop).AsTask(),
        ];
        Assert.Equal(2, await TimedAsync(server));

        RawTransfer transfer = await server.Peer.ReadAsync<RawTransfer>();
        await server.Peer.SettleAsync(transfer.DeliveryId!.Value, Accepted.Instance);
        await sending[0].Bounded();
        Assert.Equal(1, await TimedAsync(server));

        await time.PassUntilAsync(sending[1], TimeSpan.FromSeconds(30));
        await sending[1].Throws<TimeoutException>();
        Assert.Equal(0, await TimedAsync(server));
        Assert.False(sending[2].IsCompleted);
    }

    [Fact]
    public async Task Send_WithAToken_HasNoDeadline_ThoughTheOneBeforeItHad()
    {
        var time = new FakeTimeProvider();
        await using RawServer server = await OpenAsync(time);
        ISender sender = await server.SenderAsync(credit: 1);
        Task before = sender.SendAsync(new Message("x"), CancellationToken.None).AsTask();
        RawTransfer transfer = await server.Peer.ReadAsync<RawTransfer>();
        await server.Peer.SettleAsync(transfer.DeliveryId!.Value, Accepted.Instance);
        await before.Bounded();

        Task waiting = sender.SendAsync(new Message("x"), BoundedWaits.Stop).AsTask();
        Task timed = sender.SendAsync(new Message("x"), CancellationToken.None).AsTask();
        await time.PassUntilAsync(timed, Limit);
        await timed.Throws<TimeoutException>();

        Assert.False(waiting.IsCompleted);
    }

    private static Task<int> TimedAsync(RawServer server)
    {
        ConnectionLoop loop = ((Connection)server.Connection).Loop;
        return loop.InvokeAsync(() => loop.TimedSends).Bounded();
    }

    private static Task<RawServer> OpenAsync(FakeTimeProvider time) => RawServer.OpenAsync(
        new ConnectionOptions { Reconnect = false, IdleTimeout = TimeSpan.Zero, HandshakeTimeout = Timeout.InfiniteTimeSpan, WriteTimeout = Timeout.InfiniteTimeSpan, OperationTimeout = Limit, Watchdog = null },
        new MessagingClientOptions { TimeProvider = time });
}
