using Messaging.Amqp;
using Messaging.Amqp.Framing;
using Messaging.Tests.Support;

namespace Messaging.Tests.Client;

/// <summary>What calls throw when a connection or session has ended names the link and its address, as it does when the link has.</summary>
public sealed class EndedLinkTests
{
    private static readonly ReceiverOptions Options = new() { Name = "my-link" };

    [Fact]
    public async Task Receiver_ConnectionLost_CallsNameTheLink()
    {
        await using RawServer server = await RawServer.OpenAsync();
        IReceiver receiver = await server.ReceiverAsync(Options);
        ValueTask<IDelivery> first = receiver.ReceiveAsync(BoundedWaits.Stop);
        await server.Peer.ReadAsync<Flow>();
        await server.Peer.SendTransferAsync(0, RawPeer.Encode(new Message("x")));
        IDelivery delivery = await first.Bounded();
        ValueTask<IDelivery> receiving = receiver.ReceiveAsync(BoundedWaits.Stop);
        Task<IDelivery> streaming = receiver.ReceiveAllAsync(BoundedWaits.Stop).FirstAsync(BoundedWaits.Stop).AsTask();

        await server.Peer.DisposeAsync();

        AssertNamed(await receiving.Throws<MessagingConnectionException, IDelivery>());
        AssertNamed(await streaming.Throws<MessagingConnectionException>());
        AssertNamed(await receiver.ReceiveAsync(BoundedWaits.Stop).Throws<MessagingConnectionException, IDelivery>());
        AssertNamed(Assert.Throws<MessagingConnectionException>(() => { _ = delivery.AcceptAsync(BoundedWaits.Stop); }));
        AssertNamed(Assert.Throws<MessagingConnectionException>(() => receiver.TryReceive(out _)));
    }

    [Fact]
    public async Task Receiver_SessionEnded_CallsNameTheLinkAndKeepTheError()
    {
        await using RawServer server = await RawServer.OpenAsync();
        ValueTask<ISession> beginning = server.Connection.CreateSessionAsync(cancellationToken: BoundedWaits.Stop);
        await server.Peer.AnswerBeginAsync();
        ValueTask<IReceiver> creating = (await beginning.Bounded()).CreateReceiverAsync("q", Options, BoundedWaits.Stop);
        await server.Peer.AnswerAttachAsync();
        ValueTask<IDelivery> receiving = (await creating.Bounded()).ReceiveAsync(BoundedWaits.Stop);

        await server.Peer.SendAsync(new End { Error = new AmqpError(ErrorCondition.NotAllowed, "enough") });

        SessionException exception = await receiving.Throws<SessionException, IDelivery>();
        AssertNamed(exception);
        Assert.Equal(ErrorCondition.NotAllowed, exception.Error?.Condition);
    }

    [Fact]
    public async Task Sender_ConnectionLost_CallsNameTheLink()
    {
        await using RawServer server = await RawServer.OpenAsync();
        ISender sender = await server.SenderAsync(options: new SenderOptions { Name = "my-link" });
        Task waiting = sender.WaitForCreditAsync(BoundedWaits.Stop).AsTask();

        await server.Peer.DisposeAsync();

        AssertNamed(await waiting.Throws<MessagingConnectionException>());
        AssertNamed(Assert.Throws<MessagingConnectionException>(() => sender.TrySend(new Message("x"), out _)));
    }

    private static void AssertNamed(MessagingException exception)
    {
        Assert.Contains("'q'", exception.Message, StringComparison.Ordinal);
        Assert.Contains("'my-link'", exception.Message, StringComparison.Ordinal);
    }
}
