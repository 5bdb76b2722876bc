using Messaging.Amqp.Framing;

namespace Messaging.Amqp.Engine;

/// <summary>
/// One AMQP connection without I/O: bytes and a time go in, bytes (<see cref="Output"/>) and events come out. Single-threaded; times are
/// milliseconds from any monotonic origin. The parts: headers, SASL, opening and closing, frames, sessions, sending, timers.
/// </summary>
internal sealed partial class ConnectionEngine
{
    private const uint MinMaxFrameSize = 512; // 2.8.19: what every peer accepts

    private readonly IEngineEvents _events;
    private readonly uint _maxFrameSize;
    private long _now;

    public ConnectionEngine(EngineSettings settings, IEngineEvents events)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(events);
        Settings = settings;
        _events = events;
        _maxFrameSize = Math.Max(settings.MaxFrameSize, MinMaxFrameSize);
        _frameLimit = Math.Max(settings.MaxFrameSizeBeforeOpen, MinMaxFrameSize);
    }

    public EngineSettings Settings { get; }

    /// <summary>Frames are appended here. The owner may swap it between calls, not during an event.</summary>
    public AmqpWriter Output { get; set; } = new();

    public EnginePhase Phase { get; private set; }

    /// <summary>Both opens seen and no close.</summary>
    public bool IsOpen => Phase == EnginePhase.Open;

    /// <summary>Nothing more will be read or written; what is in <see cref="Output"/> is still to be flushed.</summary>
    public bool IsClosed => Phase == EnginePhase.Closed;

    /// <summary>
    /// <see cref="Receive"/> stopped before the end of its input because an answer of ours is due first: a SASL challenge or outcome, or a listener's
    /// open. After the answer, call it again with the bytes that it left.
    /// </summary>
    public bool IsInputPaused => _sasl == SaslStep.OurAnswer || (_remoteOpenSeen && !_openSent && Phase == EnginePhase.Opening);

    /// <summary>The peer's open, once seen.</summary>
    public Open RemoteOpen { get; private set; }

    /// <summary>The largest frame that the peer takes, in bytes: 512 until its open is seen (2.4.1), never less.</summary>
    public uint RemoteMaxFrameSize { get; private set; } = MinMaxFrameSize;

    internal IEngineEvents Events => _events;

    /// <summary>Our open is written and our close is not.</summary>
    internal bool CanWrite => _openSent && Phase is EnginePhase.Opening or EnginePhase.Open;

    /// <summary>The largest frame that we write: the peer's limit, and our own for symmetry (a peer without a limit must not make us build frames of 4 GiB).</summary>
    internal uint OutgoingFrameSize { get; private set; } = MinMaxFrameSize;

    /// <summary>A client writes its first header, a listener waits for the peer's.</summary>
    public void Start(long now)
    {
        if (Phase != EnginePhase.Start)
        {
            throw new InvalidOperationException("The engine has been started already.");
        }

        _now = now;
        Phase = EnginePhase.Header;
        if (Settings.IsListener)
        {
            return;
        }

        if (Settings.UseSasl)
        {
            WriteHeader(FrameWriter.SaslHeader);
        }
        else
        {
            WriteHeader(FrameWriter.AmqpHeader);
            WriteOpen();
        }
    }

    /// <summary>The transport has ended. Completes a close of ours, fails anything else.</summary>
    public void EndOfInput()
    {
        if (Phase == EnginePhase.CloseSent)
        {
            Stop(EnginePhase.Closed);
            _events.OnClosed(null);
        }
        else if (!IsClosed)
        {
            Stop(EnginePhase.Closed);
            _events.OnFailed(new AmqpError(ErrorCondition.ConnectionForced, "The peer ended the transport without closing the connection."));
        }
    }

    /// <summary>
    /// A violation by the peer: the error goes out in a close where the protocol allows frames (after an open of ours, 2.4.3), else the
    /// transport is simply to be closed. Nothing is processed afterwards.
    /// </summary>
    internal void Fail(AmqpError error)
    {
        if (IsClosed)
        {
            return;
        }

        if (Phase is EnginePhase.Opening or EnginePhase.Open)
        {
            if (!_openSent)
            {
                WriteOpen();
            }

            WriteClose(error);
        }

        Stop(EnginePhase.Closed);
        _events.OnFailed(error);
    }

    /// <summary>No frame of a session can come or go any more: what its links still had is the owner's again.</summary>
    private void Stop(EnginePhase phase)
    {
        Phase = phase;
        foreach (Session? session in _localChannels.Slots)
        {
            session?.ReleaseLinks();
        }
    }
}
