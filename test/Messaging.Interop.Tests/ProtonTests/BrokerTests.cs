using Messaging.Amqp;
using Messaging.Interop.Tests.Peers;

namespace Messaging.Interop.Tests.ProtonTests;

/// <summary>Our client against the example brokers of Qpid Proton.</summary>
public class BrokerTests(RealPeers peers) : InteropTest
{
    public static TheoryData<ProtonBinding> Bindings => [ProtonBinding.Cpp, ProtonBinding.Python];

    [Theory, MemberData(nameof(Bindings))]
    public async Task SendAsync_HundredOneByOne_ComeBackInOrder(ProtonBinding binding)
    {
        await using var connection = await ConnectAsync((await peers.ProtonBrokerAsync(binding)).Url);
        await using var sender = await connection.CreateSenderAsync("one-by-one", Limit);
        await using var receiver = await connection.CreateReceiverAsync("one-by-one", Limit);

        for (var i = 0; i < 100; i++)
            await sender.SendAsync(new Message(i), Limit);
        var received = await ReceiveAsync(receiver, 100);

        Assert.Equal(Enumerable.Range(0, 100).Cast<object?>(), received.Select(m => m.Body));
    }

    [Theory, MemberData(nameof(Bindings))]
    public async Task SendBatchAsync_Thousands_ComeBackInOrder(ProtonBinding binding)
    {
        const int Count = 3000;
        await using var connection = await ConnectAsync((await peers.ProtonBrokerAsync(binding)).Url);
        await using var sender = await connection.CreateSenderAsync("pipelined", Limit);
        await using var receiver = await connection.CreateReceiverAsync("pipelined", Limit);

        var receiving = ReceiveAsync(receiver, Count);
        await SendAllAsync(sender, Enumerable.Range(0, Count).Cast<object?>());

        Assert.Equal(Enumerable.Range(0, Count).Cast<object?>(), (await receiving).Select(m => m.Body));
    }

    [Theory, MemberData(nameof(Bindings))]
    public async Task SendAsync_OneMebibyte_ComesBackWhole(ProtonBinding binding)
    {
        var data = Pattern(1024 * 1024);
        await using var connection = await ConnectAsync((await peers.ProtonBrokerAsync(binding)).Url);
        await using var sender = await connection.CreateSenderAsync("large", Limit);
        await using var receiver = await connection.CreateReceiverAsync("large", Limit);

        await sender.SendAsync(new Message(data), Limit);
        var received = await ReceiveAsync(receiver, 1);

        Assert.Equal(data, Assert.IsType<byte[]>(received[0].Body));
    }

    [Theory, MemberData(nameof(Bindings))]
    public async Task CreateReceiverAsync_WithoutAddress_IsReachedAtTheAddressThatTheBrokerChose(ProtonBinding binding)
    {
        await using var connection = await ConnectAsync((await peers.ProtonBrokerAsync(binding)).Url);
        await using var receiver = await connection.CreateReceiverAsync(Limit);
        Assert.False(string.IsNullOrEmpty(receiver.Source.Address));

        await using var sender = await connection.CreateSenderAsync(receiver.Source.Address, Limit);
        await sender.SendAsync(new Message("to the dynamic node"), Limit);
        var received = await ReceiveAsync(receiver, 1);

        Assert.Equal("to the dynamic node", received[0].Body);
    }

    [Theory, MemberData(nameof(Bindings))]
    public async Task SendAsync_PropertiesAndAnnotations_AreKept(ProtonBinding binding)
    {
        var id = Guid.NewGuid();
        var created = new DateTimeOffset(2026, 11, 23, 15, 0, 0, 123, TimeSpan.Zero);
        await using var connection = await ConnectAsync((await peers.ProtonBrokerAsync(binding)).Url);
        await using var sender = await connection.CreateSenderAsync("sections", Limit);
        await using var receiver = await connection.CreateReceiverAsync("sections", Limit);

        await sender.SendAsync(
            new Message("body")
            {
                Durable = true,
                Priority = 7,
                MessageId = id,
                CorrelationId = 42UL,
                Subject = "subject",
                ReplyTo = "reply-to",
                ContentType = "text/plain",
                CreationTime = created,
                GroupId = "group",
                GroupSequence = 3,
                MessageAnnotations = { ["x-opt-test"] = 5 },
                ApplicationProperties = { ["number"] = 6L },
            },
            Limit);
        var message = (await ReceiveAsync(receiver, 1))[0];

        Assert.True(message.Durable);
        Assert.Equal(7, message.Priority);
        Assert.Equal(id, message.MessageId);
        Assert.Equal(42UL, message.CorrelationId);
        Assert.Equal(("subject", "reply-to", "text/plain"), (message.Subject, message.ReplyTo, message.ContentType));
        Assert.Equal(created, message.CreationTime);
        Assert.Equal(("group", 3u), (message.GroupId, message.GroupSequence));
        Assert.Equal(5, message.MessageAnnotations[new Symbol("x-opt-test")]);
        Assert.Equal(6L, message.ApplicationProperties["number"]);
    }

    [Theory, MemberData(nameof(Bindings))]
    public async Task CreateSenderAsync_ManyLinksAndSessions_AllWork(ProtonBinding binding)
    {
        await using var connection = await ConnectAsync((await peers.ProtonBrokerAsync(binding)).Url);

        await Task.WhenAll(Enumerable.Range(0, 10).Select(async i =>
        {
            await using var session = await connection.CreateSessionAsync(cancellationToken: Limit);
            await using var sender = await session.CreateSenderAsync($"link-{i}", Limit);
            await using var receiver = await session.CreateReceiverAsync($"link-{i}", Limit);
            await SendAllAsync(sender, [$"{i}-a", $"{i}-b"]);
            var received = await ReceiveAsync(receiver, 2);
            Assert.Equal([$"{i}-a", $"{i}-b"], received.Select(m => m.Body));
        }));
    }
}
