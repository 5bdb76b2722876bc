using System.Collections.Concurrent;
using Messaging.Testing.Peers;
using Messaging.Tests.Support;

namespace Messaging.Tests.Faults;

/// <summary>A server that dies at each stage in each way, and then serves well: everything comes back by itself.</summary>
public sealed class RecoveringClientTests
{
    public static IEnumerable<TheoryDataRow<PeerStage, Death, bool>> Deaths =>
        Cases(death => death != Death.Silence).Select(row => new TheoryDataRow<PeerStage, Death, bool>(row.Stage, row.Death, row.IsReceiver));

    [Theory]
    [MemberData(nameof(Deaths))]
    public Task Client_ServerDiesOnce_EverythingComesBack(PeerStage stage, Death death, bool isReceiver) => ConverseAsync(new PeerScript(stage, death), isReceiver);

    /// <summary>All stages at once: the time-outs are real ones.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public Task Client_ServerFallsSilentOnce_EverythingComesBack(bool isReceiver) => Task.WhenAll(
        Cases(death => death == Death.Silence).Where(row => row.IsReceiver == isReceiver).Select(row => ConverseAsync(new PeerScript(row.Stage, row.Death), isReceiver)));

    private static IEnumerable<(PeerStage Stage, Death Death, bool IsReceiver)> Cases(Func<Death, bool> wanted) =>
        from script in PeerScript.All
        where wanted(script.Death) && script.Stage < PeerStage.Drain
        from isReceiver in new[] { false, true }
        where !isReceiver || script.Stage >= PeerStage.Attach
        select (script.Stage, script.Death, isReceiver);

    private static async Task ConverseAsync(PeerScript script, bool isReceiver)
    {
        await using StagedPeer peer = await StagedPeer.ListenAsync(script);
        await using var client = new MessagingClient();
        var options = new ConnectionOptions { Url = peer.Url };
        if (script.Death == Death.Silence)
            (options.IdleTimeout, options.HandshakeTimeout) = (TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(5));
        options.Recovery.InitialDelay = TimeSpan.FromMilliseconds(1);
        options.Recovery.MaxDelay = TimeSpan.FromMilliseconds(10);
        IConnection connection = await client.ConnectAsync(options, BoundedWaits.Stop).Bounded();

        if (isReceiver)
            await ReceiveAsync(connection, peer);
        else
            await SendAsync(connection, peer);

        await peer.DiedAsync();
        bool isLost = script.Death is Death.Fin or Death.Reset or Death.Silence or Death.Close;
        if (isLost && script.Stage != PeerStage.AfterDisposition) // by then everything may be done
            Assert.True(peer.Connections >= 2, $"{script}: {peer.Connections} connections");
        await connection.CloseAsync(BoundedWaits.Stop).Bounded();
    }

    private static async Task SendAsync(IConnection connection, StagedPeer peer)
    {
        var large = new Message(new string('x', 2000));
        ISender sender = await Retries.CreateAsync(() => connection.CreateSenderAsync("q", BoundedWaits.Stop));

        await sender.SendAsync(large, BoundedWaits.Stop).Bounded();
        await sender.SendAsync(new Message("second"), BoundedWaits.Stop).Bounded();

        string[] received = [.. peer.Received.Select(Convert.ToHexString).Distinct(StringComparer.Ordinal)];
        Assert.Equal([Convert.ToHexString(RawPeer.Encode(large)), Convert.ToHexString(RawPeer.Encode(new Message("second")))], received);
        Assert.False(sender.Closed.IsCompleted);
    }

    private static async Task ReceiveAsync(IConnection connection, StagedPeer peer)
    {
        peer.Send(new Message("first"));
        peer.Send(new Message("second"));
        var received = new ConcurrentDictionary<object, int>();
        IReceiver receiver = await Retries.CreateAsync(() => connection.CreateReceiverAsync("q", BoundedWaits.Stop));

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(BoundedWaits.Stop);
        Task processing = receiver.ProcessAsync(
            (delivery, _) =>
            {
                received.AddOrUpdate(delivery.Message.Body!, 1, (_, times) => times + 1);
                return default;
            },
            cancellationToken: stop.Token).AsTask();
        await BoundedWaits.UntilAsync(() => peer.Settled == 2 || processing.IsCompleted);
        await stop.CancelAsync();
        await processing.Bounded();

        Assert.Equal(["first", "second"], received.Keys.Order());
        Assert.False(receiver.Closed.IsCompleted);
    }
}
