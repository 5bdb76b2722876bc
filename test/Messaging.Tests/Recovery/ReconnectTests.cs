using Messaging.Amqp;
using Messaging.Amqp.Framing;
using Messaging.Tests.Support;

namespace Messaging.Tests.Recovery;

/// <summary>A connection that is lost and comes back, seen on the wire: the raw server dies and answers again.</summary>
public class ReconnectTests
{
    [Fact]
    public async Task ConnectionLost_SentAndNotSettled_GoesOutAgainInOrderWithTheSameTags()
    {
        await using RawServer server = await RawServer.OpenAsync(new ConnectionOptions());
        ISender sender = await server.SenderAsync(credit: 5);
        ISentDelivery first = await sender.SendTrackedAsync(new Message("1"), BoundedWaits.Stop).Bounded();
        ISentDelivery second = await sender.SendTrackedAsync(new Message("2"), BoundedWaits.Stop).Bounded();
        byte[] firstTag = (await server.Peer.ReadAsync<RawTransfer>()).Tag;
        byte[] secondTag = (await server.Peer.ReadAsync<RawTransfer>()).Tag;

        Attach again = await server.ReconnectAsync();

        Assert.Equal(sender.Name, again.Name);
        Task waiting = sender.SendAsync(new Message("3"), BoundedWaits.Stop).AsTask();
        await server.Peer.GiveCreditAsync(5);
        RawTransfer[] sent = [await server.Peer.ReadUntilAsync<RawTransfer>(), await server.Peer.ReadUntilAsync<RawTransfer>(), await server.Peer.ReadUntilAsync<RawTransfer>()];
        Assert.Equal([firstTag, secondTag], sent[..2].Select(transfer => transfer.Tag));
        Assert.Equal([RawPeer.Encode(new Message("1")), RawPeer.Encode(new Message("2")), RawPeer.Encode(new Message("3"))], sent.Select(transfer => transfer.Payload));
        Assert.NotEqual(secondTag, sent[2].Tag);
        await server.Peer.SettleAsync(0, Accepted.Instance);
        await server.Peer.SettleAsync(1, Accepted.Instance);
        await server.Peer.SettleAsync(2, Accepted.Instance);
        await Task.WhenAll(first.Outcome, second.Outcome, waiting).Bounded();
        Assert.Equal((2, 2), (first.Attempts, second.Attempts));
        Assert.Equal(ConnectionState.Connected, server.Connection.State);
    }

    [Fact]
    public async Task ConnectionLost_CancelledBeforeItGoesOutAgain_IsNotSentAndLeavesItsCredit()
    {
        await using RawServer server = await RawServer.OpenAsync(new ConnectionOptions());
        ISender sender = await server.SenderAsync(credit: 5);
        using var cancel = new CancellationTokenSource();
        Task doubtful = sender.SendAsync(new Message("1"), cancel.Token).AsTask();
        await server.Peer.ReadAsync<RawTransfer>();
        await server.ReconnectAsync();
        await server.StateAsync(ConnectionState.Connected);

        await cancel.CancelAsync();
        await doubtful.Throws<SendCanceledInDoubtException>();
        Task next = sender.SendAsync(new Message("2"), BoundedWaits.Stop).AsTask();
        await server.Peer.GiveCreditAsync(5);

        Assert.Equal(RawPeer.Encode(new Message("2")), (await server.Peer.ReadUntilAsync<RawTransfer>()).Payload);
        await server.Peer.SettleAsync(0, Accepted.Instance);
        await next.Bounded();
        Assert.Equal(4, sender.Credit);
    }

