using Messaging.Amqp.Engine;
using Messaging.Amqp.Framing;
using Messaging.Client;
using Messaging.Loop;
using Messaging.Security;
using Messaging.Security.Mechanisms;
using Messaging.Transport;
using Microsoft.Extensions.Logging.Abstractions;

namespace Messaging.Tests.Support;

/// <summary>Two connections over transports of the test's choice, and one raw peer in place of the second where it is wanted.</summary>
internal sealed class LoopPair : IAsyncDisposable
{
    private LoopPair(HeldTransport transport, Connection first)
    {
        Transport = transport;
        First = first;
    }

    /// <summary>The first side's transport.</summary>
    public HeldTransport Transport { get; }

    public Connection First { get; }

    public Connection? Second { get; private init; }

    public RawPeer? Peer { get; private set; }

    public static async Task<LoopPair> OpenAsync(int bufferSize = 1024 * 1024, TimeProvider? time = null, TimeSpan? idle = null, bool canLook = false)
    {
        (ITransport client, ITransport server) = InProcessTransport.CreatePair(new TransportSettings { InProcessBufferSize = bufferSize });
        var held = new HeldTransport(client) { CanLook = canLook, SeesInput = canLook };
        LoopSettings firstSettings = Settings("first", isListener: false, time, idle);
        var first = new Connection(firstSettings, supervisor: null);
        Task firstOpened = first.OpenAsync(held, firstSettings, new Role(isListener: false));
        LoopSettings secondSettings = Settings("second", isListener: true, time, idle);
        var second = new Connection(secondSettings, supervisor: null);
        Task secondOpened = second.OpenAsync(server, secondSettings, new Role(isListener: true));
        await firstOpened.Bounded();
        await secondOpened.Bounded();
        return new LoopPair(held, first) { Second = second };
    }

    public static async Task<LoopPair> OpenRawAsync(TimeProvider? time = null, TimeSpan? idle = null, Open? open = null, ISupervisor? supervisor = null)
    {
        (ITransport client, ITransport server) = InProcessTransport.CreatePair();
        var held = new HeldTransport(client);
        LoopSettings firstSettings = Settings("first", isListener: false, time, idle);
        var first = new Connection(firstSettings, supervisor);
        Task firstOpened = first.OpenAsync(held, firstSettings, new Role(isListener: false));
        var peer = new RawPeer(server);
        await peer.OpenAsServerAsync(open);
        await firstOpened.Bounded();
        return new LoopPair(held, first) { Peer = peer };
    }

    /// <summary>Opens the next line of a connection with a supervisor, to a new raw peer.</summary>
    public async Task ReopenRawAsync(TimeProvider? time = null)
    {
        (ITransport client, ITransport server) = InProcessTransport.CreatePair();
        Task opened = First.OpenAsync(client, Settings("first", isListener: false, time, idle: null), new Role(isListener: false));
        await Peer!.DisposeAsync();
        Peer = new RawPeer(server);
        await Peer.OpenAsServerAsync();
        await opened.Bounded();
    }

    /// <summary>The first side's sender to a raw peer, which gives it credit if it is to.</summary>
    public async Task<ISender> SenderAsync(SenderOptions? options = null, uint credit = 0)
    {
        ValueTask<ISender> creating = First.CreateSenderAsync("q", options ?? new SenderOptions(), BoundedWaits.Stop);
        await Peer!.AnswerBeginAsync();
        await Peer.AnswerAttachAsync();
        ISender sender = await creating.Bounded();
        if (credit == 0)
            return sender;
        await Peer.GiveCreditAsync(credit);
        await sender.WaitForCreditAsync(BoundedWaits.Stop).Bounded();
        return sender;
    }

    /// <summary>Asks the first side to open another line, to nobody.</summary>
    public Task OpenAnotherAsync() => First.OpenAsync(InProcessTransport.CreatePair().Item1, Settings("first", isListener: false, time: null, idle: null), new Role(isListener: false));

    /// <summary>Returns when the first side has taken the end of its line for decided.</summary>
    public async Task EndDecidedAsync()
    {
        while (!await First.Loop.InvokeAsync(() => First.Loop.Engine is null or { IsClosed: true }).Bounded())
        {
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Peer is not null)
            await Peer.DisposeAsync();
        First.Loop.Abort(new CloseReason(CloseInitiator.Local));
        Second?.Loop.Abort(new CloseReason(CloseInitiator.Local));
        await First.Loop.Stopped.Bounded();
        if (Second is not null)
            await Second.Loop.Stopped.Bounded();
    }

    private static LoopSettings Settings(string name, bool isListener, TimeProvider? time, TimeSpan? idle) => new()
    {
        Name = name,
        TimeProvider = time ?? TimeProvider.System,
        Logger = NullLogger.Instance,
        Engine = new EngineSettings
        {
            ContainerId = name,
            IsListener = isListener,
            SaslMechanisms = isListener ? ["ANONYMOUS"] : [],
            IdleTimeout = (uint)(idle ?? TimeSpan.Zero).TotalMilliseconds,
        },
    };

    private sealed class Role(bool isListener) : ConnectionRole
    {
        public override ISaslExchange CreateSasl(Connection connection) => isListener
            ? new SaslListener(connection.Loop, [new AnonymousServer()])
            : new SaslClient(connection.Loop, new ConnectionOptions(), ConnectionUrl.Parse("inproc://pair"), credentials: null);

        public override TimeSpan HandshakeTimeout => Timeout.InfiniteTimeSpan;

        public override void OnOpened(Connection connection, in Open open)
        {
            connection.Loop.Engine!.Open();
            connection.MarkOpen();
        }
    }
}
