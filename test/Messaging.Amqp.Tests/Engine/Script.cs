using System.Buffers;
using Messaging.Amqp.Engine;
using Messaging.Amqp.Framing;

namespace Messaging.Amqp.Tests.Engine;

/// <summary>One engine and a peer whose every byte the test writes by hand (with our own codec).</summary>
internal sealed class Script
{
    private readonly AmqpWriter _peer = new();

    private Script(EngineSettings settings)
    {
        Events = new Recorder();
        Engine = Events.Engine = new ConnectionEngine(settings, Events);
        Engine.Start(0);
    }

    public Recorder Events { get; }

    public ConnectionEngine Engine { get; }

    public long Now { get; set; }

    public static EngineSettings ListenerSettings { get; } = EnginePair.Settings("listener", isListener: true);

    public static EngineSettings ClientSettings { get; } = EnginePair.Settings("client") with { UseSasl = false };

    public static Script Listener(EngineSettings? settings = null) => new(settings ?? ListenerSettings);

    /// <summary>A listener that has sent its mechanisms.</summary>
    public static Script Sasl(EngineSettings? settings = null) => Listener(settings).Header(FrameWriter.SaslHeader).Forget();

    /// <summary>A listener with both AMQP headers exchanged.</summary>
    public static Script Amqp(EngineSettings? settings = null) =>
        Listener((settings ?? ListenerSettings) with { UseSasl = false }).Header(FrameWriter.AmqpHeader).Forget();

    /// <summary>A listener with both opens exchanged.</summary>
    public static Script Opened(EngineSettings? settings = null, uint? maxFrameSize = null, ushort? channelMax = null, uint? idleTimeOut = null) =>
        Amqp(settings).Send(0, new Open { ContainerId = "peer", MaxFrameSize = maxFrameSize, ChannelMax = channelMax, IdleTimeOut = idleTimeOut }).Forget();

    /// <summary>A client with both opens exchanged.</summary>
    public static Script Client(EngineSettings? settings = null, uint? maxFrameSize = null, ushort? channelMax = null, uint? idleTimeOut = null) =>
        new Script(settings ?? ClientSettings).Header(FrameWriter.AmqpHeader)
            .Send(0, new Open { ContainerId = "peer", MaxFrameSize = maxFrameSize, ChannelMax = channelMax, IdleTimeOut = idleTimeOut }).Forget();

    /// <summary>A listener with a session on channel 0.</summary>
    public static Script InSession(EngineSettings? settings = null, uint? maxFrameSize = null, uint? handleMax = null) =>
        Opened(settings, maxFrameSize).Begin(0, handleMax).Forget();

    /// <summary>A listener to whose session (channel 0) the peer has attached a sender (handle 0) that has credit.</summary>
    public static Script WithSender(uint credit = 10, ulong? maxMessageSize = null, EngineSettings? settings = null)
    {
        Script script = InSession(settings);
        script.Events.LinkRequested = (link, attach) => link.Accept(new Attach { Source = attach.Source, Target = attach.Target, MaxMessageSize = maxMessageSize });
        script.AttachSender("link", 0);
        if (credit > 0)
        {
            script.Receiver.SetCredit(credit);
        }

        return script.Forget();
    }

    /// <summary>A listener to whose session (channel 0) the peer has attached a receiver (handle 0).</summary>
    public static Script WithReceiver(uint credit = 0, EngineSettings? settings = null, uint? maxFrameSize = null)
    {
        Script script = InSession(settings, maxFrameSize).AttachReceiver("link", 0);
        if (credit > 0)
        {
            script.Flow(0, credit);
        }

        return script.Forget();
    }

    public ReceivingLink Receiver => (ReceivingLink)Events.Links[^1];

    public SendingLink Sender => (SendingLink)Events.Links[^1];

    public Script Header(ReadOnlySpan<byte> header) => Raw(header.ToArray());

    public Script Raw(params byte[] bytes)
    {
        ReadOnlySequence<byte> input = Segments.Single(bytes);
        _ = Engine.Receive(in input, Now);
        return this;
    }

    /// <summary>A frame with any body.</summary>
    public Script RawFrame(ushort channel, byte[] body, byte type = 0)
    {
        byte[] frame = [0, 0, 0, 0, 2, type, (byte)(channel >> 8), (byte)channel, .. body];
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(frame, frame.Length);
        return Raw(frame);
    }

    public Script Send<T>(ushort channel, in T performative, byte type = 0)
        where T : struct, IComposite
    {
        _peer.Clear();
        FrameWriter.Write(_peer, type, channel, in performative);
        return Raw(_peer.WrittenSpan.ToArray());
    }

    public Script SendSasl<T>(in T performative)
        where T : struct, IComposite => Send(0, in performative, FrameHeader.SaslType);

