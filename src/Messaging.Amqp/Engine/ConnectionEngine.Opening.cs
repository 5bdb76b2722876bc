using Messaging.Amqp.Framing;

namespace Messaging.Amqp.Engine;

/// <content>Open and close (AMQP 1.0 part 2, 2.4).</content>
internal sealed partial class ConnectionEngine
{
    private static readonly Symbol EstablishmentFailed = new("amqp:connection-establishment-failed");

    private bool _openSent;
    private bool _remoteOpenSeen;

    /// <summary>The highest channel that the peer takes: 0 until its open is seen (2.4.1).</summary>
    internal ushort RemoteChannelMax { get; private set; }

    /// <summary>Listener: accepts the connection. A client's open goes out by itself.</summary>
    public void Open()
    {
        if (Phase == EnginePhase.Opening && _remoteOpenSeen && !_openSent)
        {
            WriteOpen();
            Phase = EnginePhase.Open;
        }
    }

    /// <summary>Listener: an open that says it is none, then a close with the error; <see cref="IEngineEvents.OnClosed"/> comes with the peer's close.</summary>
    public void Refuse(AmqpError error)
    {
        if (Phase != EnginePhase.Opening || _openSent)
        {
            return;
        }

        WriteOpen(refused: true);
        WriteClose(error);
        Stop(EnginePhase.CloseSent);
    }

    /// <summary>Closes in good order once our open is written: the event comes with the peer's close. Before that there is nothing to close but the transport: the engine is closed without an event.</summary>
    public void Close(AmqpError? error)
    {
        if (Phase is EnginePhase.CloseSent or EnginePhase.Closed)
        {
            return;
        }

        if (!CanWrite)
        {
            Stop(EnginePhase.Closed);
            return;
        }

        FlushDispositions();
        WriteClose(error);
        Stop(EnginePhase.CloseSent);
    }

    private void OnOpen(in Open open)
    {
        if (_remoteOpenSeen)
        {
            Fail(EngineErrors.IllegalState("A second open on one connection."));
            return;
        }

        _remoteOpenSeen = true;
        RemoteOpen = open;
        RemoteChannelMax = open.ChannelMax ?? ushort.MaxValue;
        RemoteMaxFrameSize = Math.Max(open.MaxFrameSize ?? uint.MaxValue, MinMaxFrameSize);
        OutgoingFrameSize = Math.Min(RemoteMaxFrameSize, _maxFrameSize);
        StartHeartbeat(open.IdleTimeOut ?? 0);
        if (Phase == EnginePhase.CloseSent)
        {
            return;
        }

        if (_openSent)
        {
            Phase = EnginePhase.Open;
        }

        _events.OnOpened(in open);
    }

    private void OnClose(in Close close)
    {
        if (Phase != EnginePhase.CloseSent)
        {
            if (!_openSent)
            {
                WriteOpen();
            }

            WriteClose(null);
        }

        Stop(EnginePhase.Closed);
        _events.OnClosed(close.Error);
    }

    private void WriteOpen(bool refused = false)
    {
        Open open = new()
        {
            ContainerId = Settings.ContainerId,
            Hostname = Settings.Hostname,
            MaxFrameSize = _maxFrameSize,
            ChannelMax = Settings.ChannelMax,
            IdleTimeOut = Settings.IdleTimeout == 0 ? null : Math.Max(Settings.IdleTimeout / 2, 1), // half of ours (2.4.5)
            OfferedCapabilities = Settings.OfferedCapabilities,
            DesiredCapabilities = Settings.DesiredCapabilities,
            Properties = refused ? RefusedProperties() : Settings.Properties,
        };

        // Not measured against the 512 of an unknown peer (2.4.1): a host name or property may need more, and peers take it.
        FrameWriter.Write(Output, FrameHeader.AmqpType, 0, in open);
        _lastSent = _now;
        Trace(outgoing: true, 0, in open);
        _openSent = true;
        _frameLimit = _maxFrameSize;
        RestartIdleTimeout();
    }

    private Dictionary<Symbol, object?> RefusedProperties()
    {
        Dictionary<Symbol, object?> properties = Settings.Properties is null ? [] : new(Settings.Properties);
        properties[EstablishmentFailed] = true;
        return properties;
    }

    private void WriteClose(AmqpError? error)
    {
        if (!TryWrite(0, new Close { Error = error }))
        {
            Write(0, new Close { Error = EngineErrors.Shorten(error) });
        }
    }
}
