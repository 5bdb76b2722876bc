using Messaging.Amqp;
using Messaging.Amqp.Engine;
using Messaging.Transport;

namespace Messaging.Loop;

/// <summary>One transport and the engine over it, from the first byte to the end. It is never repaired: a loop that goes on gets a new one. Owned by the loop.</summary>
internal sealed partial class Line
{
    /// <summary>How long the flush of what was written before the end may take, or the read of what came before it, in milliseconds: a peer that does neither must not hold up the next line.</summary>
    private const long FarewellTimeout = 1000;

    private readonly ConnectionLoop _loop;
    private readonly ITransport _transport;
    private readonly ConnectionEngine _engine;
    private readonly ILoopListener _listener;
    private readonly LoopSettings _settings;
    private readonly LoopSignal _signal;
    private readonly Linger _linger;
    private bool _isLost;
    private long _farewellDeadline = long.MaxValue;

    public Line(ConnectionLoop loop, LoopSignal signal, ITransport transport, LoopSettings settings, ILoopListener listener)
    {
        _loop = loop;
        _signal = signal;
        _transport = transport;
        _settings = settings;
        _listener = listener;
        _linger = new Linger(transport, signal, settings.TimeProvider);
        _engine = new ConnectionEngine(settings.Engine, listener) { Output = _filling };
        _onInputReady = OnInputReady;
        _onFlushed = OnFlushed;
    }

    public ConnectionEngine Engine => _engine;

    public ITransport Transport => _transport;

    /// <summary>Why it ends; null while it lives. The first reason wins.</summary>
    public CloseReason? Reason { get; private set; }

    /// <summary>Whether it ends and what was written has been flushed.</summary>
    public bool IsOver => Reason is not null && !IsFlushing;

    public void Start(long now) => _engine.Start(now);

    /// <summary>Ends it once what is in the output has been flushed, for which there is a second. The first reason wins.</summary>
    public void Stop(CloseReason reason)
    {
        if (Reason is not null)
            return;
        Reason = reason;
        if (_isLost)
            _farewellDeadline = long.MaxValue;
        else
            LimitFarewell();
    }

    /// <summary>Ends it at once: pending reads and writes fail.</summary>
    public void Break()
    {
        _isLost = true;
        _transport.Abort();
        _flushDeadline = long.MaxValue;
        _farewellDeadline = long.MaxValue;
    }

    /// <summary>Closes the transport. What was written reaches the peer, unless the transport is lost.</summary>
    public async Task CloseAsync()
    {
        await _transport.DisposeAsync().ConfigureAwait(false);
        _filling.Dispose();
        _flushing.Dispose();
    }

    private void LimitFarewell()
    {
        _farewellDeadline = _loop.Now + FarewellTimeout;
        _loop.Clock.WakeAt(_farewellDeadline, _loop.Now);
    }

    private CloseReason Failure(string what, AmqpError? error, Exception? cause) => ConnectionLoop.Failure(_settings.Name, what, error, cause);
}
