using System.Threading.Channels;
using Messaging.Amqp;
using Messaging.Amqp.Engine;
using Messaging.Transport;

namespace Messaging.Loop;

/// <summary>
/// The one owner of a connection's protocol state, in both directions. Everything else posts commands to its mailbox.
/// A turn drains the mailbox, pulls input, writes what may be written and starts one flush; it never runs user code and never blocks.
/// It outlives its transports: each has a <see cref="Line"/>, one after the other; between two of them the loop only takes commands and looks at the time.
/// </summary>
/// <remarks>While a flush is pending the loop goes on pulling input and answering it: only sends wait. See docs/adr/0001 and 0008.</remarks>
internal sealed class ConnectionLoop
{
    private const int CommandsPerTurn = 1024;
    private const int TurnsBeforeYield = 16;

    private readonly ILoopListener _listener;
    private readonly LoopSignal _signal = new();
    private readonly LoopClock _clock;
    private readonly Channel<ILoopCommand> _mailbox = Channel.CreateUnbounded<ILoopCommand>(new UnboundedChannelOptions { SingleReader = true });
    private readonly TaskCompletionSource<CloseReason> _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile LoopSettings _settings;
    private Line? _line;
    private Task _closing = Task.CompletedTask;
    private CloseReason? _reason;
    private volatile bool _isQuiet = true;
    private CancellationTokenSource? _spareTimeout;
    private volatile bool _isStopping;

    public ConnectionLoop(LoopSettings settings, ILoopListener listener)
    {
        _settings = settings;
        _listener = listener;
        _clock = new LoopClock(settings.TimeProvider, _signal);
    }

    /// <summary>The engine of the line; null between two lines. Owned by the loop.</summary>
    public ConnectionEngine? Engine => _line?.Engine;

    /// <summary>The transport of the line; null between two lines. Owned by the loop.</summary>
    public ITransport? Transport => _line?.Transport;

    /// <summary>Those of the newest line.</summary>
    public LoopSettings Settings => _settings;

    public LoopClock Clock => _clock;

    /// <summary>The time at which this turn began, in milliseconds.</summary>
    public long Now { get; private set; }

    /// <summary>Completes with the one reason for which the loop ended; it never faults.</summary>
    public Task<CloseReason> Stopped => _stopped.Task;

    /// <summary>Whether the loop has ended or is about to: commands are abandoned.</summary>
    public bool IsStopping => _isStopping;

    /// <summary>Whether its end is decided, so that no line may begin. Owned by the loop.</summary>
    public bool HasEnded => _reason is not null;

    /// <summary>Starts the loop on the pool.</summary>
    public void Start() => _ = Task.Run(RunAsync);

    /// <summary>Completes an operation of the application. Runs on the loop.</summary>
    public void Complete(ITailCompletion completion) => TailCompletion.Add(completion);

    /// <summary>Sends that are posted and not complete. Owned by the loop.</summary>
    public int OpenSends { get; set; }

    /// <summary>How many of them have a deadline. Owned by the loop.</summary>
    public int TimedSends { get; set; }

    /// <summary>Deliveries that arrived in this run. Owned by the loop.</summary>
    public int Arrivals { get; set; }

