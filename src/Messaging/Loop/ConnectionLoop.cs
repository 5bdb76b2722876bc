using System.Threading.Channels;
using Messaging.Amqp;
using Messaging.Amqp.Engine;
using Messaging.Transport;

namespace Messaging.Loop;

/// <summary>
/// The one owner of a connection's protocol state, in both directions. Everything else posts commands to its mailbox.
/// A turn drains the mailbox, pulls input, writes what may be written and starts one flush; it never runs user code and never blocks.
/// </summary>
/// <remarks>While a flush is pending the loop goes on pulling input and answering it: only sends wait. See docs/adr/0001.</remarks>
internal sealed partial class ConnectionLoop
{
    private const int CommandsPerTurn = 1024;
    private const int TurnsBeforeYield = 16;

    private readonly ITransport _transport;
    private readonly ConnectionEngine _engine;
    private readonly ILoopListener _listener;
    private readonly LoopSettings _settings;
    private readonly LoopSignal _signal = new();
    private readonly LoopClock _clock;
    private readonly Channel<ILoopCommand> _mailbox = Channel.CreateUnbounded<ILoopCommand>(new UnboundedChannelOptions { SingleReader = true });
    private readonly TaskCompletionSource<CloseReason> _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private CloseReason? _reason;
    private volatile bool _isQuiet = true;
    private CancellationTokenSource? _spareTimeout;
    private volatile bool _isStopping;
    private bool _isLost;

    public ConnectionLoop(ITransport transport, LoopSettings settings, ILoopListener listener)
    {
        _transport = transport;
        _settings = settings;
        _listener = listener;
        _clock = new LoopClock(settings.TimeProvider, _signal);
        _engine = new ConnectionEngine(settings.Engine, listener) { Output = _filling };
        _onInputReady = OnInputReady;
        _onFlushed = OnFlushed;
    }

    public ConnectionEngine Engine => _engine;

    public LoopSettings Settings => _settings;

    public LoopClock Clock => _clock;

    /// <summary>The time at which this turn began, in milliseconds.</summary>
    public long Now { get; private set; }

    public ITransport Transport => _transport;

    /// <summary>Completes with the one reason for which the loop ended; it never faults.</summary>
    public Task<CloseReason> Stopped => _stopped.Task;

    /// <summary>Whether the loop has ended or is about to: commands are abandoned.</summary>
    public bool IsStopping => _isStopping;

    /// <summary>Starts the loop on the pool.</summary>
    public void Start() => _ = Task.Run(RunAsync);

    /// <summary>Completes an operation of the application. Runs on the loop.</summary>
    public void Complete(ITailCompletion completion) => TailCompletion.Add(completion);

    /// <summary>Sends that are posted and not complete. Owned by the loop.</summary>
    public int OpenSends { get; set; }

    /// <summary>Deliveries that arrived in this run. Owned by the loop.</summary>
    public int Arrivals { get; set; }

    /// <summary>Hands a command to the loop; when the loop has stopped, the command learns that at once.</summary>
    /// <param name="command">What is wanted.</param>
    /// <param name="isAlone">Whether the caller has nothing more to post. In quiet times, when nobody else has either, its thread then runs the turn:
    /// with one message in flight, a hop to another thread would cost more than the turn itself. Under load commands gather and share a turn on the pool.</param>
    public void Post(ILoopCommand command, bool isAlone = false)
    {
        if (!_mailbox.Writer.TryWrite(command))
            command.Abandon(StopException());
        else if (isAlone && _isQuiet)
            _signal.SetLent();
        else
            _signal.Set();
    }

    /// <summary>Runs an action on the loop and gives its result back.</summary>
    public Task<T> InvokeAsync<T>(Func<T> action)
    {
        var request = new LoopRequest<T>(action);
        Post(request);
        return request.Task;
    }

    /// <summary>Runs an action on the loop.</summary>
    public Task InvokeAsync(Action action) => InvokeAsync<object?>(() =>
    {
        action();
        return null;
    });

    /// <summary>The bound of a call that has no token of its own.</summary>
    public CancellationTokenSource OperationTimeout() => new(_settings.OperationTimeout, _settings.TimeProvider);

