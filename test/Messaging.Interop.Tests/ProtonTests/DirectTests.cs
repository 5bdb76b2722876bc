using System.Collections;
using Messaging.Interop.Tests.Peers;

namespace Messaging.Interop.Tests.ProtonTests;

/// <summary>Our client against Proton's direct_send and direct_recv, which listen themselves.</summary>
public class DirectTests : InteropTest
{
    private const int Count = 50;

    public static TheoryData<ProtonBinding> Bindings => [ProtonBinding.Cpp, ProtonBinding.Python];

    [Theory, MemberData(nameof(Bindings))]
    public async Task SendAsync_ToDirectRecv_IsPrinted(ProtonBinding binding)
    {
        await using var server = await Proton.ServeAsync(binding, "direct_recv", "/examples", Count, Limit);
        await using var connection = await ConnectAsync(server.Url);
        await using var sender = await connection.CreateSenderAsync("examples", Limit);

        // it needs ids that are numbers, and closes the connection when it has the last message: before or after that one is accepted
        List<ISentDelivery> deliveries = [];
        for (var i = 0; i < Count; i++)
            deliveries.Add(await sender.SendTrackedAsync(new Message($"message {i}") { MessageId = (ulong)i + 1 }, Limit));
        var code = await server.Process.WaitForEndAsync(ProgramLimit, Limit);

        Assert.Equal(0, code);
        Assert.Equal(
            Enumerable.Range(0, Count).Select(i => $"message {i}"),
            server.Process.Lines.Where(line => !line.StartsWith("listening", StringComparison.Ordinal)).Select(line => line.Trim('"')),
            StringComparer.Ordinal);
        Assert.All(deliveries.SkipLast(1), delivery => Assert.True(delivery.Outcome.IsCompleted));
    }

    [Theory, MemberData(nameof(Bindings))]
    public async Task ReceiveAllAsync_FromDirectSend_GetsEveryMessageAndConfirmsIt(ProtonBinding binding)
    {
        await using var server = await Proton.ServeAsync(binding, "direct_send", "/examples", Count, Limit);
        await using var connection = await ConnectAsync(server.Url);
        await using var receiver = await connection.CreateReceiverAsync("examples", Limit);

        var received = await ReceiveAsync(receiver, Count);
        var code = await server.Process.WaitForEndAsync(ProgramLimit, Limit);

        Assert.Equal(Enumerable.Range(1, Count).Cast<object?>(), received.Select(m => (object?)Convert.ToInt32(((IDictionary)m.Body!)["sequence"], System.Globalization.CultureInfo.InvariantCulture)));
        Assert.Equal(0, code);
        Assert.Contains("all messages confirmed", server.Process.Output, StringComparison.Ordinal);
    }
}
