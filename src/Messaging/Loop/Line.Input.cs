using System.Buffers;
using System.IO.Pipelines;
using Messaging.Amqp;
using Messaging.Amqp.Engine;

namespace Messaging.Loop;

/// <summary>The reading half: pulls what is there, arms one callback when nothing is.</summary>
internal sealed partial class Line
{
    private const int ReadsPerTurn = 4;

    private readonly Action _onInputReady;
    private ValueTask<ReadResult> _read;
    private bool _isReading;
    private volatile bool _isReadArmed;
    private bool _isInputEnded;

    /// <summary>Whether no read is begun because this thread comes back to it right after the application.</summary>
    public bool IsInputLeft { get; private set; }

    private bool CanRead => !_isInputEnded && !_engine.IsClosed && !_engine.IsInputPaused && _engine.Output.Length < OutputLimit;

    /// <summary>Whether input could be read again though nothing would tell that it has come: a flush has just made room for the answers to it.</summary>
    public bool IsInputUnwatched => CanRead && !_isReadArmed && !IsInputLeft;

    /// <param name="isIdle">Whether this turn has nothing else to do.</param>
    /// <returns>Whether there may be more input right away.</returns>
    public bool PullInput(bool isIdle)
    {
        if (IsInputLeft)
        {
            if (_signal.ComesBack)
                return false;
            if (_signal.IsBack && !isIdle)
                return true; // what the application wants is written before its answer is waited for
            TakeUpInput();
        }

        for (int i = 0; i < ReadsPerTurn; i++)
        {
            if (i > 0 && TryLeaveInput())
                return false;
            if (_isReadArmed || !CanRead)
                return false;
            if (!_isReading)
                BeginRead();
            if (!_read.IsCompleted)
            {
                ArmRead();
                return false;
            }

            TakeInput();
        }

        return true;
    }

    /// <summary>
    /// With a completion to run after this turn, no read is begun: the application is likely to send, and this thread comes back to the loop
    /// right after it and may find the answer without a hop. Should the application block, the timer brings the loop back to its input.
    /// </summary>
    private bool TryLeaveInput()
    {
        if (!TailCompletion.IsPending || !CanRead || !_linger.TryLeave(_loop.Now))
            return false;
        IsInputLeft = true;
        _signal.LeaveForThisThread();
        _loop.Clock.WakeAt(_loop.Now + Linger.LongestAbsence, _loop.Now);
        return true;
    }

    /// <summary>Back from the application on the thread that left the input; or something else has woken the loop meanwhile, which does not wait for that thread.</summary>
    private void TakeUpInput()
    {
        IsInputLeft = false;
        if (!_signal.IsBack)
            _linger.OnOvertaken(_loop.Now);
        else if (CanRead)
            _linger.WaitForInput();
        _signal.IsBack = false;
    }

    private void BeginRead()
    {
        _read = _transport.Input.ReadAsync();
        _isReading = true;
    }

    private void ArmRead()
    {
        _isReadArmed = true;
        _read.GetAwaiter().UnsafeOnCompleted(_onInputReady);
    }

    private void OnInputReady()
    {
        _isReadArmed = false;
        _signal.SetInline();
    }

    private void TakeInput()
    {
        ReadResult result;
        try
        {
            _isReading = false;
            result = _read.GetAwaiter().GetResult();
        }
        catch (Exception exception)
        {
            _isInputEnded = true;
            _isLost = true;
            Stop(Failure($"to {_transport.RemoteEndPoint} was lost: {exception.Message.TrimEnd('.')}", error: null, exception));
            Break(); // what is being written arrives no more
            return;
        }

        ReadOnlySequence<byte> buffer = result.Buffer;
        SequencePosition consumed = _engine.Receive(buffer, _loop.Now);
        // Paused input is looked at again after our answer, though nothing new may arrive: it does not count as examined.
        _transport.Input.AdvanceTo(consumed, _engine.IsInputPaused ? consumed : buffer.End);
        if (result.IsCompleted && !_engine.IsInputPaused)
        {
            _isInputEnded = true;
            if (_engine.Phase != EnginePhase.CloseSent)
                Stop(_outputFailure ?? Failure($"was ended by {_transport.RemoteEndPoint} without a close frame{Hint()}", error: null, cause: null));
            _engine.EndOfInput();
        }
    }

    /// <summary>A port of TLS sends an alert to who does not speak it, or nothing.</summary>
    private string Hint() => !_settings.Engine.IsListener && _engine.Phase == EnginePhase.Header && _transport is { Security: null, IsInProcess: false } ? ", before it sent anything: it may be a port of TLS (amqps)" : "";

    /// <summary>A pending read must be observed before the transport is disposed. An orderly end keeps what is written on its way to the peer.</summary>
    public async Task EndReadAsync()
    {
        if (_isLost)
            _transport.Abort();
        else
            _transport.Input.CancelPendingRead();
        while (_isReadArmed || _isFlushArmed)
            await _signal.WaitAsync().ConfigureAwait(false);
        if (!_isReading)
            return;
        try
        {
            await _read.ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            LoopLog.ReadEnded(_settings.Logger, _settings.Name, exception.Message);
        }
    }
}
