using Messaging.Amqp;
using Messaging.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Messaging.Tests.Recovery;

/// <summary>However a send ends that had a place in the room for sends on lost links: its place, its bytes and its credit are free again.</summary>
public class GiveBackTests
{
    private const int Places = 2;

    private readonly FakeTimeProvider _time = new();

    /// <summary>How the two sends end.</summary>
    public enum End
    {
        Accepted,
        Rejected,
        Surfaced,
        SentAgain,
        CancelledWhileLost,
        CancelledInFlight,
        LeftAndLost,
        TooLarge,
        TimedOut,
    }

    [Theory]
    [InlineData(End.Accepted)]
    [InlineData(End.Rejected)]
    [InlineData(End.Surfaced)]
    [InlineData(End.SentAgain)]
    [InlineData(End.CancelledWhileLost)]
    [InlineData(End.CancelledInFlight)]
    [InlineData(End.LeftAndLost)]
    [InlineData(End.TooLarge)]
    [InlineData(End.TimedOut)]
    public async Task SentWhileLost_HoweverItEnds_GivesItsRoomAndItsCreditBack(End end)
    {
        await using RawServer server = await OpenAsync();
        ISender sender = await server.SenderAsync(options: new SenderOptions { OnConnectionLoss = end == End.Surfaced ? ConnectionLossBehavior.Surface : ConnectionLossBehavior.Resend });
        await LoseAsync(server);
        using var cancel = new CancellationTokenSource();
        Task[] sends = [.. Enumerable.Range(0, Places).Select(_ => sender.SendAsync(Body(), end == End.TimedOut ? CancellationToken.None : cancel.Token).AsTask())];
        await server.FenceAsync();
        Assert.Equal(Places, (await server.QueuedAsync(sender)).Unsent);

        uint sent = await EndAsync(server, end, cancel, sends);

        Assert.All(sends, send => Assert.True(send.IsCompleted));
        await server.Peer.GiveCreditAsync(7, deliveryCount: sent);
        await BoundedWaits.UntilAsync(() => sender.Credit > 0);
        Assert.Equal(7, sender.Credit);
        await AssertRoomIsFreeAsync(server, sender);
    }

    [Fact]
    public async Task SentWhileLost_TheLinkEnds_GivesTheRoomToTheOtherLinks()
    {
        await using RawServer server = await OpenAsync();
        ISender ending = await server.SenderAsync();
        Task<ISender> creating = server.Connection.CreateSenderAsync("other", BoundedWaits.Stop).AsTask();
        await server.Peer.AnswerAttachAsync();
        ISender other = await creating.Bounded();
        await LoseAsync(server);
        Task[] sends = [.. Enumerable.Range(0, Places).Select(_ => ending.SendAsync(Body(), BoundedWaits.Stop).AsTask())];

        await server.AcceptOpenAsync();
        await server.Peer.AnswerBeginAsync();
        Messaging.Amqp.Framing.Attach attach = await server.Peer.AnswerAttachAsync();
        await server.Peer.AnswerAttachAsync();
        await server.Peer.SendAsync(new Messaging.Amqp.Framing.Detach { Handle = attach.Handle, Closed = true, Error = new AmqpError(ErrorCondition.NotFound) });
        await Task.WhenAll(sends.Select(send => send.Throws<LinkException>()));

        await AssertRoomIsFreeAsync(server, other);
    }

    /// <summary>Brings the sends to their end; the link is attached then.</summary>
    /// <returns>How many were sent on it.</returns>
    private async Task<uint> EndAsync(RawServer server, End end, CancellationTokenSource cancel, Task[] sends)
    {
        if (end == End.CancelledWhileLost)
        {
            await cancel.CancelAsync();
            await EndedAsync<OperationCanceledException>(sends);
        }

        await ComeBackAsync(server, maxMessageSize: end == End.TooLarge ? 3u : null);
        if (end == End.TimedOut)
        {
            _time.Advance(TimeSpan.FromMinutes(2));
            await EndedAsync<TimeoutException>(sends);
        }

        if (end == End.TooLarge)
        {
            await EndedAsync<LinkException>(sends);
            await LoseAsync(server);
            await ComeBackAsync(server);
        }

        if (end is End.CancelledWhileLost or End.TimedOut or End.TooLarge)
            return 0;
        await SendOutAsync(server);
        if (end is End.CancelledInFlight or End.LeftAndLost)
        {
            await cancel.CancelAsync();
            await EndedAsync<SendCanceledInDoubtException>(sends);
        }

        if (end is End.Surfaced or End.SentAgain or End.LeftAndLost)
        {
            await LoseAsync(server);
            await ComeBackAsync(server);
        }

        if (end == End.Surfaced)
            await EndedAsync<DeliveryInDoubtException>(sends);
        if (end is End.Surfaced or End.LeftAndLost)
            return 0;
        if (end == End.SentAgain)
            await SendOutAsync(server);
        await server.Peer.SettleAsync(0, end == End.Rejected ? new Rejected() : Accepted.Instance, last: Places - 1);
        if (end == End.Rejected)
            await EndedAsync<Exception>(sends);
        else if (end != End.CancelledInFlight)
            await Task.WhenAll(sends).Bounded();
        return Places;
    }

    private static Task EndedAsync<T>(Task[] sends)
        where T : Exception => Task.WhenAll(sends.Select(send => send.ThrowsAny<T>()));

    private static async Task SendOutAsync(RawServer server)
    {
        await server.Peer.GiveCreditAsync(Places);
        for (int i = 0; i < Places; i++)
            await server.Peer.ReadUntilAsync<RawTransfer>();
        await server.FenceAsync();
    }

    /// <summary>As many sends as there are places are queued at once, and one more is not.</summary>
    private static async Task AssertRoomIsFreeAsync(RawServer server, ISender sender)
    {
        await LoseAsync(server);
        Task[] sends = [.. Enumerable.Range(0, Places + 1).Select(_ => sender.SendAsync(Body(), BoundedWaits.Stop).AsTask())];
        await server.FenceAsync();

        Assert.Equal(Places, (await server.QueuedAsync(sender)).Unsent);

        await server.Connection.CloseAsync(BoundedWaits.Stop).Bounded();
        await EndedAsync<Exception>(sends);
    }

    private static async Task LoseAsync(RawServer server)
    {
        await server.Peer.DisposeAsync();
        await server.StateAsync(ConnectionState.Reconnecting);
    }

    private static async Task ComeBackAsync(RawServer server, ulong? maxMessageSize = null)
    {
        await server.AcceptOpenAsync();
        await server.Peer.AnswerBeginAsync();
        await server.Peer.AnswerAttachAsync(maxMessageSize);
        await server.StateAsync(ConnectionState.Connected);
    }

    private static Message Body() => new("x");

    private Task<RawServer> OpenAsync() => RawServer.OpenAsync(
        new ConnectionOptions
        {
            IdleTimeout = TimeSpan.Zero,
            HandshakeTimeout = Timeout.InfiniteTimeSpan,
            MaxPendingSends = Places + 1, // the bytes are the limit: one that is not given back shows
            MaxPendingBytes = Places * RawPeer.Encode(Body()).Length,
            Recovery = { Delay = new OwnDelay(() => TimeSpan.Zero) },
        },
        new MessagingClientOptions { TimeProvider = _time });
}
