using Messaging.Amqp;
using Messaging.Amqp.Framing;
using Messaging.Tests.Support;

namespace Messaging.Tests.Client;

/// <summary>Credit that only the application gives (a window of 0).</summary>
public sealed class ManualCreditTests
{
    private static readonly ReceiverOptions Manual = new() { CreditWindow = 0 };

    [Fact]
    public async Task ReceiveAsync_Waiting_GrantsNothingByItself()
    {
        await using RawServer server = await RawServer.OpenAsync();
        IReceiver receiver = await server.ReceiverAsync(Manual);

        ValueTask<IDelivery> receiving = receiver.ReceiveAsync(BoundedWaits.Stop);
        await server.FenceAsync();
        await receiver.AddCreditAsync(3, BoundedWaits.Stop).Bounded();

        Assert.Equal(3u, (await server.Peer.ReadAsync<Flow>()).LinkCredit);
        await server.Peer.SendTransferAsync(0, RawPeer.Encode(new Message("x")));
        await receiving.Bounded();
    }

    [Fact]
    public async Task AddCredit_Twice_AddsUp()
    {
        await using RawServer server = await RawServer.OpenAsync();
        IReceiver receiver = await server.ReceiverAsync(Manual);

        await receiver.AddCreditAsync(2, BoundedWaits.Stop).Bounded();
        await receiver.AddCreditAsync(3, BoundedWaits.Stop).Bounded();

        Assert.Equal(2u, (await server.Peer.ReadAsync<Flow>()).LinkCredit);
        Assert.Equal(5u, (await server.Peer.ReadAsync<Flow>()).LinkCredit);
    }

    [Fact]
    public async Task ConnectionLost_InTheMiddleOfAMessage_ItsCreditIsGivenAgain()
    {
        await using RawServer server = await RawServer.OpenAsync(new ConnectionOptions());
        IReceiver receiver = await server.ReceiverAsync(Manual);
        await receiver.AddCreditAsync(1, BoundedWaits.Stop).Bounded();
        await server.Peer.ReadAsync<Flow>();
        await server.Peer.SendTransferAsync(0, RawPeer.Encode(new Message("x"))[..2], more: true);
        await server.FenceAsync();

        await server.ReconnectAsync();

        Assert.Equal(1u, (await server.Peer.ReadAsync<Flow>()).LinkCredit);
    }

    [Fact]
    public async Task Drain_WhileTheLinkIsAttachedAgain_SaysSo()
    {
        await using RawServer server = await RawServer.OpenAsync(new ConnectionOptions());
        IReceiver receiver = await server.ReceiverAsync(Manual);
        await receiver.AddCreditAsync(10, BoundedWaits.Stop).Bounded();
        await server.Peer.DisposeAsync();
        await server.AcceptOpenAsync();
        await server.Peer.AnswerBeginAsync();
        Attach attach = await server.Peer.ReadAsync<Attach>();

        LinkException exception = await receiver.DrainAsync(BoundedWaits.Stop).Throws<LinkException>();

        Assert.True(exception.IsTransient);
        await server.Peer.SendAsync(RawPeer.Answer(attach));
        Assert.Equal(10u, (await server.Peer.ReadAsync<Flow>()).LinkCredit);
    }

    [Fact]
    public async Task Drain_CreditThatWaitedForTheLink_GoesOutWithTheDrain()
    {
        await using RawServer server = await RawServer.OpenAsync(new ConnectionOptions());
        var receiver = (Messaging.Client.Receiver)await server.ReceiverAsync(Manual);
        await receiver.AddCreditAsync(10, BoundedWaits.Stop).Bounded();
        await server.Peer.DisposeAsync();
        await server.AcceptOpenAsync();
        await server.Peer.AnswerBeginAsync();
        Task? draining = null;
        receiver.StateChanged += (_, change) => draining ??= change.Current == LinkState.Attached ? receiver.DrainAsync(BoundedWaits.Stop).AsTask() : null;

        await server.Peer.AnswerAttachAsync();
        Flow flow = await server.Peer.ReadUntilAsync<Flow>();
        if (!flow.Drain)
            flow = await server.Peer.ReadUntilAsync<Flow>(); // the credit was quicker than the event

        Assert.Equal((10u, true), (flow.LinkCredit, flow.Drain));
    }