    public Script Begin(ushort channel, uint? handleMax = null, uint nextOutgoingId = 0, uint incomingWindow = 1000, ushort? remoteChannel = null) => Send(channel, new Begin
    {
        RemoteChannel = remoteChannel,
        NextOutgoingId = nextOutgoingId,
        IncomingWindow = incomingWindow,
        OutgoingWindow = 1000,
        HandleMax = handleMax,
    });

    public Script AttachSender(string name, uint handle, uint initialDeliveryCount = 0, ushort channel = 0) => Send(channel, new Attach
    {
        Name = name,
        Handle = handle,
        Role = false,
        Source = new Source(),
        Target = new Target { Address = "q" },
        InitialDeliveryCount = initialDeliveryCount,
    });

    public Script AttachReceiver(string name, uint handle, ushort channel = 0, ulong? maxMessageSize = null) => Send(channel, new Attach
    {
        Name = name,
        Handle = handle,
        Role = true,
        Source = new Source { Address = "q" },
        Target = new Target(),
        MaxMessageSize = maxMessageSize,
    });

    public Script Flow(uint? handle, uint? credit, uint? deliveryCount = 0, uint nextIncomingId = 0, uint incomingWindow = 1000, bool drain = false, bool echo = false, uint nextOutgoingId = 0) => Send(0, new Flow
    {
        NextIncomingId = nextIncomingId,
        IncomingWindow = incomingWindow,
        NextOutgoingId = nextOutgoingId,
        OutgoingWindow = 1000,
        Handle = handle,
        DeliveryCount = handle is null ? null : deliveryCount,
        LinkCredit = credit,
        Drain = drain,
        Echo = echo,
    });

    public Script Transfer(uint handle, uint? deliveryId, byte[]? tag, byte[]? payload = null, bool more = false, bool? settled = null, bool aborted = false, ushort channel = 0, DeliveryState? state = null, bool resume = false)
    {
        _peer.Clear();
        Transfer transfer = new()
        {
            Handle = handle,
            DeliveryId = deliveryId,
            DeliveryTag = tag,
            HasDeliveryTag = tag is not null,
            Settled = settled,
            More = more,
            Aborted = aborted,
            State = state,
            Resume = resume,
        };
        FrameWriter.WriteTransfer(_peer, channel, in transfer, payload);
        return Raw(_peer.WrittenSpan.ToArray());
    }

    public Script Disposition(bool role, uint first, uint? last, bool settled, DeliveryState? state) =>
        Send(0, new Disposition { Role = role, First = first, Last = last, Settled = settled, State = state });

    public Script Pump(int limit = 1 << 20)
    {
        Engine.PumpSends(limit);
        Engine.FlushDispositions();
        return this;
    }

    /// <summary>What the engine has written since the last call.</summary>
    public List<WireFrame> Written()
    {
        List<WireFrame> frames = WireFrame.ReadAll(Engine.Output.WrittenSpan);
        Engine.Output.Clear();
        return frames;
    }

    /// <summary>The one frame of this kind among those written since the last call.</summary>
    public T Only<T>() => Assert.Single(Written().Select(frame => frame.Body).OfType<T>());

    public Script Forget()
    {
        Engine.Output.Clear();
        Events.Log.Clear();
        return this;
    }

    public void AssertClosed(Symbol condition)
    {
        Assert.Equal(condition, Only<Close>().Error?.Condition);
        Assert.True(Events.Failed(condition));
        Assert.True(Engine.IsClosed);
    }

    public void AssertEnded(Symbol condition, ushort channel = 0)
    {
        WireFrame end = Assert.Single(Written(), frame => frame.Body is End);
        Assert.Equal(channel, end.Channel);
        Assert.Equal(condition, ((End)end.Body!).Error?.Condition);
        Assert.True(Engine.IsOpen);
        Assert.Single(Events.Log, entry => entry == $"session ended {condition}");
    }

    public void AssertDetached(Symbol condition, uint handle = 0)
    {
        Detach detach = Only<Detach>();
        Assert.Equal(condition, detach.Error?.Condition);
        Assert.Equal(handle, detach.Handle);
        Assert.True(detach.Closed);
        Assert.True(Engine.IsOpen);
        Assert.Contains(Events.Log, entry => entry.StartsWith("detached", StringComparison.Ordinal) && entry.EndsWith(condition.Value, StringComparison.Ordinal));
    }

    /// <summary>A link that was refused without its owner being asked.</summary>
    public void AssertDetachedWithoutEvent(Symbol condition, uint handle)
    {
        Detach detach = Only<Detach>();
        Assert.Equal(condition, detach.Error?.Condition);
        Assert.Equal(handle, detach.Handle);
        Assert.True(Engine.IsOpen);
        Assert.DoesNotContain(Events.Log, entry => entry.StartsWith("detached", StringComparison.Ordinal));
    }
}