    [Fact]
    public async Task ConnectionLost_Presettled_IsInDoubtAndNotSentAgain()
    {
        await using LoopPair pair = await LoopPair.OpenRawAsync(supervisor: new TestSupervisor());
        ValueTask<ISender> creating = pair.First.CreateSenderAsync("q", new SenderOptions { SettleMode = SenderSettleMode.Settled }, BoundedWaits.Stop);
        await pair.Peer!.AnswerBeginAsync();
        await pair.Peer.AnswerAttachAsync();
        ISender sender = await creating.Bounded();
        await pair.Peer.GiveCreditAsync(1);
        await sender.WaitForCreditAsync(BoundedWaits.Stop).Bounded();
        pair.Transport.Hold();
        Task lost = sender.SendAsync(new Message("lost"), BoundedWaits.Stop).AsTask();
        await pair.Transport.Held;
        await pair.Peer.DisposeAsync();
        await lost.Throws<DeliveryInDoubtException>();

        await pair.ReopenRawAsync();
        await pair.Peer.AnswerBeginAsync();
        await pair.Peer.AnswerAttachAsync();
        Task next = sender.SendAsync(new Message("next"), BoundedWaits.Stop).AsTask();
        await pair.Peer.GiveCreditAsync(5);

        Assert.Equal(RawPeer.Encode(new Message("next")), (await pair.Peer.ReadUntilAsync<RawTransfer>()).Payload);
        await next.Bounded();
    }

    [Fact]
    public async Task ConnectionLost_Receiver_AttachesWithWhatItHadAttachedWith()
    {
        await using RawServer server = await RawServer.OpenAsync(new ConnectionOptions());
        var options = new ReceiverOptions
        {
            Name = "subscription",
            Source = new Source
            {
                Address = "q",
                Durability = TerminusDurability.UnsettledState,
                ExpiryPolicy = TerminusExpiryPolicy.Never,
                Capabilities = ["shared", "topic"],
                Filter = new Dictionary<Symbol, object?> { ["selector"] = new Described((Symbol)"apache.org:selector-filter:string", "colour = 'red'") },
            },
        };
        ValueTask<IReceiver> creating = server.Connection.CreateReceiverAsync(options, BoundedWaits.Stop);
        await server.Peer.AnswerBeginAsync();
        Attach first = await server.Peer.AnswerAttachAsync();
        await creating.Bounded();

        Attach again = await server.ReconnectAsync();

        Assert.Equal(RawPeer.Frame(first), RawPeer.Frame(again));
    }

    [Fact]
    public async Task ConnectionLost_DynamicNode_GetsANewAddressAndTheEvent()
    {
        await using RawServer server = await RawServer.OpenAsync(new ConnectionOptions());
        ValueTask<IReceiver> creating = server.Connection.CreateReceiverAsync(new ReceiverOptions { Source = new Source { Dynamic = true } }, BoundedWaits.Stop);
        await server.Peer.AnswerBeginAsync();
        Attach first = await server.Peer.ReadUntilAsync<Attach>();
        await server.Peer.SendAsync(RawPeer.Answer(first) with { Source = first.Source! with { Address = "node-1" } });
        IReceiver receiver = await creating.Bounded();
        var told = new TaskCompletionSource<string?>();
        receiver.StateChanged += (_, change) =>
        {
            if (change.Current == LinkState.Attached)
                told.TrySetResult(receiver.Source.Address);
        };
        Assert.Equal("node-1", receiver.Source.Address);

        await server.Peer.DisposeAsync();
        await server.AcceptOpenAsync();
        await server.Peer.AnswerBeginAsync();
        Attach again = await server.Peer.ReadUntilAsync<Attach>();
        await server.Peer.SendAsync(RawPeer.Answer(again) with { Source = again.Source! with { Address = "node-2" } });

        Assert.Equal((true, null), (again.Source!.Dynamic, again.Source.Address));
        Assert.Equal("node-2", await told.Task.Bounded());
    }

