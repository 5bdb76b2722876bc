using Messaging.Amqp;
using Messaging.Tests.Support;

namespace Messaging.Tests.Client;

/// <summary>The path of the URL is the address of links that are created without one.</summary>
public sealed class DefaultAddressTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task CreateSender_UrlWithPath_TargetsIt(bool onSession)
    {
        await using TestPair pair = await TestPair.ListenAsync();
        (IConnection connection, IConnection accepted) = await ConnectAsync(pair, "/orders%2Fnew%20ones");
        ILinkFactory links = onSession ? await connection.CreateSessionAsync(cancellationToken: BoundedWaits.Stop).Bounded() : connection;

        ValueTask<ISender> creating = links.CreateSenderAsync(BoundedWaits.Stop);
        IIncomingLink link = await NextLinkAsync(accepted);
        await link.AcceptReceiverAsync(cancellationToken: BoundedWaits.Stop).Bounded();

        Assert.Equal("orders/new ones", link.Target?.Address);
        Assert.Equal("orders/new ones", (await creating.Bounded()).Target.Address);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task CreateReceiver_UrlWithPath_IsItsSource(bool onSession)
    {
        await using TestPair pair = await TestPair.ListenAsync();
        (IConnection connection, IConnection accepted) = await ConnectAsync(pair, "/orders");
        ILinkFactory links = onSession ? await connection.CreateSessionAsync(cancellationToken: BoundedWaits.Stop).Bounded() : connection;

        ValueTask<IReceiver> creating = links.CreateReceiverAsync(BoundedWaits.Stop);
        IIncomingLink link = await NextLinkAsync(accepted);
        await link.AcceptSenderAsync(cancellationToken: BoundedWaits.Stop).Bounded();

        Assert.Equal("orders", link.Source?.Address);
        Assert.False(link.Source?.Dynamic);
        Assert.Equal("orders", (await creating.Bounded()).Source.Address);
    }

    [Fact]
    public async Task CreateSender_AddressGiven_WinsOverThePath()
    {
        await using TestPair pair = await TestPair.ListenAsync();
        (IConnection connection, IConnection accepted) = await ConnectAsync(pair, "/orders");

        ValueTask<ISender> creating = connection.CreateSenderAsync("invoices", BoundedWaits.Stop);
        IIncomingLink link = await NextLinkAsync(accepted);
        await link.AcceptReceiverAsync(cancellationToken: BoundedWaits.Stop).Bounded();
        await creating.Bounded();

        Assert.Equal("invoices", link.Target?.Address);
    }

    [Fact]
    public async Task CreateSender_UrlWithoutPath_IsTheAnonymousTerminus()
    {
        await using TestPair pair = await TestPair.ListenAsync();
        (IConnection connection, IConnection accepted) = await ConnectAsync(pair, "/");

        ValueTask<ISender> creating = connection.CreateSenderAsync(BoundedWaits.Stop);
        IIncomingLink link = await NextLinkAsync(accepted);
        await link.AcceptReceiverAsync(cancellationToken: BoundedWaits.Stop).Bounded();
        await creating.Bounded();

        Assert.NotNull(link.Target);
        Assert.Null(link.Target.Address);
    }

    [Fact]
    public async Task CreateReceiver_UrlWithoutPath_AsksForADynamicNode()
    {
        await using TestPair pair = await TestPair.ListenAsync();
        (IConnection connection, IConnection accepted) = await ConnectAsync(pair, "");

        Task<IReceiver> creating = connection.CreateReceiverAsync(BoundedWaits.Stop).AsTask();
        IIncomingLink link = await NextLinkAsync(accepted);
        bool? isDynamic = link.Source?.Dynamic;
        await link.RefuseAsync(new AmqpError(ErrorCondition.NotAllowed), BoundedWaits.Stop).Bounded();

        Assert.True(isDynamic);
        await creating.Throws<LinkException>();
    }

    private static async Task<(IConnection Connection, IConnection Accepted)> ConnectAsync(TestPair pair, string path)
    {
        ValueTask<IConnection> connecting = pair.Client.ConnectAsync(pair.Listener.Url + path, BoundedWaits.Stop);
        IConnection accepted = await (await pair.NextConnectionAsync()).AcceptAsync(BoundedWaits.Stop).Bounded();
        return (await connecting.Bounded(), accepted);
    }

    private static Task<IIncomingLink> NextLinkAsync(IConnection accepted) => accepted.IncomingLinksAsync(BoundedWaits.Stop).FirstAsync(BoundedWaits.Stop).Bounded();
}
