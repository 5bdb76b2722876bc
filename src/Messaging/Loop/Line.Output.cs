using System.IO.Pipelines;
using Messaging.Amqp;

namespace Messaging.Loop;

/// <summary>The writing half: two buffers, one being filled while the other is flushed.</summary>
internal sealed partial class Line
{
    /// <summary>Sends stop at this many bytes in the buffer that is being filled.</summary>
    private const int SendLimit = 128 * 1024;

    /// <summary>Answers to the peer stop here: it sends and does not read, so nothing more is read from it until it does.</summary>
    private const int OutputLimit = 4 * 1024 * 1024;

    /// <summary>A buffer that grew beyond this is given back after its flush.</summary>
    private const int KeptCapacity = 512 * 1024;

    private readonly Action _onFlushed;
    private AmqpWriter _filling = new(16 * 1024);
    private AmqpWriter _flushing = new(16 * 1024);
    private ValueTask<FlushResult> _flush;
    private bool _isFlushPending;
    private volatile bool _isFlushArmed;
    private long _flushDeadline = long.MaxValue;

    private CloseReason? _outputFailure;

    private bool IsFlushing => _isFlushPending || (_engine.Output.Length > 0 && _outputFailure is null);

    /// <summary>Writes what may be written, and starts the one flush of the turn.</summary>
    /// <returns>Whether more could be written right away.</returns>
    public bool Write()
    {
        if (_outputFailure is not null)
            return IsInputUnwatched;
        if (Reason is null)
            _engine.PumpSends(SendLimit);
        _engine.FlushDispositions();
        return Flush() || IsInputUnwatched;
    }

    /// <returns>Whether the flush is done and more could be written right away.</returns>
    private bool Flush()
    {
        if (_isFlushPending && !EndFlush())
            return false;
        if (_filling.Length == 0 || _outputFailure is not null)
            return false;

        (_filling, _flushing) = (_flushing, _filling);
        _engine.Output = _filling;
        _isFlushPending = true;
        _flushDeadline = _settings.WriteTimeout == Timeout.InfiniteTimeSpan ? long.MaxValue : _loop.Now + (long)_settings.WriteTimeout.TotalMilliseconds;
        _listener.OnFlushing();
        try
        {
            _flush = _transport.Output.WriteAsync(_flushing.WrittenMemory);
        }
        catch (Exception exception)
        {
            BreakOutput(exception);
            return false;
        }

        if (_flush.IsCompleted)
            return EndFlush() && _engine.HasPendingSends;
        _isFlushArmed = true;
        _loop.Clock.WakeAt(_flushDeadline, _loop.Now); // this turn has looked at the time already, and nothing else may wake the loop
        _flush.GetAwaiter().UnsafeOnCompleted(_onFlushed);
        return false;
    }

    private void OnFlushed()
    {
        _isFlushArmed = false;
        _signal.SetInline();
    }

    /// <returns>Whether the flush has ended.</returns>
    private bool EndFlush()
    {
        if (_isFlushArmed)
            return false;
        try
        {
            FlushResult result = _flush.GetAwaiter().GetResult();
            if (result.IsCompleted && Reason is null && !_engine.IsClosed)
                LoopLog.PeerStoppedReading(_settings.Logger, _settings.Name);
        }
        catch (Exception exception)
        {
            BreakOutput(exception);
            return true; // what was being written has not arrived
        }

        _isFlushPending = false;
        _flushDeadline = long.MaxValue;
        if (_flushing.Length > KeptCapacity)
        {
            _flushing.Dispose();
            _flushing = new AmqpWriter(16 * 1024);
        }

        _flushing.Clear();
        _listener.OnFlushed();
        return true;
    }

    /// <summary>Nothing can be written any more. The line ends when what the peer had sent before is read: it may settle what is in flight, and say why it goes.</summary>
    private void BreakOutput(Exception exception)
    {
        _isLost = true;
        _isFlushPending = false;
        _flushDeadline = long.MaxValue;
        _outputFailure = Failure($"to {_transport.RemoteEndPoint} was lost while writing: {exception.Message.TrimEnd('.')}", error: null, exception);
        if (Reason is null && CanRead)
            LimitFarewell();
        else
            Stop(_outputFailure);
    }

    /// <summary>Fails what has waited too long.</summary>
    /// <returns>The next deadline.</returns>
    public long CheckTime(long now)
    {
        bool isEnding = Reason is not null;
        long due = _engine.Tick(now);
        if (!isEnding && Reason is { } idle)
            Reason = idle with { IsTimeout = true };
        // A peer that has been silent for the idle time-out and does not read either is gone: there is no farewell to wait for.
        bool isGone = !isEnding && Reason is not null && _isFlushPending;
        if (_flushDeadline <= now)
        {
            Stop(Failure($"to {_transport.RemoteEndPoint} took no bytes for {_settings.WriteTimeout} and was dropped", new AmqpError(ErrorCondition.ResourceLimitExceeded), cause: null) with { IsTimeout = true });
            isGone = true;
        }

        if (_farewellDeadline <= now && _outputFailure is not null)
            Stop(_outputFailure);
        if (isGone || _farewellDeadline <= now)
            Break();
        return Math.Min(due, Math.Min(_flushDeadline, _farewellDeadline));
    }
}
