using Messaging.Amqp;
using Messaging.Amqp.Framing;
using Messaging.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Messaging.Tests.Recovery;

/// <summary>Sends while the connection is lost: so many are queued, the others wait outside, and none is forgotten.</summary>
public class OfflineRoomTests
{
    [Fact]
    public async Task Offline_MoreSendsThanThereIsRoom_WaitAndGoOutInOrder()
    {
        await using RawServer server = await RawServer.OpenAsync(new ConnectionOptions { MaxPendingSends = 2 });
        ISender sender = await server.SenderAsync();
        await server.Peer.DisposeAsync();
        await server.StateAsync(ConnectionState.Reconnecting);

        Task[] sends = [.. Enumerable.Range(0, 5).Select(i => sender.SendAsync(new Message(i), BoundedWaits.Stop).AsTask())];
        await server.FenceAsync();
        Messaging.Client.LinkRemains queued = await server.QueuedAsync(sender);
        await server.AcceptOpenAsync();
        await server.Peer.AnswerBeginAsync();
        await server.Peer.AnswerAttachAsync();
        await server.Peer.GiveCreditAsync(5);

        Assert.Equal(2, queued.Unsent);
        var bodies = new List<byte[]>();
        for (uint i = 0; i < 5; i++)
        {
            bodies.Add((await server.Peer.ReadUntilAsync<RawTransfer>()).Payload);
            await server.Peer.SettleAsync(i, Messaging.Amqp.Accepted.Instance);
        }

        Assert.Equal(Enumerable.Range(0, 5).Select(i => RawPeer.Encode(new Message(i))), bodies);
        await Task.WhenAll(sends).Bounded();
    }

    [Fact]
    public async Task Offline_RoomForBytes_LetsOneLargeMessageIn()
    {
        await using RawServer server = await RawServer.OpenAsync(new ConnectionOptions { MaxPendingBytes = 10 });
        ISender sender = await server.SenderAsync();
        await server.Peer.DisposeAsync();
        await server.StateAsync(ConnectionState.Reconnecting);

        _ = sender.SendAsync(new Message(new byte[100]), BoundedWaits.Stop).AsTask();
        using var cancel = new CancellationTokenSource();
        Task waiting = sender.SendAsync(new Message("y"), cancel.Token).AsTask();
        await server.FenceAsync();

        Assert.Equal(1, (await server.QueuedAsync(sender)).Unsent);
        await cancel.CancelAsync();
        OperationCanceledException exception = await waiting.ThrowsAny<OperationCanceledException>();
        Assert.Contains("not sent", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Offline_QueuedSendIsCancelled_ItsPlaceGoesToTheNext()
    {
        await using RawServer server = await RawServer.OpenAsync(new ConnectionOptions { MaxPendingSends = 1 });
        ISender sender = await server.SenderAsync();
        await server.Peer.DisposeAsync();
        await server.StateAsync(ConnectionState.Reconnecting);
        using var cancel = new CancellationTokenSource();
        Task first = sender.SendAsync(new Message("1"), cancel.Token).AsTask();
        Task second = sender.SendAsync(new Message("2"), BoundedWaits.Stop).AsTask();
        await server.FenceAsync();

        await cancel.CancelAsync();
        await first.ThrowsAny<OperationCanceledException>();
        while ((await server.QueuedAsync(sender)).Unsent == 0)
            await server.FenceAsync();

        Assert.Equal(1, (await server.QueuedAsync(sender)).Unsent);
        Assert.False(second.IsCompleted);
    }

    [Fact]
    public async Task LinkLostAlone_BoundsItsSendsToo()
    {
        var time = new FakeTimeProvider();
        await using RawServer server = await RawServer.OpenAsync(
            new ConnectionOptions { IdleTimeout = TimeSpan.Zero, MaxPendingSends = 2, Recovery = { Jitter = 0 } }, new MessagingClientOptions { TimeProvider = time });
        ISender sender = await server.SenderAsync();
        await server.Peer.SendAsync(new Detach { Error = new AmqpError(ErrorCondition.DetachForced) });
        await BoundedWaits.UntilAsync(() => sender.State == LinkState.Lost);

        Task[] sends = [.. Enumerable.Range(0, 5).Select(i => sender.SendAsync(new Message(i), BoundedWaits.Stop).AsTask())];
        await server.FenceAsync();
        Messaging.Client.LinkRemains queued = await server.QueuedAsync(sender);
        Attach again = await server.Peer.AnswerAttachAsync();
        await server.Peer.GiveCreditAsync(5, handle: again.Handle);

        Assert.Equal(2, queued.Unsent);
        for (int i = 0; i < 5; i++)
            await server.Peer.ReadUntilAsync<RawTransfer>();
        await server.Peer.SettleAsync(0, Accepted.Instance, last: 4);
        await Task.WhenAll(sends).Bounded();
    }

    [Fact]
    public async Task Offline_TimeWaitedOutside_CountsForTheWaitInTheQueue()
    {
        var time = new FakeTimeProvider();
        await using RawServer server = await RawServer.OpenAsync(
            new ConnectionOptions { IdleTimeout = TimeSpan.Zero, MaxPendingSends = 1, OperationTimeout = TimeSpan.FromSeconds(10), HandshakeTimeout = Timeout.InfiniteTimeSpan },
            new MessagingClientOptions { TimeProvider = time });
        ISender sender = await server.SenderAsync();
        await server.Peer.DisposeAsync();
        await server.StateAsync(ConnectionState.Reconnecting);
        _ = sender.SendAsync(new Message("inside"), BoundedWaits.Stop).AsTask();
        Task outside = sender.SendAsync(new Message("outside"), CancellationToken.None).AsTask();
        time.Advance(TimeSpan.FromSeconds(6));
        await server.AcceptOpenAsync();
        await server.Peer.AnswerBeginAsync();
        await server.Peer.AnswerAttachAsync();
        while ((await server.QueuedAsync(sender)).Unsent < 2)
            await server.FenceAsync();

        time.Advance(TimeSpan.FromSeconds(4.1));

        await outside.Throws<TimeoutException>();
    }

    [Fact]
    public async Task Offline_ConnectionClosed_EndsWhatWaitsOutside()
    {
        await using RawServer server = await RawServer.OpenAsync(new ConnectionOptions { MaxPendingSends = 1 });
        ISender sender = await server.SenderAsync();
        await server.Peer.DisposeAsync();
        await server.StateAsync(ConnectionState.Reconnecting);
        Task queued = sender.SendAsync(new Message("x"), BoundedWaits.Stop).AsTask();
        Task<ISentDelivery> outside = sender.SendTrackedAsync(new Message("y"), BoundedWaits.Stop).AsTask();

        await server.Connection.CloseAsync(BoundedWaits.Stop).Bounded();

        await queued.ThrowsAny<Exception>();
        await outside.ThrowsAny<Exception>();
    }
}
