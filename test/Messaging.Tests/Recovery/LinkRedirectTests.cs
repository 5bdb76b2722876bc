using Messaging.Amqp;
using Messaging.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Messaging.Tests.Recovery;

/// <summary>Links that a server sends on while they are created (part 2, 2.8.18).</summary>
public sealed class LinkRedirectTests
{
    [Fact]
    public async Task Sender_RedirectedToAnotherServer_SendsThereToTheAddressThatItNamed()
    {
        await using TestPair here = await TestPair.OpenAsync();
        await using TestPair there = await TestPair.ListenAsync();
        Task<ISender> creating = here.Connection.CreateSenderAsync("q", BoundedWaits.Stop).AsTask();
        await RefuseNextAsync(here, To(there.Listener.Url, "other"));
        IConnection accepted = await AcceptAsync(there);

        IReceiver receiver = await (await NextLinkAsync(accepted)).AcceptReceiverAsync(null, BoundedWaits.Stop).Bounded();

        ISender sender = await creating.Bounded();
        Assert.Equal("other", sender.Target.Address);
        Assert.NotSame(here.Connection, sender.Connection);
        ValueTask sending = sender.SendAsync(new Message("moved"), BoundedWaits.Stop);
        IDelivery delivery = await receiver.ReceiveAsync(BoundedWaits.Stop).Bounded();
        Assert.Equal("moved", delivery.Message.Body);
        await delivery.AcceptAsync(BoundedWaits.Stop);
        await sending.Bounded();
    }

    [Fact]
    public async Task TwoLinks_RedirectedToOneServer_ShareAConnection_ThatEndsWithTheFirst()
    {
        await using TestPair here = await TestPair.OpenAsync();
        await using TestPair there = await TestPair.ListenAsync();
        Task<ISender> sender = here.Connection.CreateSenderAsync("q", BoundedWaits.Stop).AsTask();
        await RefuseNextAsync(here, To(there.Listener.Url));
        IConnection accepted = await AcceptAsync(there);
        await (await NextLinkAsync(accepted)).AcceptReceiverAsync(null, BoundedWaits.Stop).Bounded();
        Task<IReceiver> receiver = here.Connection.CreateReceiverAsync("q", BoundedWaits.Stop).AsTask();
        await RefuseNextAsync(here, To(there.Listener.Url));
        await (await NextLinkAsync(accepted)).AcceptSenderAsync(null, BoundedWaits.Stop).Bounded();
        Assert.Same((await sender.Bounded()).Connection, (await receiver.Bounded()).Connection);

        await here.Connection.CloseAsync(BoundedWaits.Stop).Bounded();

        CloseReason reason = await accepted.Closed.Bounded();
        Assert.Equal((CloseInitiator.Remote, null), (reason.Initiator, reason.Error));
    }

