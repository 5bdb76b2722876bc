using System.Buffers;
using Messaging.Amqp.Engine;
using Messaging.Amqp.Framing;

namespace Messaging.Amqp.Tests.Engine;

/// <summary>Two engines, client and listener, joined by byte buffers. How the bytes are cut is the test's choice.</summary>
internal sealed class EnginePair
{
    private readonly Random? _random;
    private readonly List<byte> _toListener = [];
    private readonly List<byte> _toClient = [];

    public EnginePair(EngineSettings? client = null, EngineSettings? listener = null, Random? random = null)
    {
        _random = random;
        ClientEvents = new Recorder();
        ListenerEvents = new Recorder();
        Client = ClientEvents.Engine = new ConnectionEngine(client ?? Settings("client"), ClientEvents);
        Listener = ListenerEvents.Engine = new ConnectionEngine(listener ?? Settings("listener", isListener: true), ListenerEvents);
    }

    public ConnectionEngine Client { get; }

    public ConnectionEngine Listener { get; }

    public Recorder ClientEvents { get; }

    public Recorder ListenerEvents { get; }

    public long Now { get; set; }

    /// <summary>Bytes for each Receive; 0: all that there are.</summary>
    public int ChunkSize { get; init; }

    public static EngineSettings Settings(string containerId, bool isListener = false) => new()
    {
        ContainerId = containerId,
        IsListener = isListener,
        IdleTimeout = 0,
        SaslMechanisms = isListener ? ["ANONYMOUS"] : [],
    };

    public EnginePair Open()
    {
        Client.Start(Now);
        Listener.Start(Now);
        Run();
        Assert.True(Client.IsOpen);
        Assert.True(Listener.IsOpen);
        return this;
    }

    /// <summary>An open connection with a session and a link on which the client sends.</summary>
    public (SendingLink Sender, ReceivingLink Receiver) OpenLink(uint credit = 0, Attach attach = default)
    {
        if (Client.Phase == EnginePhase.Start)
        {
            Open();
        }

        Session session = Client.BeginSession(null);
        attach.Name ??= "link";
        attach.Source ??= new Source();
        attach.Target ??= new Target { Address = "q" };
        SendingLink sender = session.AttachSender(in attach, null);
        Run();
        ReceivingLink receiver = (ReceivingLink)ListenerEvents.Links[^1];
        if (credit > 0)
        {
            receiver.SetCredit(credit);
            Run();
        }

        return (sender, receiver);
    }

    /// <summary>Moves bytes until both are quiet.</summary>
    public void Run()
    {
        bool moved;
        do
        {
            Turn(Client);
            Turn(Listener);
            moved = Move(Client, _toListener, Listener);
            moved |= Move(Listener, _toClient, Client);
        }
        while (moved || Client.HasPendingSends || Listener.HasPendingSends);
    }

    private static void Turn(ConnectionEngine engine)
    {
        engine.PumpSends(64 * 1024);
        engine.FlushDispositions();
    }

    private bool Move(ConnectionEngine from, List<byte> buffer, ConnectionEngine to)
    {
        bool moved = from.Output.Length > 0;
        buffer.AddRange(from.Output.WrittenSpan);
        from.Output.Clear();
        int available = 0;
        while (buffer.Count > 0 && available < buffer.Count)
        {
            available = ChunkSize == 0 && _random is null ? buffer.Count : Math.Min(buffer.Count, available + (_random?.Next(1, 700) ?? ChunkSize));
            int consumed = Feed(to, [.. buffer.Take(available)]);
            buffer.RemoveRange(0, consumed);
            available -= consumed;
            moved |= consumed > 0;
        }

        return moved;
    }

    private int Feed(ConnectionEngine to, byte[] bytes)
    {
        ReadOnlySequence<byte> input = _random is null ? Segments.Single(bytes) : Segments.Split(bytes, () => _random.Next(1, 200));
        SequencePosition position = to.Receive(in input, Now);
        return (int)input.Slice(0, position).Length;
    }
}
