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

    private static readonly TimeSpan Timeout = new ListenerOptions().HandshakeTimeout;
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(100);
    private static readonly int OpenLength = RawPeer.Frame(new Open { ContainerId = new string('x', 200) }).Length;

    public static IEnumerable<TheoryDataRow<int>> Stalls =>
    [
        new(0) { Label = "nothing" },
        new(4) { Label = "half of a header" },
        new(8) { Label = "no sasl-init" },
        new(20) { Label = "half of the sasl-init" },
        new(Handshake.Length - OpenLength - 8) { Label = "no AMQP header" },
        new(Handshake.Length - OpenLength) { Label = "no open" },
        new(Handshake.Length - 100) { Label = "half of the open" },
    ];

    [Theory]
    [MemberData(nameof(Stalls))]
    public async Task Handshake_Stalled_EndsAtTheTimeout(int sent)
    {
        var time = new FakeTimeProvider();
        await using TestPair pair = await TestPair.ListenAsync(client: new MessagingClientOptions { TimeProvider = time });
        await using RawPeer peer = await StallAsync(pair, sent);
        Task<List<object>> reading = peer.ReadToEndAsync();

        if (sent < FrameWriter.SaslHeader.Length)
            await time.PassUntilAsync(reading, Moment); // nothing tells when its time begins
        else
            time.Advance(Timeout);

        Assert.DoesNotContain(await reading.Bounded(), frame => frame is Open { Properties: not null } open && !open.Properties.ContainsKey("amqp:connection-establishment-failed"));
    }

    [Theory]
    [MemberData(nameof(Stalls))]
    public async Task Handshake_StalledForALittleLess_GoesOn(int sent)
    {
        var time = new FakeTimeProvider();
        await using TestPair pair = await TestPair.ListenAsync(client: new MessagingClientOptions { TimeProvider = time });
        await using RawPeer peer = await StallAsync(pair, sent);
        Task<IIncomingConnection> incoming = pair.NextConnectionAsync();

        time.Advance(Timeout - Moment);
        await peer.SendRawAsync(Handshake.AsMemory(sent));
        await using IConnection accepted = await (await incoming).AcceptAsync(BoundedWaits.Stop).Bounded();

        await peer.ReadUntilAsync<Open>();
        Assert.Equal(ConnectionState.Connected, accepted.State);
        await peer.DisposeAsync(); // it would not answer the close
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
        Assert.Contains("without messages", reason.Exception?.Message, StringComparison.Ordinal);
        Assert.False(sender.Closed.IsCompleted || receiver.Closed.IsCompleted);
    }

    /// <summary>A peer that has sent so much; the time of its handshake has begun if it sent a whole header.</summary>
    private static async Task<RawPeer> StallAsync(TestPair pair, int sent)
    {
        RawPeer peer = await RawPeer.ConnectAsync(pair.Listener.Url);
        if (sent > 0)
            await peer.SendRawAsync(Handshake.AsMemory(0, sent));
        if (sent >= FrameWriter.SaslHeader.Length)
            Assert.Equal("SASL", await peer.ReadAsync<string>());
        return peer;
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
