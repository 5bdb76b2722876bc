using System.Collections.Concurrent;
using System.Text;
using Messaging.Amqp;
using Microsoft.Extensions.Time.Testing;

namespace Messaging.Broker.Tests;

/// <summary>Who may connect, use which address, and send in whose name.</summary>
public sealed class AuthorizationTests
{
    [Fact]
    public async Task Connection_HookSaysNo_IsRefused()
    {
        await using BrokerFixture fixture = await BrokerFixture.StartAsync(options => options.Listener.AuthorizeConnection = static (_, _) => new ValueTask<bool>(false));

        MessagingConnectionException exception = await Assert.ThrowsAsync<MessagingConnectionException>(
            () => fixture.Client.ConnectAsync(new ConnectionOptions { Url = fixture.Broker.Url, Reconnect = false }, BrokerFixture.Token).AsTask().Bounded());

        Assert.Equal(ErrorCondition.UnauthorizedAccess, exception.Error?.Condition);
    }

    [Fact]
    public async Task Links_HookDecides_AndARefusedOneMakesNoQueue()
    {
        await using BrokerFixture fixture = await BrokerFixture.StartAsync(options => options.Listener.AuthorizeLink = static (wish, _) => new ValueTask<bool>(wish.Address == "open"));
        IConnection connection = await fixture.ConnectAsync();

        LinkException exception = await Assert.ThrowsAsync<LinkException>(() => connection.CreateSenderAsync("shut", BrokerFixture.Token).AsTask().Bounded());
        await BrokerFixture.SendAsync(connection, "open", "in");

        Assert.Equal(ErrorCondition.UnauthorizedAccess, exception.Error?.Condition);
        Assert.Equal(1, fixture.Broker.GetQueueDepth("open"));
        Assert.Null(fixture.Broker.GetQueueDepth("shut"));
    }

    [Fact]
    public async Task AnonymousTerminus_HookIsAskedForEachAddressOnce()
    {
        var asked = new ConcurrentQueue<string?>();
        await using BrokerFixture fixture = await BrokerFixture.StartAsync(options => options.Listener.AuthorizeLink = (wish, _) =>
        {
            asked.Enqueue(wish.Address);
            return new ValueTask<bool>(wish is { Address: null or "a" or "b", Role: LinkRole.Receiver } or { Role: LinkRole.Sender });
        });
        IConnection connection = await fixture.ConnectAsync();
        await using IReceiver a = await connection.CreateReceiverAsync("a", BrokerFixture.Token);
        await using IReceiver b = await connection.CreateReceiverAsync("b", BrokerFixture.Token);
        await using IReceiver shut = await connection.CreateReceiverAsync("shut", BrokerFixture.Token);
        await using ISender sender = await connection.CreateSenderAsync(new SenderOptions(), BrokerFixture.Token);
        asked.Clear();

        foreach (string to in (string[])["a", "b", "a"])
            await sender.SendAsync(new Message(to) { To = to }, BrokerFixture.Token).AsTask().Bounded();
        DeliveryRejectedException refused = await RefusalAsync(sender, "shut");
        DeliveryRejectedException nowhere = await RefusalAsync(sender, "nowhere");
        await sender.SendAsync(new Message("last") { To = "b" }, BrokerFixture.Token).AsTask().Bounded();

        Assert.Equal(ErrorCondition.UnauthorizedAccess, refused.Error?.Condition);
        Assert.Equal(ErrorCondition.UnauthorizedAccess, nowhere.Error?.Condition); // whether it exists is not told
        Assert.Equal("a b shut nowhere", string.Join(' ', asked));
        Assert.Equal(0, fixture.Broker.GetQueueDepth("shut"));
    }

