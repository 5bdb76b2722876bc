using Messaging.Interop.Tests.Peers;

namespace Messaging.Interop.Tests;

/// <summary>The samples against a server that we did not write.</summary>
public class SampleTests(RealPeers peers) : InteropTest
{
    private const string Queue = "/queues/q1";

    [Fact]
    public async Task Samples_WithAPasswordAgainstRabbitMq_PrintWhatTheyPromise()
    {
        var url = (await peers.RabbitMqAsync()).Url.Replace("//", "//guest:guest@", StringComparison.Ordinal);

        var send = await RunAsync("Send", url, Queue, "from a sample", "--allow-insecure");
        var receive = await RunAsync("Receive", url, Queue, "1", "--allow-insecure");
        var hello = await RunAsync("HelloWorld", url, "/queues/q2", "--allow-insecure");

        Assert.Equal((0, $"SEND: Opened sender for target address '{Queue}'\nSEND: Sent message 'from a sample'\n"), send);
        Assert.Equal((0, $"RECEIVE: Created receiver for source address '{Queue}'\nRECEIVE: Received message 'from a sample'\n"), receive);
        Assert.Equal((0, "Hello World!\n"), hello);
    }

    [Fact]
    public async Task Samples_WithoutAllowInsecure_RefuseInOneLineThatNamesTheSwitch()
    {
        var url = (await peers.RabbitMqAsync()).Url.Replace("//", "//guest:guest@", StringComparison.Ordinal);

        var (code, output) = await RunAsync("Send", url, Queue, "in the clear");

        Assert.Equal(1, code);
        Assert.Single(output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains("AllowInsecureMechanisms", output, StringComparison.Ordinal);
        Assert.DoesNotContain("guest:guest", output, StringComparison.Ordinal);
    }

    private async Task<(int Code, string Output)> RunAsync(string sample, params string[] arguments)
    {
        await using var program = PeerProcess.Start("dotnet", [Repository.Sample(sample), .. arguments]);
        var code = await program.WaitForEndAsync(ProgramLimit, Limit);
        return (code, program.Output);
    }
}
