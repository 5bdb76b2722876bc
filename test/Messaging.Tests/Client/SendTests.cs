using Messaging.Amqp;
using Messaging.Amqp.Framing;
using Messaging.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Messaging.Tests.Client;

/// <summary>The ways to send, credit at the sending end, and drain.</summary>
public sealed class SendTests
{
    [Fact]
    public async Task SendTracked_NoCredit_CompletesWhenCreditComes()
    {
        await using RawServer server = await RawServer.OpenAsync();
        ISender sender = await server.SenderAsync();
        Task<ISentDelivery> sending = sender.SendTrackedAsync(new Message("x"), BoundedWaits.Stop).AsTask();
        await server.FenceAsync();
        Assert.False(sending.IsCompleted);

        await server.Peer.GiveCreditAsync(1);

        ISentDelivery sent = await sending.Bounded();
        Assert.False(sent.Outcome.IsCompleted);
        Assert.InRange(sent.Tag.Length, 1, 32);
    }

    [Fact]
    public async Task TrySend_NoCredit_ReturnsFalse()
    {
        await using RawServer server = await RawServer.OpenAsync();
        ISender sender = await server.SenderAsync(credit: 2);

        Assert.True(sender.TrySend(new Message("1"), out ISentDelivery? first));
        Assert.True(sender.TrySend(new Message("2"), out _));
        Assert.False(sender.TrySend(new Message("3"), out ISentDelivery? third));

        Assert.Null(third);
        Assert.Equal(0, sender.Credit);
        await server.Peer.ReadAsync<RawTransfer>();
        await server.Peer.SettleAsync(0, Released.Instance);
        Assert.Same(Released.Instance, await first.Outcome.Bounded());
    }

    [Fact]
    public async Task Send_Presettled_CompletesWithoutADisposition()
    {
        await using RawServer server = await RawServer.OpenAsync();
        ISender sender = await server.SenderAsync(credit: 2, new SenderOptions { SettleMode = SenderSettleMode.Settled });

        await sender.SendAsync(new Message("x"), BoundedWaits.Stop).Bounded();
        ISentDelivery sent = await sender.SendTrackedAsync(new Message("y"), BoundedWaits.Stop).Bounded();

        Assert.Same(Accepted.Instance, await sent.Outcome.Bounded());
        Assert.True((await server.Peer.ReadAsync<RawTransfer>()).Settled);
    }

    [Fact]
    public async Task Send_MessageReusedAfterTheCall_SendsWhatItWas()
    {
        await using RawServer server = await RawServer.OpenAsync();
        ISender sender = await server.SenderAsync();
        var message = new Message("x") { Subject = "before" };

        Task sending = sender.SendAsync(message, BoundedWaits.Stop).AsTask();
        message.Subject = "after";
        await server.Peer.GiveCreditAsync(1);

        RawTransfer transfer = await server.Peer.ReadAsync<RawTransfer>();
        Assert.Equal(RawPeer.Encode(new Message("x") { Subject = "before" }), transfer.Payload);
        await server.Peer.SettleAsync(0, Accepted.Instance);
        await sending.Bounded();
    }

    [Fact]
    public async Task Send_AfterOneThatWasNeverSent_SendsOnlyItself()
    {
        var time = new FakeTimeProvider();
        await using RawServer server = await RawServer.OpenAsync(new ConnectionOptions { IdleTimeout = TimeSpan.Zero }, new MessagingClientOptions { TimeProvider = time });
        ISender sender = await server.SenderAsync();
        byte[] expected = RawPeer.Encode(new Message("second"));

        for (int i = 0; i < 20; i++)
        {
            Task lost = sender.SendAsync(new Message("first, which is longer"), CancellationToken.None).AsTask();
            await time.PassUntilAsync(lost, TimeSpan.FromSeconds(60));
            await lost.Throws<TimeoutException>();
        }

        Task[] sending = [.. Enumerable.Range(0, 20).Select(_ => sender.SendAsync(new Message("second"), CancellationToken.None).AsTask())];
        await server.Peer.GiveCreditAsync(100);
        for (uint i = 0; i < 20; i++)
            Assert.Equal(expected, (await server.Peer.ReadAsync<RawTransfer>()).Payload);
        await server.Peer.SettleAsync(0, Accepted.Instance, last: 19);
        await Task.WhenAll(sending).Bounded();
    }

    [Fact]
    public async Task Send_LargerThanMaxMessageSize_ThrowsAtTheCallAndTheLinkLives()
    {
        await using RawServer server = await RawServer.OpenAsync();
        ISender sender = await server.SenderAsync(credit: 10, maxMessageSize: 100);

        ArgumentException exception = Assert.Throws<ArgumentException>(() => { _ = sender.SendAsync(new Message(new byte[200]), BoundedWaits.Stop); });

        Assert.Equal(100u, sender.MaxMessageSize);
        Assert.Contains("100 bytes", exception.Message, StringComparison.Ordinal);
        Task sending = sender.SendAsync(new Message("x"), BoundedWaits.Stop).AsTask();
        Assert.Equal(RawPeer.Encode(new Message("x")), (await server.Peer.ReadAsync<RawTransfer>()).Payload);
        await server.Peer.SettleAsync(0, Accepted.Instance);
        await sending.Bounded();
    }