    [Fact]
    public async Task Connection_LostForGood_ClosesWhereItsLinksWereRedirectedTo()
    {
        await using TestPair here = await TestPair.OpenAsync(new ConnectionOptions { Reconnect = false });
        await using TestPair there = await TestPair.ListenAsync();
        Task<ISender> creating = here.Connection.CreateSenderAsync("q", BoundedWaits.Stop).AsTask();
        await RefuseNextAsync(here, To(there.Listener.Url));
        IConnection accepted = await AcceptAsync(there);
        await (await NextLinkAsync(accepted)).AcceptReceiverAsync(null, BoundedWaits.Stop).Bounded();
        await creating.Bounded();

        await here.Accepted.CloseAsync(new AmqpError(ErrorCondition.ConnectionForced), BoundedWaits.Stop).Bounded();

        await accepted.Closed.Bounded();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Receiver_RedirectedToAnotherAddress_StaysOnItsConnection(bool namesTheServer)
    {
        await using TestPair here = await TestPair.OpenAsync();
        Task<IReceiver> creating = here.Connection.CreateReceiverAsync("q", BoundedWaits.Stop).AsTask();
        await RefuseNextAsync(here, namesTheServer ? To(here.Listener.Url, "other") : new AmqpError(ErrorCondition.LinkRedirect, null, new Dictionary<Symbol, object?> { ["address"] = "other" }));

        IIncomingLink incoming = await here.NextLinkAsync();

        Assert.Equal("other", incoming.Source?.Address);
        await incoming.AcceptSenderAsync(null, BoundedWaits.Stop).Bounded();
        Assert.Same(here.Connection, (await creating.Bounded()).Connection);
    }

    [Fact]
    public async Task Close_WhileTheOtherServerIsSilent_DoesNotWaitForIt()
    {
        await using RawServer silent = await RawServer.ListenAsync();
        await using TestPair here = await TestPair.OpenAsync(
            new ConnectionOptions { HandshakeTimeout = Timeout.InfiniteTimeSpan, ConnectTimeout = Timeout.InfiniteTimeSpan, OperationTimeout = Timeout.InfiniteTimeSpan });
        Task<ISender> creating = here.Connection.CreateSenderAsync("q", CancellationToken.None).AsTask();
        await RefuseNextAsync(here, To(silent.Url));
        await using RawPeer peer = await silent.AcceptAsync();

        await here.Connection.CloseAsync(CancellationToken.None).Bounded();

        await creating.Throws<LinkException>();
        await peer.ReadToEndAsync();
        Assert.Equal(ConnectionState.Closed, here.Connection.State);
    }

    [Fact]
    public async Task CloseWithADeadline_WhatIsUnderWayOnRedirectedLinks_MayFinish()
    {
        await using TestPair here = await TestPair.OpenAsync();
        await using TestPair there = await TestPair.ListenAsync();
        (ISender sender, IReceiver receiver, IConnection accepted) = await RedirectAsync(here, there);
        Task sending = sender.SendAsync(new Message("queued"), BoundedWaits.Stop).AsTask();

        Task<CloseReport> closing = here.Connection.CloseAsync(TimeSpan.FromMinutes(5), BoundedWaits.Stop).AsTask();
        await receiver.AddCreditAsync(1, BoundedWaits.Stop).Bounded();
        await (await receiver.ReceiveAsync(BoundedWaits.Stop).Bounded()).AcceptAsync(BoundedWaits.Stop).Bounded();

        await sending.Bounded();
        Assert.True((await closing.Bounded()).IsClean);
        Assert.Equal((CloseInitiator.Remote, null), await EndAsync(accepted));
        Assert.Equal((CloseInitiator.Remote, null), await EndAsync(here.Accepted));
    }

    [Fact]
    public async Task CloseWithADeadline_WhatIsLeftOnRedirectedLinks_IsReported()
    {
        await using TestPair here = await TestPair.OpenAsync();
        await using TestPair there = await TestPair.ListenAsync();
        (ISender sender, _, IConnection accepted) = await RedirectAsync(here, there);
        Task sending = sender.SendAsync(new Message("queued"), BoundedWaits.Stop).AsTask();

        CloseReport report = await here.Connection.CloseAsync(TimeSpan.Zero, BoundedWaits.Stop).Bounded();

        Assert.Equal((1, false), (report.Unsent, report.IsClean));
        await sending.ThrowsAny<Exception>();
        Assert.Equal((CloseInitiator.Remote, null), await EndAsync(accepted));
        Assert.Equal((CloseInitiator.Remote, null), await EndAsync(here.Accepted));
    }

    [Fact]
    public async Task Close_TheOtherServerDoesNotAnswer_IsToldToTheFirstAllTheSame()
    {
        var time = new FakeTimeProvider();
        await using RawServer silent = await RawServer.ListenAsync();
        await using TestPair here = await TestPair.OpenAsync(new ConnectionOptions { IdleTimeout = TimeSpan.Zero }, new ListenerOptions { IdleTimeout = TimeSpan.Zero }, new MessagingClientOptions { TimeProvider = time });
        Task<ISender> creating = here.Connection.CreateSenderAsync("q", BoundedWaits.Stop).AsTask();
        await RefuseNextAsync(here, To(silent.Url));
        await using RawPeer peer = await silent.AcceptAsync();
        await peer.OpenAsServerAsync();
        await peer.AnswerBeginAsync();
        await peer.AnswerAttachAsync();
        await creating.Bounded();

        Task closing = here.Connection.CloseAsync(BoundedWaits.Stop).AsTask();

        Assert.Equal((CloseInitiator.Remote, null), await EndAsync(here.Accepted));
        Assert.False(closing.IsCompleted);
        await time.PassUntilAsync(closing, TimeSpan.FromSeconds(1));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task Sender_RedirectedForEver_EndsWithTheLastRedirect(int allowed)
    {
        await using TestPair here = await TestPair.OpenAsync(new ConnectionOptions { Recovery = { MaxRedirects = allowed } });
        Task<ISender> creating = here.Connection.CreateSenderAsync("q", BoundedWaits.Stop).AsTask();

        for (int i = 0; i <= allowed; i++)
            await RefuseNextAsync(here, To(here.Listener.Url, $"q{i}"));

        LinkException exception = await creating.Throws<LinkException>();
        Assert.Equal(ErrorCondition.LinkRedirect, exception.Error?.Condition);
        Assert.Equal($"q{allowed}", exception.Error?.Info?["address"]);
    }

    [Fact]
    public async Task Sender_RedirectedWhereNobodyListens_SaysFromWhereToWhere()
    {
        string nowhere = TestPair.UniqueUrl();
        await using TestPair here = await TestPair.OpenAsync(new ConnectionOptions { Recovery = { MaxAttempts = 1 } });
        Task<ISender> creating = here.Connection.CreateSenderAsync("q", BoundedWaits.Stop).AsTask();

        await RefuseNextAsync(here, To(nowhere));

        LinkException exception = await creating.Throws<LinkException>();
        Assert.Contains(here.Listener.Url, exception.Message, StringComparison.Ordinal);
        Assert.Contains(nowhere, exception.Message, StringComparison.Ordinal);
        Assert.Equal(ConnectionState.Connected, here.Connection.State);
    }

    [Fact]
    public async Task Sender_RedirectedToAnotherScheme_IsNotFollowed()
    {
        await using TestPair here = await TestPair.OpenAsync();
        Task<ISender> creating = here.Connection.CreateSenderAsync("q", BoundedWaits.Stop).AsTask();

        await RefuseNextAsync(here, new AmqpError(ErrorCondition.LinkRedirect, "elsewhere", new Dictionary<Symbol, object?> { ["network-host"] = "b.example", ["scheme"] = "amqp" }));

        Assert.Equal(ErrorCondition.LinkRedirect, (await creating.Throws<LinkException>()).Error?.Condition);
    }

    private static AmqpError To(string url, string? address = null) => new(ErrorCondition.LinkRedirect, "elsewhere", new Dictionary<Symbol, object?>
    {
        ["network-host"] = ConnectionUrl.Parse(url).Host,
        ["address"] = address,
    });

    /// <summary>A sender that was sent on to the other server, where it has no credit.</summary>
    private static async Task<(ISender Sender, IReceiver Receiver, IConnection Accepted)> RedirectAsync(TestPair here, TestPair there)
    {
        Task<ISender> creating = here.Connection.CreateSenderAsync("q", BoundedWaits.Stop).AsTask();
        await RefuseNextAsync(here, To(there.Listener.Url));
        IConnection accepted = await AcceptAsync(there);
        IReceiver receiver = await (await NextLinkAsync(accepted)).AcceptReceiverAsync(new IncomingReceiverOptions { CreditWindow = 0 }, BoundedWaits.Stop).Bounded();
        return (await creating.Bounded(), receiver, accepted);
    }

    private static async Task<(CloseInitiator, AmqpError?)> EndAsync(IConnection connection)
    {
        CloseReason reason = await connection.Closed.Bounded();
        return (reason.Initiator, reason.Error);
    }

    private static async Task RefuseNextAsync(TestPair pair, AmqpError error) => await (await pair.NextLinkAsync()).RefuseAsync(error, BoundedWaits.Stop).Bounded();

    private static async Task<IConnection> AcceptAsync(TestPair pair) => await (await pair.NextConnectionAsync()).AcceptAsync(BoundedWaits.Stop).Bounded();

    private static Task<IIncomingLink> NextLinkAsync(IConnection accepted) => accepted.IncomingLinksAsync(BoundedWaits.Stop).FirstAsync(BoundedWaits.Stop).Bounded();
}
