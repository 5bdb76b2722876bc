using Messaging.Amqp;
using Messaging.Amqp.Framing;
using Messaging.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Messaging.Tests.Robustness;

/// <summary>Peers that stay in the handshake for ever, silent or a byte at a time: the time for the whole of it is bounded, whatever they send.</summary>
public sealed class SlowPeerTests
{
    private static readonly byte[] Handshake =
    [
        .. FrameWriter.SaslHeader,
        .. RawPeer.Frame(new SaslInit { Mechanism = "ANONYMOUS" }, type: FrameHeader.SaslType),
        .. FrameWriter.AmqpHeader,
        .. RawPeer.Frame(new Open { ContainerId = new string('x', 200) }),
    ];

    public static TheoryData<string, int> Stalls => new()
    {
        { "nothing", 0 },
        { "half of a header", 4 },
        { "no sasl-init", 8 },
        { "half of the sasl-init", 20 },
        { "no AMQP header", Handshake.Length - RawPeer.Frame(new Open { ContainerId = new string('x', 200) }).Length - 8 },
        { "no open", Handshake.Length - RawPeer.Frame(new Open { ContainerId = new string('x', 200) }).Length },
        { "half of the open", Handshake.Length - 100 },
    };

    [Theory]
    [MemberData(nameof(Stalls))]
    public async Task Handshake_Stalled_EndsAtTheTimeout(string where, int sent)
    {
        var time = new FakeTimeProvider();
        await using TestPair pair = await TestPair.ListenAsync(client: new MessagingClientOptions { TimeProvider = time });
        await using RawPeer peer = await RawPeer.ConnectAsync(pair.Listener.Url);
        if (sent > 0)
            await peer.SendRawAsync(Handshake.AsMemory(0, sent));

        Task<List<object>> reading = peer.ReadToEndAsync();
        await time.PassUntilAsync(reading, TimeSpan.FromSeconds(1));

        Assert.DoesNotContain(await reading, frame => frame is Open { Properties: not null } open && !open.Properties.ContainsKey("amqp:connection-establishment-failed"));
        Assert.NotEmpty(where);
    }

    [Fact]
    public async Task Handshake_AByteASecond_EndsAtTheTimeoutAllTheSame()
    {
        var time = new FakeTimeProvider();
        await using TestPair pair = await TestPair.ListenAsync(client: new MessagingClientOptions { TimeProvider = time });
        await using RawPeer peer = await RawPeer.ConnectAsync(pair.Listener.Url);
        await peer.SendRawAsync(FrameWriter.SaslHeader.ToArray());
        Assert.Equal("SASL", await peer.ReadAsync<string>()); // the time has begun
        Task<List<object>> reading = peer.ReadToEndAsync();

        for (int i = 0; i < 16; i++)
        {
            await TrySendAsync(peer, Handshake.AsMemory(FrameWriter.SaslHeader.Length + i, 1));
            time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.IsType<SaslMechanisms>(Assert.Single(await reading.Bounded()));
    }

    [Fact]
    public async Task Churn_OnAListener_ClosesThatConnectionOnly()
    {
        await using TestPair pair = await TestPair.OpenAsync(listener: new ListenerOptions { MaxChurn = 100 });
        (ISender sender, IReceiver receiver) = await pair.SendingLinkAsync();
        await using RawPeer peer = await RawPeer.ConnectAsync(pair.Listener.Url);
        ValueTask<IIncomingConnection> incoming = pair.Listener.AcceptAllAsync(BoundedWaits.Stop).FirstAsync(BoundedWaits.Stop);
        Task opening = peer.OpenAsClientAsync();
        await using IConnection accepted = await (await incoming.Bounded()).AcceptAsync(BoundedWaits.Stop).Bounded();
        await opening.Bounded();

        byte[] pairOfFrames = [.. RawPeer.Frame(new Begin { IncomingWindow = 1, OutgoingWindow = 1 }), .. RawPeer.Frame(new End())];
        await peer.SendRawAsync((byte[])[.. Enumerable.Range(0, 101).SelectMany(_ => pairOfFrames)]);

        Assert.Equal(ErrorCondition.ResourceLimitExceeded, (await peer.ReadUntilAsync<Close>()).Error?.Condition);
        CloseReason reason = await accepted.Closed.Bounded();
        Assert.Contains("without a transfer", reason.Exception?.Message, StringComparison.Ordinal);
        Assert.False(sender.Closed.IsCompleted || receiver.Closed.IsCompleted);
    }

    /// <summary>The listener may have hung up.</summary>
    private static async Task TrySendAsync(RawPeer peer, ReadOnlyMemory<byte> bytes)
    {
        try
        {
            await peer.SendRawAsync(bytes);
        }
        catch (MessagingConnectionException)
        {
            // It has: the reader sees the end.
        }
    }
}