    [Fact]
    public async Task Drain_Answered_CompletesAndKeepsWhatArrived()
    {
        await using TestPair pair = await TestPair.OpenAsync();
        (IReceiver receiver, ISender sender) = await pair.ReceivingLinkAsync(Manual);
        await receiver.AddCreditAsync(5, BoundedWaits.Stop).Bounded();
        await sender.WaitForCreditAsync(BoundedWaits.Stop).Bounded();
        Assert.True(sender.TrySend(new Message("x"), out ISentDelivery? sent));

        await receiver.DrainAsync(BoundedWaits.Stop).Bounded();

        Assert.True(receiver.TryReceive(out IDelivery? delivery));
        Assert.False(receiver.TryReceive(out _));
        await delivery.AcceptAsync(BoundedWaits.Stop);
        Assert.Same(Accepted.Instance, await sent.Outcome.Bounded());
        Assert.Equal(0, sender.Credit);
    }

    [Fact]
    public async Task Drain_WithoutCredit_CompletesAtOnce()
    {
        await using RawServer server = await RawServer.OpenAsync();
        IReceiver receiver = await server.ReceiverAsync(Manual);

        await receiver.DrainAsync(BoundedWaits.Stop).Bounded();
    }

    [Fact]
    public async Task Drain_LinkEnds_ThrowsLinkException()
    {
        await using RawServer server = await RawServer.OpenAsync();
        IReceiver receiver = await server.ReceiverAsync(Manual);
        await receiver.AddCreditAsync(1, BoundedWaits.Stop).Bounded();
        ValueTask draining = receiver.DrainAsync(BoundedWaits.Stop);

        await server.Peer.SendAsync(new Detach { Handle = 0, Closed = true, Error = new AmqpError(ErrorCondition.ResourceDeleted) });

        LinkException exception = await draining.Throws<LinkException>();
        Assert.Equal(ErrorCondition.ResourceDeleted, exception.Error?.Condition);
    }

    [Fact]
    public async Task AddCredit_WithAWindow_ThrowsAndNamesTheOption()
    {
        await using RawServer server = await RawServer.OpenAsync();
        IReceiver receiver = await server.ReceiverAsync();

        InvalidOperationException exception = await receiver.AddCreditAsync(1, BoundedWaits.Stop).Throws<InvalidOperationException>();

        Assert.Contains("CreditWindow", exception.Message, StringComparison.Ordinal);
        await receiver.DrainAsync(BoundedWaits.Stop).Throws<InvalidOperationException>();
    }

    [Fact]
    public async Task AddCredit_BesideADrain_DoesNotLoseTheDrain()
    {
        await using RawServer server = await RawServer.OpenAsync();
        IReceiver receiver = await server.ReceiverAsync(Manual);
        await receiver.AddCreditAsync(3, BoundedWaits.Stop).Bounded();
        Task draining = receiver.DrainAsync(BoundedWaits.Stop).AsTask();
        await server.FenceAsync();

        await receiver.AddCreditAsync(2, BoundedWaits.Stop).Bounded();

        Assert.False((await server.Peer.ReadAsync<Flow>()).Drain);
        Assert.True((await server.Peer.ReadAsync<Flow>()).Drain);
        Flow last = await server.Peer.ReadAsync<Flow>();
        Assert.True(last.Drain);
        Assert.Equal(5u, last.LinkCredit);
        await server.Peer.SendAsync(new Flow { NextIncomingId = 0, IncomingWindow = 100, NextOutgoingId = 0, OutgoingWindow = 100, Handle = 0, DeliveryCount = 5, LinkCredit = 0, Drain = true });
        await draining.Bounded();
    }

    [Fact]
    public async Task AddCredit_BeyondWhatSerialNumbersHold_IsCutAndTheConnectionLives()
    {
        await using RawServer server = await RawServer.OpenAsync();
        IReceiver receiver = await server.ReceiverAsync(Manual);

        for (int i = 0; i < 3; i++)
            await receiver.AddCreditAsync(int.MaxValue, BoundedWaits.Stop).Bounded();

        for (int i = 0; i < 3; i++)
            Assert.Equal((uint)int.MaxValue, (await server.Peer.ReadAsync<Flow>()).LinkCredit);
    }

    [Fact]
    public async Task AddCredit_BeyondWhatSerialNumbersHoldOnALostLink_IsCut()
    {
        await using RawServer server = await RawServer.OpenAsync(new ConnectionOptions());
        IReceiver receiver = await server.ReceiverAsync(Manual);
        await server.Peer.DisposeAsync();
        await server.StateAsync(ConnectionState.Reconnecting);

        for (int i = 0; i < 3; i++)
            await receiver.AddCreditAsync(int.MaxValue, BoundedWaits.Stop).Bounded();

        await server.AcceptOpenAsync();
        await server.Peer.AnswerBeginAsync();
        await server.Peer.AnswerAttachAsync();
        Assert.Equal((uint)int.MaxValue, (await server.Peer.ReadAsync<Flow>()).LinkCredit);
    }
}
