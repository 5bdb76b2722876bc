using Messaging.Tests.Support;

namespace Messaging.Tests.Recovery;

/// <summary>Sends while the connection is lost: so many are queued, the others wait outside, and none is forgotten.</summary>
public class OfflineRoomTests
{
    [Fact]
    public async Task Offline_MoreSendsThanThereIsRoom_WaitAndAllGoOut()
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

        Assert.Equal([RawPeer.Encode(new Message(0)), RawPeer.Encode(new Message(1))], bodies[..2]);
        Assert.Equal(Enumerable.Range(0, 5).Select(i => Convert.ToHexString(RawPeer.Encode(new Message(i)))), bodies.Select(Convert.ToHexString).Order(StringComparer.Ordinal), StringComparer.Ordinal);
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