    [Fact]
    public async Task Send_Null_Throws()
    {
        await using RawServer server = await RawServer.OpenAsync();
        ISender sender = await server.SenderAsync();

        Assert.Throws<ArgumentNullException>(() => { _ = sender.SendAsync(null!, BoundedWaits.Stop); });
        Assert.Throws<ArgumentNullException>(() => sender.TrySend(null!, out _));
    }

    [Fact]
    public async Task Send_UnsupportedBody_ThrowsAtTheCall()
    {
        await using RawServer server = await RawServer.OpenAsync();
        ISender sender = await server.SenderAsync();

        Assert.ThrowsAny<ArgumentException>(() => { _ = sender.SendAsync(new Message(new Version(1, 2)), BoundedWaits.Stop); });
        Assert.Equal(0, sender.Credit);
    }

    [Fact]
    public async Task Drain_NothingQueued_IsAnsweredAndTheCreditIsGone()
    {
        await using RawServer server = await RawServer.OpenAsync();
        ISender sender = await server.SenderAsync(credit: 1);

        await server.Peer.GiveCreditAsync(10, drain: true);

        Flow answer = await server.Peer.ReadAsync<Flow>();
        Assert.Equal((10u, 0u), (answer.DeliveryCount!.Value, answer.LinkCredit!.Value));
        await server.FenceAsync();
        Assert.Equal(0, sender.Credit);
        Assert.False(sender.IsDrainRequested);
        Assert.False(sender.TrySend(new Message("x"), out _));
    }

    [Fact]
    public async Task Drain_Manual_IsShownAndAnsweredByTheApplication()
    {
        await using TestPair pair = await TestPair.OpenAsync();
        (IReceiver receiver, ISender sender) = await pair.ReceivingLinkAsync(new ReceiverOptions { CreditWindow = 0 }, new IncomingSenderOptions { ManualDrain = true });
        await receiver.AddCreditAsync(5, BoundedWaits.Stop).Bounded();
        Task draining = receiver.DrainAsync(BoundedWaits.Stop).AsTask();
        await BoundedWaits.UntilAsync(() => sender.IsDrainRequested);
        Assert.Equal(5, sender.Credit);
        Assert.False(draining.IsCompleted);

        await sender.DrainedAsync(BoundedWaits.Stop).Bounded();

        await draining.Bounded();
        Assert.Equal(0, sender.Credit);
        Assert.False(sender.IsDrainRequested);
    }

    [Fact]
    public async Task WaitForCredit_CreditComes_Completes()
    {
        await using RawServer server = await RawServer.OpenAsync();
        ISender sender = await server.SenderAsync();
        Task waiting = sender.WaitForCreditAsync(BoundedWaits.Stop).AsTask();
        Assert.False(waiting.IsCompleted);

        await server.Peer.GiveCreditAsync(3);

        await waiting.Bounded();
        Assert.Equal(3, sender.Credit);
    }

    [Fact]
    public async Task WaitForCredit_LinkEnds_Throws()
    {
        await using RawServer server = await RawServer.OpenAsync();
        ISender sender = await server.SenderAsync();
        Task waiting = sender.WaitForCreditAsync(BoundedWaits.Stop).AsTask();

        await server.Peer.SendAsync(new Detach { Handle = 0, Closed = true, Error = new AmqpError(ErrorCondition.ResourceDeleted) });

        await waiting.Throws<LinkException>();
    }

    [Fact]
    public async Task SendBatch_OneRefused_GivesEveryOutcomeInOrder()
    {
        await using RawServer server = await RawServer.OpenAsync();
        ISender sender = await server.SenderAsync(credit: 10);

        ValueTask<IReadOnlyList<Outcome>> sending = sender.SendBatchAsync([new Message(1), new Message(2)], BoundedWaits.Stop);
        await server.Peer.ReadAsync<RawTransfer>();
        await server.Peer.ReadAsync<RawTransfer>();
        await server.Peer.SettleAsync(1, Accepted.Instance);
        await server.Peer.SettleAsync(0, Released.Instance);

        Assert.Equal([Released.Instance, Accepted.Instance], await sending.Bounded());
    }

    [Fact]
    public async Task Send_LargeMessage_IsSplitAndArrivesWhole()
    {
        await using TestPair pair = await TestPair.OpenAsync(new ConnectionOptions { MaxFrameSize = 512 });
        (ISender sender, IReceiver receiver) = await pair.SendingLinkAsync();
        byte[] body = new byte[100_000];
        new Random(5).NextBytes(body);
        ValueTask<IDelivery> receiving = receiver.ReceiveAsync(BoundedWaits.Stop);

        Task sending = sender.SendAsync(new Message(body), BoundedWaits.Stop).AsTask();

        IDelivery delivery = await receiving.Bounded();
        Assert.Equal(body, Assert.IsType<byte[]>(delivery.Message.Body));
        await delivery.AcceptAsync(BoundedWaits.Stop);
        await sending.Bounded();
    }
}
