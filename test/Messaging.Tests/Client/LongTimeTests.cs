using Messaging.Amqp.Framing;
using Messaging.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Messaging.Tests.Client;

/// <summary>Weeks without a message, and clocks that jump: 2^31 milliseconds are 24.8 days.</summary>
public sealed class LongTimeTests
{
    private static readonly TimeSpan Beyond = TimeSpan.FromMilliseconds(int.MaxValue + 1L);

    [Fact]
    public async Task Connection_IdleFor25Days_StillWorks()
    {
        var time = new FakeTimeProvider();
        await using TestPair pair = await TestPair.OpenAsync(
            new ConnectionOptions { IdleTimeout = TimeSpan.Zero }, new ListenerOptions { IdleTimeout = TimeSpan.Zero }, new MessagingClientOptions { TimeProvider = time });
        (ISender sender, IReceiver receiver) = await pair.SendingLinkAsync();

        time.Advance(Beyond);
        await TestPair.FenceAsync(pair.Connection);
        await TestPair.FenceAsync(pair.Accepted);
        Task sending = sender.SendAsync(new Message("after weeks"), BoundedWaits.Stop).AsTask();
        IDelivery delivery = await receiver.ReceiveAsync(BoundedWaits.Stop).Bounded();
        await delivery.AcceptAsync(BoundedWaits.Stop).Bounded();

        await sending.Bounded();
        Assert.Equal("after weeks", delivery.Message.Body);
        Assert.Equal((ConnectionState.Connected, ConnectionState.Connected), (pair.Connection.State, pair.Accepted.State));
    }

    /// <summary>The peer's idle time-out is the longest that there is, 49.7 days: one empty frame at its half, however the clock gets there.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(50)]
    public async Task Heartbeat_DueAfter25Days_GoesOutOnce(int steps)
    {
        var time = new FakeTimeProvider();
        await using RawServer server = await RawServer.OpenAsync(
            new ConnectionOptions { Reconnect = false, IdleTimeout = TimeSpan.Zero },
            new MessagingClientOptions { TimeProvider = time },
            open: new Open { ContainerId = "raw-server", IdleTimeOut = uint.MaxValue });
        await server.FenceAsync();

        for (int i = 0; i < steps; i++)
        {
            time.Advance(Beyond / steps);
            await server.FenceAsync();
        }

        Task closing = server.Connection.CloseAsync(BoundedWaits.Stop).AsTask();
        Assert.Equal(1, await server.Peer.CountEmptyAsync());
        await server.Peer.SendAsync(new Close());
        await closing.Bounded();
    }

    [Fact]
    public async Task Pending_ClockJumpsByWeeks_EndsOnceWithATimeout()
    {
        var time = new FakeTimeProvider();
        await using RawServer server = await RawServer.OpenAsync(
            new ConnectionOptions { Reconnect = false, IdleTimeout = TimeSpan.Zero }, new MessagingClientOptions { TimeProvider = time });
        ISender sender = await server.SenderAsync();
        Task[] sends = [.. Enumerable.Range(0, 100).Select(i => sender.SendAsync(new Message(i)).AsTask())];
        await server.FenceAsync();

        time.Advance(Beyond);

        foreach (Task send in sends)
            await send.Throws<TimeoutException>();
        Assert.Equal(ConnectionState.Connected, server.Connection.State);
        await server.Peer.GiveCreditAsync(1);
        Task next = sender.SendAsync(new Message("next"), BoundedWaits.Stop).AsTask();
        Assert.Equal(RawPeer.Encode(new Message("next")), (await server.Peer.ReadUntilAsync<RawTransfer>()).Payload);
        await server.Peer.SettleAsync(0, Messaging.Amqp.Accepted.Instance);
        await next.Bounded();
    }
}