    [Fact]
    public async Task ConnectionLost_Surface_SentIsInDoubtAndTheRestWaits()
    {
        await using RawServer server = await RawServer.OpenAsync(new ConnectionOptions());
        ISender sender = await server.SenderAsync(credit: 1, new SenderOptions { OnConnectionLoss = ConnectionLossBehavior.Surface });
        Task sent = sender.SendAsync(new Message("sent"), BoundedWaits.Stop).AsTask();
        Task queued = sender.SendAsync(new Message("queued"), BoundedWaits.Stop).AsTask();
        await server.Peer.ReadAsync<RawTransfer>();

        await server.ReconnectAsync();

        DeliveryInDoubtException exception = await sent.Throws<DeliveryInDoubtException>();
        Assert.True(exception.IsTransient);
        await server.Peer.GiveCreditAsync(1, deliveryCount: 0);
        Assert.Equal(RawPeer.Encode(new Message("queued")), (await server.Peer.ReadUntilAsync<RawTransfer>()).Payload);
        await server.Peer.SettleAsync(0, Accepted.Instance);
        await queued.Bounded();
    }

    [Fact]
    public async Task ConnectionLost_Receiver_GetsItsCreditBackAndOldDeliveriesCannotBeSettled()
    {
        await using RawServer server = await RawServer.OpenAsync(new ConnectionOptions());
        IReceiver receiver = await server.ReceiverAsync(new ReceiverOptions { CreditWindow = 10 });
        Task<IDelivery> receiving = receiver.ReceiveAsync(BoundedWaits.Stop).AsTask();
        Assert.Equal(10u, (await server.Peer.ReadAsync<Flow>()).LinkCredit);
        await server.Peer.SendTransferAsync(0, RawPeer.Encode(new Message("old")));
        await server.Peer.SendTransferAsync(1, RawPeer.Encode(new Message("prefetched")));
        IDelivery old = await receiving.Bounded();
        await server.FenceAsync();

        await server.ReconnectAsync();

        Assert.Equal(10u, (await server.Peer.ReadUntilAsync<Flow>()).LinkCredit);
        await Assert.ThrowsAsync<DeliveryLostException>(() => old.AcceptAsync(BoundedWaits.Stop).AsTask());
        Assert.False(receiver.TryReceive(out _));
        await server.Peer.SendTransferAsync(0, RawPeer.Encode(new Message("old")));
        Assert.Equal("old", (await receiver.ReceiveAsync(BoundedWaits.Stop).Bounded()).Message.Body);
    }

    [Fact]
    public async Task ConnectionLost_ManualCredit_IsGivenAgain()
    {
        await using RawServer server = await RawServer.OpenAsync(new ConnectionOptions());
        IReceiver receiver = await server.ReceiverAsync(new ReceiverOptions { CreditWindow = 0 });
        await receiver.AddCreditAsync(5, BoundedWaits.Stop).Bounded();
        await server.Peer.ReadAsync<Flow>();
        await server.Peer.SendTransferAsync(0, RawPeer.Encode(new Message("taken")));
        await receiver.ReceiveAsync(BoundedWaits.Stop).Bounded();
        await server.Peer.SendTransferAsync(1, RawPeer.Encode(new Message("prefetched")));
        await server.FenceAsync();

        await server.ReconnectAsync();

        Assert.Equal(4u, (await server.Peer.ReadUntilAsync<Flow>()).LinkCredit);
    }

    [Fact]
    public async Task ConnectionLost_LinksCreatedMeanwhile_WaitForIt()
    {
        await using RawServer server = await RawServer.OpenAsync(new ConnectionOptions());
        await server.Peer.DisposeAsync();
        await server.StateAsync(ConnectionState.Reconnecting);
        Task<ISender> creating = server.Connection.CreateSenderAsync("q", BoundedWaits.Stop).AsTask();

        await server.AcceptOpenAsync();
        await server.Peer.AnswerBeginAsync();
        await server.Peer.AnswerAttachAsync();

        Assert.Equal("q", (await creating.Bounded()).Target.Address);
    }

    [Fact]
    public async Task ConnectionForced_IsAReconnect()
    {
        await using RawServer server = await RawServer.OpenAsync(new ConnectionOptions());
        await server.SenderAsync();

        await server.Peer.SendAsync(new Close { Error = new AmqpError(ErrorCondition.ConnectionForced, "maintenance") });

        await server.AcceptOpenAsync();
        await server.StateAsync(ConnectionState.Connected);
        Assert.False(server.Connection.Closed.IsCompleted);
    }