    /// <summary>Hands a command to the loop; when the loop has stopped, the command learns that at once.</summary>
    /// <param name="command">What is wanted.</param>
    /// <param name="isAlone">Whether the caller has nothing more to post. In quiet times, when nobody else has either, its thread then runs the turn:
    /// with one message in flight, a hop to another thread would cost more than the turn itself. Under load commands gather and share a turn on the pool.</param>
    /// <param name="canWait">Whether it may wait until the application lets this thread go, where that is one that the loop runs on next.</param>
    public void Post(ILoopCommand command, bool isAlone = false, bool canWait = false)
    {
        if (!_mailbox.Writer.TryWrite(command))
            command.Abandon(StopException());
        else if (canWait && _signal.IsThisThreadNext())
            return;
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

    /// <summary>Begins with a transport. Runs on the loop, which has no line.</summary>
    public void Open(ITransport transport, LoopSettings settings)
    {
        _settings = settings;
        _line = new Line(this, _signal, transport, settings, _listener);
        _line.Start(Now);
    }

    /// <summary>Ends the line once what is in its output has been flushed. The first reason wins. Runs on the loop.</summary>
    public void Stop(CloseReason reason) => _line?.Stop(reason);

    /// <summary>Ends the line at once. Runs on the loop.</summary>
    public void Drop(CloseReason reason)
    {
        _line?.Stop(reason);
        _line?.Break();
    }

    /// <summary>Ends the loop for good; a line that is there ends first. The first reason wins. Runs on the loop.</summary>
    public void End(CloseReason reason)
    {
        _reason ??= reason;
        _line?.Stop(reason);
    }

    /// <summary>Ends the loop for good and at once, from any thread: pending reads and writes fail.</summary>
    public void Abort(CloseReason reason) => Post(new AbortCommand(this, reason));

    /// <summary>Why a connection was lost, for the application.</summary>
    public static CloseReason Failure(string name, string what, AmqpError? error, Exception? cause, bool isTransient = true)
    {
        string message = $"Connection {name} {what}.";
        return new CloseReason(CloseInitiator.Transport, cause is TlsException tls
            ? new TlsException(message, error, tls.IsTransient, tls)
            : new MessagingConnectionException(message, error, isTransient, cause));
    }

    private async Task RunAsync()
    {
        try
        {
            Now = _clock.Now;
            while (_reason is null || _line is not null)
            {
                bool busy = RunTurns();
                _signal.IsBack = false;
                if (_line is { IsOver: true })
                    await EndLineAsync(_line).ConfigureAwait(false);
                else if (_reason is null || _line is not null)
                    await (busy ? _signal.YieldAsync() : _signal.WaitAsync()).ConfigureAwait(false);
            }
        }
        catch (Exception exception)
        {
            Crash(exception);
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
        if (TailCompletion.HasTail)
            _signal.TakeUp();
        for (int turn = 0; turn < limit; turn++)
        {
            TailCompletion.Flush();
            Now = _clock.Now;
            bool more = DrainMailbox(out bool isIdle);
            if (_line is { } reading)
                more |= reading.PullInput(isIdle);
            _clock.WakeAt(Math.Min(_listener.CheckDeadlines(Now), _line?.CheckTime(Now) ?? long.MaxValue), Now);
            if (_line is { } writing)
                more |= writing.Write();
            _isQuiet = OpenSends == 0 && Arrivals <= 1;
            if (!more || _line is { IsOver: true })
                return more;
        }

        return true;
    }

    /// <param name="isIdle">Whether there was no command.</param>
    /// <returns>Whether there are more.</returns>
    private bool DrainMailbox(out bool isIdle)
    {
        isIdle = true;
        for (int i = 0; i < CommandsPerTurn; i++)
        {
            if (!_mailbox.Reader.TryRead(out ILoopCommand? command))
                return false;
            command.Execute();
            isIdle = false;
        }

        return true;
    }

    private async Task EndLineAsync(Line line)
    {
        try
        {
            if (!_listener.OnLineEnded(line.Reason!))
                _reason ??= line.Reason;
            if (_reason is not null)
                Abandon(_reason);
        }
        finally
        {
            await line.EndReadAsync().ConfigureAwait(false);
            _line = null;
            _closing = Task.WhenAll(_closing, line.CloseAsync());
        }
    }

    private void Crash(Exception exception)
    {
        LoopLog.Crashed(_settings.Logger, _settings.Name, exception);
        _reason = Failure(_settings.Name, $"failed inside the SDK ({exception.GetType().Name}: {exception.Message}); please report it", new AmqpError(ErrorCondition.InternalError), exception, isTransient: false);
        _line?.Stop(_reason);
        _line?.Break();
    }

    private async Task FinishAsync(CloseReason reason)
    {
        Abandon(reason);
        try
        {
            if (_line is { } line)
                await EndLineAsync(line).ConfigureAwait(false);
        }
        finally
        {
            _clock.Dispose();
            Interlocked.Exchange(ref _spareTimeout, null)?.Dispose();
            await _closing.ConfigureAwait(false);
        }
    }

    /// <summary>Ends everything that waits for the loop; what fails at that keeps nothing else from its end.</summary>
    private void Abandon(CloseReason reason)
    {
        if (_isStopping)
            return;
        _isStopping = true;
        _mailbox.Writer.TryComplete();
        Try(() => _listener.OnStopped(reason));
        while (_mailbox.Reader.TryRead(out ILoopCommand? command))
            Try(() => command.Abandon(StopException()));
    }

    private void Try(Action action)
    {
        try
        {
            action();
        }
        catch (Exception exception)
        {
            LoopLog.Crashed(_settings.Logger, _settings.Name, exception);
        }
    }

    private MessagingException StopException() =>
        _reason?.Exception switch
        {
            null => new MessagingConnectionException($"Connection {_settings.Name} was closed here: open a new one.", isTransient: false),
            MessagingConnectionException e => new MessagingConnectionException(e.Message, e.Error, e.IsTransient, e),
            { } other => other,
        };

    private sealed class AbortCommand(ConnectionLoop loop, CloseReason reason) : ILoopCommand
    {
        public void Execute()
        {
            loop.End(reason);
            loop.Drop(reason);
        }

        public void Abandon(MessagingException cause)
        {
        }
    }
}
