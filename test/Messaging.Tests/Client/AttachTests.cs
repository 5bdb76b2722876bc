using Messaging.Amqp;
using Messaging.Amqp.Framing;
using Messaging.Tests.Support;

namespace Messaging.Tests.Client;

/// <summary>What is asked for when a link is made, and what refuses it.</summary>
public sealed class AttachTests
{
    [Fact]
    public async Task CreateSender_NullTargetThenDetach_ThrowsOnlyAtTheDetach()
    {
        await using RawServer server = await RawServer.OpenAsync();
        Task<ISender> creating = server.Connection.CreateSenderAsync("nowhere", BoundedWaits.Stop).AsTask();
        await server.Peer.AnswerBeginAsync();
        Attach attach = await server.Peer.ReadAsync<Attach>();
        await server.Peer.SendAsync(RawPeer.Answer(attach) with { Target = null });
        await server.FenceAsync();
        Assert.False(creating.IsCompleted);

        await server.Peer.SendAsync(new Detach { Handle = 0, Closed = true, Error = new AmqpError(ErrorCondition.NotFound, "no node 'nowhere'") });

        LinkException exception = await creating.Throws<LinkException>();
        Assert.Equal(ErrorCondition.NotFound, exception.Error?.Condition);
        Assert.False(exception.IsTransient);
        Assert.Contains("The sender to 'nowhere'", exception.Message, StringComparison.Ordinal);
        Assert.Contains("refused", exception.Message, StringComparison.Ordinal);
        Assert.Contains("no node 'nowhere'", exception.Message, StringComparison.Ordinal);
        Assert.Contains("Check the address", exception.Message, StringComparison.Ordinal);
        Assert.Contains(server.Url, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CreateReceiver_Refused_ThrowsLinkException()
    {
        await using TestPair pair = await TestPair.OpenAsync();
        ValueTask<IReceiver> creating = pair.Connection.CreateReceiverAsync("secret", BoundedWaits.Stop);

        await (await pair.NextLinkAsync()).RefuseAsync(new AmqpError(ErrorCondition.UnauthorizedAccess, "not you"), BoundedWaits.Stop).Bounded();

        LinkException exception = await creating.Throws<LinkException, IReceiver>();
        Assert.Equal(ErrorCondition.UnauthorizedAccess, exception.Error?.Condition);
        Assert.Equal(ConnectionState.Connected, pair.Connection.State);
    }

    [Fact]
    public async Task CreateLinks_Unnamed_HaveDifferentNames()
    {
        await using TestPair pair = await TestPair.OpenAsync();

        (ISender first, _) = await pair.SendingLinkAsync();
        (ISender second, _) = await pair.SendingLinkAsync();

        Assert.NotEqual(first.Name, second.Name, StringComparer.Ordinal);
    }

    [Fact]
    public async Task CreateReceiver_WithoutAddress_AsksForADynamicNode()
    {
        await using TestPair pair = await TestPair.OpenAsync();
        ValueTask<IReceiver> creating = pair.Connection.CreateReceiverAsync(BoundedWaits.Stop);
        IIncomingLink incoming = await pair.NextLinkAsync();
        Assert.True(incoming.Source!.Dynamic);
        Assert.Null(incoming.Source.Address);

        await incoming.AcceptSenderAsync(new IncomingSenderOptions { Source = new Source { Address = "temp-1", Dynamic = true } }, BoundedWaits.Stop).Bounded();

        await using IReceiver receiver = await creating.Bounded();
        Assert.Equal("temp-1", receiver.Source.Address);
    }

    [Fact]
    public async Task CreateSender_WithoutAddress_IsTheAnonymousTerminus()
    {
        await using TestPair pair = await TestPair.OpenAsync();
        ValueTask<ISender> creating = pair.Connection.CreateSenderAsync(BoundedWaits.Stop);

        IIncomingLink incoming = await pair.NextLinkAsync();

        Assert.NotNull(incoming.Target);
        Assert.Null(incoming.Target.Address);
        Assert.False(incoming.Target.Dynamic);
        await incoming.AcceptReceiverAsync(null, BoundedWaits.Stop).Bounded();
        await creating.Bounded();
    }

    [Fact]
    public async Task CreateLinks_UrlWithAPath_UseItAsTheirAddress()
    {
        await using TestPair pair = await TestPair.ListenAsync(tcp: true);
        ValueTask<IConnection> connecting = pair.Client.ConnectAsync(pair.Listener.Url + "/a%2Fb", BoundedWaits.Stop);
        IConnection accepted = await (await pair.NextConnectionAsync()).AcceptAsync(BoundedWaits.Stop).Bounded();
        await using IConnection connection = await connecting.Bounded();

        ValueTask<ISender> sending = connection.CreateSenderAsync(BoundedWaits.Stop);
        IIncomingLink incoming = await accepted.IncomingLinksAsync(BoundedWaits.Stop).FirstAsync(BoundedWaits.Stop).Bounded();

        Assert.Equal("a/b", incoming.Target?.Address);
        await incoming.AcceptReceiverAsync(null, BoundedWaits.Stop).Bounded();
        await sending.Bounded();
        await accepted.DisposeAsync();
    }

    [Fact]
    public async Task CreateSender_Options_ReachThePeerAndItsAnswerIsShown()
    {
        await using TestPair pair = await TestPair.OpenAsync();
        ValueTask<ISender> creating = pair.Connection.CreateSenderAsync(
            "q",
            new SenderOptions { Name = "mine", Properties = new Dictionary<Symbol, object?> { ["a"] = 1 }, DesiredCapabilities = ["queue"] },
            BoundedWaits.Stop);
        IIncomingLink incoming = await pair.NextLinkAsync();
        Assert.Equal("mine", incoming.Name);
        Assert.Equal(LinkRole.Receiver, incoming.Role);
        Assert.Equal(1, incoming.RemoteProperties["a"]);
        Assert.Equal(["queue"], incoming.RemoteDesiredCapabilities);

        await incoming.AcceptReceiverAsync(
            new IncomingReceiverOptions { Target = new Target { Address = "real" }, OfferedCapabilities = ["queue"], Properties = new Dictionary<Symbol, object?> { ["b"] = 2 }, MaxMessageSize = 1000 },
            BoundedWaits.Stop).Bounded();

        ISender sender = await creating.Bounded();
        Assert.Equal("real", sender.Target.Address);
        Assert.Equal(["queue"], sender.RemoteOfferedCapabilities);
        Assert.Equal(2, sender.RemoteProperties["b"]);
        Assert.Equal(1000ul, sender.MaxMessageSize);
        Assert.Same(pair.Connection, sender.Connection);
    }

    [Fact]
    public async Task Accept_WrongRoleOrTwice_ThrowsInvalidOperation()
    {
        await using TestPair pair = await TestPair.OpenAsync();
        ValueTask<ISender> creating = pair.Connection.CreateSenderAsync("q", BoundedWaits.Stop);
        IIncomingLink incoming = await pair.NextLinkAsync();

        await incoming.AcceptSenderAsync(null, BoundedWaits.Stop).Throws<InvalidOperationException, ISender>();
        await incoming.AcceptReceiverAsync(null, BoundedWaits.Stop).Bounded();
        await incoming.AcceptReceiverAsync(null, BoundedWaits.Stop).Throws<InvalidOperationException, IReceiver>();

        await creating.Bounded();
    }

    [Fact]
    public async Task Attach_ToACoordinator_IsRefusedAndTheConnectionLives()
    {
        await using TestPair pair = await TestPair.ListenAsync();
        RawPeer peer = await RawPeer.ConnectAsync(pair.Listener.Url);
        Task<IIncomingConnection> incoming = pair.NextConnectionAsync();
        Task accepting = BoundedWaits.Run(async () => await (await incoming).AcceptAsync(BoundedWaits.Stop));
        await peer.OpenAsClientAsync();
        await accepting.Bounded();
        await peer.BeginAsync();

        await peer.SendAsync(new Attach { Name = "txn", Handle = 0, Role = false, Source = new Source(), Target = new Coordinator(), InitialDeliveryCount = 0 });

        await peer.ReadUntilAsync<Attach>();
        Assert.Equal(ErrorCondition.NotImplemented, (await peer.ReadAsync<Detach>()).Error?.Condition);
        await peer.DisposeAsync();
    }
}
