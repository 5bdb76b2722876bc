using Messaging.Amqp;
using Messaging.Amqp.Framing;
using Messaging.Tests.Support;

namespace Messaging.Tests.Robustness;

/// <summary>A server that dies by RST or FIN at every step of an exchange, and input cut at every byte.</summary>
public sealed class DyingPeerTests
{
    public static TheoryData<int, bool> Steps
    {
        get
        {
            var data = new TheoryData<int, bool>();
            for (int step = 0; step <= 8; step++)
            {
                data.Add(step, true);
                data.Add(step, false);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Steps))]
    public async Task Client_ServerDies_EveryPendingCallEnds(int step, bool reset)
    {
        await using RawServer server = await RawServer.ListenAsync(tcp: true);
        Task using_ = UseAsync(server);
        await using RawPeer peer = await server.AcceptAsync();
        for (int i = 0; i < step; i++)
            await DoAsync(peer, i);

        if (reset)
            await peer.DisposeAsync();
        else
            await peer.FinishAsync();

        Exception? exception = await Record.ExceptionAsync(() => using_.Bounded());
        if (step < 8)
        {
            MessagingException failure = Assert.IsAssignableFrom<MessagingException>(exception);
            Assert.True(failure.IsTransient, failure.Message);
            Assert.Contains(server.Url, failure.Message, StringComparison.Ordinal);
            Assert.Equal(step == 7, failure is DeliveryInDoubtException);
        }
        else
        {
            Assert.Null(exception);
        }

        await server.Client.DisposeAsync().Bounded();
    }

    [Fact]
    public async Task Listener_ClientDiesAtEveryByte_GoesOn()
    {
        await using TestPair pair = await TestPair.ListenAsync(tcp: true);
        Task accepting = AcceptAllAsync(pair.Listener);
        byte[] bytes = Conversation();

        for (int length = 0; length <= bytes.Length; length += 3)
        {
            RawPeer peer = await RawPeer.ConnectAsync(pair.Listener.Url);
            try
            {
                await peer.SendRawAsync(bytes.AsMemory(0, length));
            }
            catch (MessagingConnectionException)
            {
                // it may be quicker
            }

            await peer.DisposeAsync();
        }

        await using IConnection connection = await pair.Client.ConnectAsync(pair.Listener.Url, BoundedWaits.Stop).Bounded();
        await pair.Listener.CloseAsync(BoundedWaits.Stop).Bounded();
        await accepting.Bounded();
    }

    [Fact]
    public async Task Listener_InputSplitAtEveryByte_BehavesTheSame()
    {
        await using TestPair pair = await TestPair.ListenAsync(tcp: true);
        Task accepting = AcceptAllAsync(pair.Listener);
        byte[] bytes = Conversation();
        await using RawPeer peer = await RawPeer.ConnectAsync(pair.Listener.Url);

        foreach (byte value in bytes)
            await peer.SendRawAsync(new[] { value });

        await peer.ReadUntilAsync<Begin>();
        await peer.ReadUntilAsync<Close>();
        Assert.Empty(await peer.ReadToEndAsync());
        await pair.Listener.CloseAsync(BoundedWaits.Stop).Bounded();
        await accepting.Bounded();
    }

    private static byte[] Conversation() =>
    [
        .. FrameWriter.SaslHeader,
        .. RawPeer.Frame(new SaslInit { Mechanism = "ANONYMOUS" }, type: 1),
        .. FrameWriter.AmqpHeader,
        .. RawPeer.Frame(new Open { ContainerId = "split" }),
        .. RawPeer.Frame(new Begin { IncomingWindow = 10, OutgoingWindow = 10 }),
        .. RawPeer.Frame(BadInput.Attach("link", 0)),
        .. RawPeer.Frame(new Close()),
    ];

    private static async Task AcceptAllAsync(IListener listener)
    {
        await foreach (IIncomingConnection incoming in listener.AcceptAllAsync(BoundedWaits.Stop))
        {
            try
            {
                await incoming.AcceptAsync(BoundedWaits.Stop);
            }
            catch (Exception exception) when (exception is MessagingConnectionException or InvalidOperationException)
            {
                // it died before it was accepted
            }
        }
    }

    private static async Task UseAsync(RawServer server)
    {
        IConnection connection = await server.Client.ConnectAsync(new ConnectionOptions { Url = server.Url, Reconnect = false }, BoundedWaits.Stop);
        ISender sender = await connection.CreateSenderAsync("q", BoundedWaits.Stop);
        await sender.SendAsync(new Message("x"), BoundedWaits.Stop);
    }

    private static async Task DoAsync(RawPeer peer, int step)
    {
        switch (step)
        {
            case 0:
                await peer.ReadAsync<string>();
                await peer.SendRawAsync(FrameWriter.SaslHeader.ToArray());
                break;
            case 1:
                await peer.SendSaslAsync(new SaslMechanisms { Mechanisms = ["ANONYMOUS"] });
                await peer.ReadAsync<SaslInit>();
                break;
            case 2:
                await peer.SendSaslAsync(new SaslOutcome { Code = 0 });
                await peer.ReadAsync<string>();
                await peer.ReadAsync<Open>();
                break;
            case 3:
                await peer.SendRawAsync(FrameWriter.AmqpHeader.ToArray());
                break;
            case 4:
                await peer.SendAsync(new Open { ContainerId = "dies" });
                break;
            case 5:
                await peer.AnswerBeginAsync();
                break;
            case 6:
                await peer.AnswerAttachAsync();
                await peer.GiveCreditAsync(1);
                await peer.ReadUntilAsync<RawTransfer>();
                break;
            case 7:
                await peer.SettleAsync(0, Accepted.Instance);
                await peer.SendAsync(new Begin { IncomingWindow = 1, OutgoingWindow = 1 }, 9);
                await peer.ReadUntilAsync<Begin>();
                break;
        }
    }
}
