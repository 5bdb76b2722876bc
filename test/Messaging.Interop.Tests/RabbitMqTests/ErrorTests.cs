using Messaging.Amqp;
using Messaging.Interop.Tests.Peers;

namespace Messaging.Interop.Tests.RabbitMqTests;

/// <summary>What RabbitMQ refuses reaches the caller as an exception that says so, and nothing else suffers from it.</summary>
public class ErrorTests(RealPeers peers) : RabbitMqTest(peers)
{
    [Fact]
    public async Task ConnectAsync_Anonymous_Connects()
    {
        await using var connection = await ConnectAsync((await ServerAsync()).Url);

        Assert.Equal(ConnectionState.Connected, connection.State);
        Assert.Equal("RabbitMQ", connection.RemoteProperties["product"]);
    }

    [Fact]
    public async Task ConnectAsync_PasswordInClearTextNotAllowed_NamesTheSwitch()
    {
        var options = await OptionsAsync();
        options.AllowInsecureMechanisms = false;

        var refusal = await Assert.ThrowsAsync<SaslException>(async () => await Client.ConnectAsync(options, Limit));

        Assert.Contains(nameof(ConnectionOptions.AllowInsecureMechanisms), refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ConnectAsync_WrongPassword_IsRefusedWithoutShowingIt()
    {
        var options = await OptionsAsync();
        options.Password = "not-the-password";

        var refusal = await Assert.ThrowsAsync<SaslException>(async () => await Client.ConnectAsync(options, Limit));

        Assert.DoesNotContain("not-the-password", refusal.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/queues/there-is-no-such-queue", "amqp:not-found")]
    [InlineData("/no-such-kind/q", "amqp:invalid-field")]
    public async Task CreateSenderAsync_BadAddress_FailsWithThePeersErrorAndTheOthersGoOn(string address, string condition)
    {
        // RabbitMQ ends the whole session for one bad link
        await using var connection = await ConnectAsync();
        var queue = await DeclareQueueAsync(connection);
        await using var sender = await connection.CreateSenderAsync(queue, Limit);
        await using var receiver = await connection.CreateReceiverAsync(queue, Limit);
        await sender.SendAsync(new Message("before"), Limit);

        var refusal = await Assert.ThrowsAnyAsync<MessagingException>(async () => await connection.CreateSenderAsync(address, Limit));
        await sender.SendAsync(new Message("after"), Limit);
        var received = await ReceiveAsync(receiver, 2);

        Assert.Equal(condition, refusal.Error?.Condition.Value);
        Assert.Contains(address, refusal.Message, StringComparison.Ordinal);
        Assert.Equal(["before", "after"], received.Select(m => m.Body).Distinct());
    }

    [Fact]
    public async Task CreateReceiverAsync_UnknownQueue_FailsWithNotFound()
    {
        await using var connection = await ConnectAsync();

        var refusal = await Assert.ThrowsAnyAsync<MessagingException>(async () => await connection.CreateReceiverAsync("/queues/there-is-no-such-queue", Limit));

        Assert.Equal(ErrorCondition.NotFound, refusal.Error?.Condition);
        Assert.Equal(ConnectionState.Connected, connection.State);
    }

    [Fact]
    public async Task CreateReceiverAsync_DynamicNode_FailsWithNotImplemented()
    {
        await using var connection = await ConnectAsync();

        var refusal = await Assert.ThrowsAnyAsync<MessagingException>(async () => await connection.CreateReceiverAsync(Limit));

        Assert.Equal(ErrorCondition.NotImplemented, refusal.Error?.Condition);
    }
}