    [Fact]
    public async Task AnonymousTerminus_HookThrows_RejectsTheMessageAndTheLinkLives()
    {
        await using BrokerFixture fixture = await BrokerFixture.StartAsync(options => options.Listener.AuthorizeLink = static (wish, _) =>
            wish.Address == "broken" ? throw new InvalidDataException("directory at 10.1.2.3 is down") : new ValueTask<bool>(true));
        IConnection connection = await fixture.ConnectAsync();
        await using IReceiver receiver = await connection.CreateReceiverAsync("q", BrokerFixture.Token);
        await using ISender sender = await connection.CreateSenderAsync(new SenderOptions(), BrokerFixture.Token);

        DeliveryRejectedException refused = await RefusalAsync(sender, "broken");
        await sender.SendAsync(new Message("a") { To = "q" }, BrokerFixture.Token).AsTask().Bounded();

        Assert.Equal(ErrorCondition.UnauthorizedAccess, refused.Error?.Condition);
        Assert.DoesNotContain("directory", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnonymousTerminus_HookGivesNoAnswer_RejectsTheMessageInTime()
    {
        var time = new FakeTimeProvider();
        var asked = new TaskCompletionSource();
        await using BrokerFixture fixture = await BrokerFixture.StartAsync(options =>
        {
            options.TimeProvider = time;
            options.Listener.IdleTimeout = TimeSpan.Zero;
            options.Listener.DecisionTimeout = TimeSpan.FromSeconds(7);
            options.Listener.AuthorizeLink = (wish, _) =>
            {
                if (wish.Address != "slow")
                    return new ValueTask<bool>(true);
                asked.SetResult();
                return new ValueTask<bool>(new TaskCompletionSource<bool>().Task);
            };
        });
        IConnection connection = await fixture.ConnectAsync();
        await using ISender sender = await connection.CreateSenderAsync(new SenderOptions(), BrokerFixture.Token);
        Task<DeliveryRejectedException> refusal = RefusalAsync(sender, "slow");
        await asked.Task.Bounded();

        time.Advance(TimeSpan.FromSeconds(7));

        Assert.Equal(ErrorCondition.UnauthorizedAccess, (await refusal).Error?.Condition);
    }

    [Fact]
    public async Task UserId_OfAnother_IsRejected()
    {
        await using BrokerFixture fixture = await BrokerFixture.StartAsync(options => options.AuthenticatePlain = static (_, _, _) => new ValueTask<bool>(true));
        IConnection connection = await ConnectAsync(fixture, "alice");
        await using IReceiver receiver = await connection.CreateReceiverAsync("q", BrokerFixture.Token);
        await using ISender sender = await connection.CreateSenderAsync("q", BrokerFixture.Token);
        await using ISender relay = await connection.CreateSenderAsync(new SenderOptions(), BrokerFixture.Token);

        foreach (ISender link in (ISender[])[sender, relay])
        {
            DeliveryRejectedException exception = await Assert.ThrowsAsync<DeliveryRejectedException>(
                () => link.SendAsync(InTheNameOf("bob"), BrokerFixture.Token).AsTask().Bounded());
            Assert.Equal(ErrorCondition.UnauthorizedAccess, exception.Error?.Condition);
        }

        await sender.SendAsync(InTheNameOf("alice"), BrokerFixture.Token).AsTask().Bounded();
        Assert.Equal("alice"u8.ToArray(), (await BrokerFixture.ReceiveAsync(receiver)).Message.UserId);
    }

    [Fact]
    public async Task UserId_OfAnother_PassesWhereItIsAllowed()
    {
        await using BrokerFixture fixture = await BrokerFixture.StartAsync(options =>
        {
            options.AuthenticatePlain = static (_, _, _) => new ValueTask<bool>(true);
            options.AllowForeignUserId = true;
        });
        IConnection connection = await ConnectAsync(fixture, "bridge");
        await using IReceiver receiver = await connection.CreateReceiverAsync("q", BrokerFixture.Token);
        await using ISender sender = await connection.CreateSenderAsync("q", BrokerFixture.Token);

        await sender.SendAsync(InTheNameOf("bob"), BrokerFixture.Token).AsTask().Bounded();

        Assert.Equal("bob"u8.ToArray(), (await BrokerFixture.ReceiveAsync(receiver)).Message.UserId);
    }

    private static Task<DeliveryRejectedException> RefusalAsync(ISender sender, string to) =>
        Assert.ThrowsAsync<DeliveryRejectedException>(() => sender.SendAsync(new Message("a") { To = to }, BrokerFixture.Token).AsTask().Bounded());

    private static Message InTheNameOf(string user) => new("a") { UserId = Encoding.UTF8.GetBytes(user), To = "q" };

    private static async Task<IConnection> ConnectAsync(BrokerFixture fixture, string user) =>
        await fixture.Client.ConnectAsync(new ConnectionOptions { Url = fixture.Broker.Url, User = user, Password = "secret" }, BrokerFixture.Token).AsTask().Bounded();
}
