using System.Collections;
using Messaging.Broker;
using Messaging.Interop.Tests.Peers;

namespace Messaging.Interop.Tests.ProtonTests;

/// <summary>Proton's simple_send and simple_recv against our broker and our listener.</summary>
public class SimpleClientTests : InteropTest
{
    private const int Count = 100;

    public static TheoryData<ProtonBinding> Bindings => [ProtonBinding.Cpp, ProtonBinding.Python];

    [Theory, MemberData(nameof(Bindings))]
    public async Task SimpleSend_ToOurBroker_IsConfirmedAndReceivedByUs(ProtonBinding binding)
    {
        Proton.Require(binding);
        await using var broker = await MessageBroker.StartAsync("amqp://127.0.0.1:0", Limit);

        await RunAsync(binding, "simple_send", broker.Url, "all messages confirmed");
        await using var connection = await ConnectAsync(broker.Url);
        await using var receiver = await connection.CreateReceiverAsync("examples", Limit);
        var received = await ReceiveAsync(receiver, Count);

        Assert.Equal(Enumerable.Range(1, Count), received.Select(Sequence));
    }

    [Theory, MemberData(nameof(Bindings))]
    public async Task SimpleRecv_FromOurBroker_PrintsWhatWeSent(ProtonBinding binding)
    {
        Proton.Require(binding);
        await using var broker = await MessageBroker.StartAsync("amqp://127.0.0.1:0", Limit);
        await using var connection = await ConnectAsync(broker.Url);
        await using var sender = await connection.CreateSenderAsync("examples", Limit);

        await SendAllAsync(sender, Enumerable.Range(0, Count).Select(i => $"message {i}"));
        var lines = await RunAsync(binding, "simple_recv", broker.Url, null);

        // C++ prints strings in quotes, Python does not
        Assert.Equal(Enumerable.Range(0, Count).Select(i => $"message {i}"), lines.Select(line => line.Trim('"')), StringComparer.Ordinal);
    }

    [Theory, MemberData(nameof(Bindings))]
    public async Task SimpleSendAndRecv_ThroughOurBroker_LoseNothing(ProtonBinding binding)
    {
        Proton.Require(binding);
        await using var broker = await MessageBroker.StartAsync("amqp://127.0.0.1:0", Limit);

        await RunAsync(binding, "simple_send", broker.Url, "all messages confirmed");
        var lines = await RunAsync(binding, "simple_recv", broker.Url, null);

        Assert.Equal(Count, lines.Length);
        Assert.Contains($"{Count}", lines[^1], StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Bindings))]
    public async Task SimpleSend_ToOurListener_IsReceivedAndConfirmed(ProtonBinding binding)
    {
        Proton.Require(binding);
        List<int> sequences = [];
        await using var listening = await Listening.StartAsync(Client, async (link, stop) =>
        {
            await using var receiver = await link.AcceptReceiverAsync(cancellationToken: stop);
            await foreach (var delivery in receiver.ReceiveAllAsync(Count, stop))
                sequences.Add(Sequence(delivery.Message));
        }, Limit);

        await RunAsync(binding, "simple_send", listening.Url, "all messages confirmed");

        Assert.Equal(Enumerable.Range(1, Count), sequences);
    }

    [Theory, MemberData(nameof(Bindings))]
    public async Task SimpleRecv_FromOurListener_PrintsWhatWeSent(ProtonBinding binding)
    {
        Proton.Require(binding);
        await using var listening = await Listening.StartAsync(Client, async (link, stop) =>
        {
            await using var sender = await link.AcceptSenderAsync(cancellationToken: stop);
            await sender.SendBatchAsync(Enumerable.Range(0, Count).Select(i => new Message($"message {i}")), stop);
            await sender.Closed.WaitAsync(stop);
        }, Limit);

        var lines = await RunAsync(binding, "simple_recv", listening.Url, null);

        Assert.Equal(Enumerable.Range(0, Count).Select(i => $"message {i}"), lines.Select(line => line.Trim('"')), StringComparer.Ordinal);
    }

    private static int Sequence(Message message) => Convert.ToInt32(((IDictionary)message.Body!)["sequence"], System.Globalization.CultureInfo.InvariantCulture);

    private async Task<string[]> RunAsync(ProtonBinding binding, string example, string url, string? expected)
    {
        await using var program = Proton.Start(binding, example, "-a", $"{new Uri(url).Authority}/examples", "-m", $"{Count}");
        var code = await program.WaitForEndAsync(ProgramLimit, Limit);

        Assert.True(code == 0, $"{example} ended with {code}: {program.Output}");
        if (expected is not null)
            Assert.Contains(expected, program.Output, StringComparison.Ordinal);
        return program.Lines;
    }
}