    [Theory]
    [InlineData("amqp:not-allowed")]
    [InlineData("amqp:unauthorized-access")]
    [InlineData("amqp:invalid-field")]
    [InlineData("amqp:decode-error")]
    [InlineData("amqp:connection:framing-error")]
    public async Task ConnectionClosedForGood_Ends(string condition)
    {
        await using RawServer server = await RawServer.OpenAsync(new ConnectionOptions());
        ISender sender = await server.SenderAsync();
        Task queued = sender.SendAsync(new Message("x"), BoundedWaits.Stop).AsTask();

        await server.Peer.SendAsync(new Close { Error = new AmqpError(condition, "no") });

        CloseReason reason = await server.Connection.Closed.Bounded();
        Assert.Equal(condition, reason.Error?.Condition.Value);
        Assert.Equal(ConnectionState.Faulted, server.Connection.State);
        Assert.Contains("not sent", (await queued.Throws<MessagingConnectionException>()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ConnectionClosedWithoutAnError_Ends()
    {
        await using RawServer server = await RawServer.OpenAsync(new ConnectionOptions());

        await server.Peer.SendAsync(new Close());

        await server.Connection.Closed.Bounded();
        Assert.Equal(ConnectionState.Closed, server.Connection.State);
    }

    [Fact]
    public async Task LinkDetachedForAPassingReason_IsAttachedAgain()
    {
        await using RawServer server = await RawServer.OpenAsync(new ConnectionOptions());
        ISender sender = await server.SenderAsync(credit: 1);
        Task sent = sender.SendAsync(new Message("x"), BoundedWaits.Stop).AsTask();
        await server.Peer.ReadAsync<RawTransfer>();

        await server.Peer.SendAsync(new Detach { Error = new AmqpError(ErrorCondition.DetachForced, "moved") });

        await server.Peer.ReadUntilAsync<Detach>();
        Attach again = await server.Peer.AnswerAttachAsync();
        Assert.Equal(sender.Name, again.Name);
        await server.Peer.GiveCreditAsync(1, handle: again.Handle);
        Assert.Equal(RawPeer.Encode(new Message("x")), (await server.Peer.ReadUntilAsync<RawTransfer>()).Payload);
        await server.Peer.SettleAsync(1, Accepted.Instance);
        await sent.Bounded();
        Assert.False(sender.Closed.IsCompleted);
    }

    [Theory]
    [InlineData("amqp:not-found", true)]
    [InlineData("amqp:unauthorized-access", true)]
    [InlineData("amqp:link:stolen", false)]
    public async Task LinkDetachedForGood_EndsAlone(string condition, bool closed)
    {
        await using RawServer server = await RawServer.OpenAsync(new ConnectionOptions());
        ISender sender = await server.SenderAsync();
        Task queued = sender.SendAsync(new Message("x"), BoundedWaits.Stop).AsTask();

        await server.Peer.SendAsync(new Detach { Closed = closed, Error = new AmqpError(condition) });

        Assert.Equal(condition, (await queued.Throws<LinkException>()).Error?.Condition.Value);
        await sender.Closed.Bounded();
        Assert.Equal(ConnectionState.Connected, server.Connection.State);
    }

    [Fact]
    public async Task Close_WhileReconnecting_EndsAtOnce()
    {
        await using RawServer server = await RawServer.OpenAsync(new ConnectionOptions());
        ISender sender = await server.SenderAsync();
        await server.Peer.DisposeAsync();
        await server.StateAsync(ConnectionState.Reconnecting);
        Task queued = sender.SendAsync(new Message("x"), BoundedWaits.Stop).AsTask();

        await server.Connection.CloseAsync(BoundedWaits.Stop).Bounded();

        Assert.Equal(ConnectionState.Closed, server.Connection.State);
        await queued.ThrowsAny<Exception>();
        await sender.Closed.Bounded();
    }
}
