namespace Messaging.Broker.Tests;

/// <summary>Peers choose the names of queues and links: none reaches a log as it is.</summary>
public sealed class LogInjectionTests
{
    [Fact]
    public async Task NamesOfAPeer_AreEscapedAndCut()
    {
        const string Evil = "q\r\nforged line \u001b[2J";
        var logs = new LogLines();
        await using BrokerFixture fixture = await BrokerFixture.StartAsync(options =>
        {
            options.LoggerFactory = logs;
            options.MaxQueues = 1;
        });
        await using IConnection connection = await fixture.Client.ConnectAsync(new ConnectionOptions { Url = fixture.Broker.Url, ContainerId = Evil }, BrokerFixture.Token).AsTask().Bounded();
        await using ISender sender = await connection.CreateSenderAsync(Evil + new string('y', 10_000), new SenderOptions { Name = Evil }, BrokerFixture.Token).AsTask().Bounded();

        await Assert.ThrowsAsync<LinkException>(() => connection.CreateSenderAsync("one too many", new SenderOptions { Name = Evil + "2" }, BrokerFixture.Token).AsTask().Bounded());

        Assert.Contains(logs.Texts, text => text.Contains("Queue 'q\\u000d\\u000aforged line \\u001b[2Jyyy", StringComparison.Ordinal));
        Assert.Contains(logs.Texts, text => text.Contains("Link 'q\\u000d\\u000aforged line \\u001b[2J2' of q\\u000d", StringComparison.Ordinal));
        Assert.All(logs.Texts, text => Assert.DoesNotContain(text, char.IsControl));
        Assert.All(logs.Texts, text => Assert.InRange(text.Length, 0, 4096));
    }
}