    /// <summary>The same for calls that are made for each message: give it back with <see cref="ReturnTimeout"/>.</summary>
    public CancellationTokenSource RentTimeout()
    {
        CancellationTokenSource? spare = Interlocked.Exchange(ref _spareTimeout, null);
        if (spare is null)
            return OperationTimeout();
        spare.CancelAfter(_settings.OperationTimeout);
        return spare;
    }

    public void ReturnTimeout(CancellationTokenSource timeout)
    {
        if (!timeout.TryReset() || Interlocked.CompareExchange(ref _spareTimeout, timeout, null) is not null)
            timeout.Dispose();
    }

    /// <summary>Ends the loop once what is in the output has been flushed. The first reason wins. Runs on the loop.</summary>
    public void Stop(CloseReason reason) => _reason ??= reason;

    /// <summary>Ends the loop at once from any thread: pending reads and writes fail.</summary>
    public void Abort(CloseReason reason) => Post(new AbortCommand(this, reason));

    private async Task RunAsync()
    {
        try
        {
            _engine.Start(Now = _clock.Now);
            while (true)
            {
                bool busy = RunTurns();
                if (_reason is not null && !IsFlushing)
                    break;
                await (busy ? _signal.YieldAsync() : _signal.WaitAsync()).ConfigureAwait(false);
            }
        }
        catch (Exception exception)
        {
            _isLost = true;
            Stop(Failure($"failed inside the SDK ({exception.GetType().Name}: {exception.Message}); please report it", new AmqpError(ErrorCondition.InternalError), exception));
            LoopLog.Crashed(_settings.Logger, _settings.Name, exception);
        }

        try
        {
            await FinishAsync(_reason!).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            LoopLog.Crashed(_settings.Logger, _settings.Name, exception);
        }
        finally
        {
            _stopped.TrySetResult(_reason!);
        }
    }

    /// <summary>Runs turns until there is nothing to do, or so many that others must have their turn.</summary>
    /// <returns>Whether there is more to do.</returns>
    private bool RunTurns()
    {
        // A lent thread is given back after a turn.
        int limit = TailCompletion.HasTail ? TurnsBeforeYield : 1;
        Arrivals = 0;
        for (int turn = 0; turn < limit; turn++)
        {
            TailCompletion.Flush();
            Now = _clock.Now;
            bool more = DrainMailbox() | PullInput();
            CheckTime();
            if (_reason is null)
                _engine.PumpSends(SendLimit);
            _engine.FlushDispositions();
            more |= Flush() || IsInputUnwatched;
            _isQuiet = OpenSends == 0 && Arrivals <= 1;
            if (!more)
                return false;
        }

        return true;
    }

    private bool DrainMailbox()
    {
        for (int i = 0; i < CommandsPerTurn; i++)
        {
            if (!_mailbox.Reader.TryRead(out ILoopCommand? command))
                return false;
            command.Execute();
        }

        return true;
    }

    private async Task FinishAsync(CloseReason reason)
    {
        _isStopping = true;
        _mailbox.Writer.TryComplete();
        _listener.OnStopped(reason);
        while (_mailbox.Reader.TryRead(out ILoopCommand? command))
            command.Abandon(StopException());
        _clock.Dispose();
        Interlocked.Exchange(ref _spareTimeout, null)?.Dispose();
        await EndReadAsync(isOrderly: !_isLost).ConfigureAwait(false);
        await _transport.DisposeAsync().ConfigureAwait(false);
        _filling.Dispose();
        _flushing.Dispose();
    }

    private MessagingException StopException() =>
        _reason?.Exception switch
        {
            null => new MessagingConnectionException($"Connection {_settings.Name} is closed: open a new one.", isTransient: false),
            MessagingConnectionException e => new MessagingConnectionException(e.Message, e.Error, e.IsTransient, e),
            { } other => other,
        };

    private CloseReason Failure(string what, AmqpError? error, Exception? cause, bool isTransient = true) => new(
        CloseInitiator.Transport,
        new MessagingConnectionException($"Connection {_settings.Name} {what}.", error, isTransient, cause));

    private sealed class AbortCommand(ConnectionLoop loop, CloseReason reason) : ILoopCommand
    {
        public void Execute()
        {
            loop.Stop(reason);
            loop._isLost = true;
            loop._transport.Abort();
        }

        public void Abandon(MessagingException cause)
        {
        }
    }
}
