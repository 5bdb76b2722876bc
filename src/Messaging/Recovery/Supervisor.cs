using Messaging.Amqp;
using Messaging.Client;
using Microsoft.Extensions.Logging;
using Polly;
using Polly.Retry;

namespace Messaging.Recovery;

/// <summary>Opens the lines of one connection: the first one, and a new one after each loss. See docs/guide/resilience.md for what is retried and what is not.</summary>
internal sealed class Supervisor : ISupervisor
{
    private readonly ConnectionOptions _options;
    private readonly string _containerId;
    private readonly TimeProvider _time;
    private readonly ILoggerFactory _loggers;
    private readonly ILogger _logger;
    private readonly Endpoints _endpoints;
    private readonly BackOff _backOff;
    private readonly CancellationTokenSource _stopped = new();
    private readonly SemaphoreSlim _round = new(1, 1);
    private readonly Connection _connection;
    private readonly LinkRedirects _linkRedirects;
    private ConnectionOptions _current;
    private ConnectionOptions? _redirected;
    private bool _wasOpen;

    public Supervisor(ConnectionOptions options, string containerId, TimeProvider time, ILoggerFactory loggers)
    {
        _options = options;
        _containerId = containerId;
        _time = time;
        _loggers = loggers;
        _logger = loggers.CreateLogger("Messaging.Recovery");
        _endpoints = new Endpoints(options);
        _backOff = new BackOff(options.Recovery.Delay ?? new ExponentialDelay(options.Recovery), options.Recovery.StablePeriod, time);
        _current = options;
        _connection = new Connection(Connector(options).Settings(), this);
        _linkRedirects = new LinkRedirects(_connection, _endpoints, (target, token) => new Supervisor(target, containerId, time, loggers).ConnectAsync(token), _logger);
        _ = CloseRedirectsAtTheEndAsync();
    }

    /// <summary>Opens the connection for the first time, within the time for it.</summary>
    /// <exception cref="MessagingException">It could not be opened; the text lists the attempts.</exception>
    public async Task<Connection> ConnectAsync(CancellationToken cancellationToken)
    {
        var outage = new Outage();
        using var timeout = new CancellationTokenSource(_options.ConnectTimeout, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            await RunAsync(outage, both.Token).ConfigureAwait(false);
            return _connection;
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            End(null);
            throw outage.GivenUp(Url, $"no connection within {_options.ConnectTimeout}", "If waiting can help, raise ConnectTimeout.");
        }
        catch (Exception exception)
        {
            End(exception as MessagingException);
            cancellationToken.ThrowIfCancellationRequested();
            MessagingException cause = Cause(outage, exception);
            if (cause == exception)
                throw;
            throw cause;
        }
    }

    public bool ShouldRecover(CloseReason reason) =>
        _options.Reconnect
        && ((reason.Error is { } error && Redirect(error)) || reason is { Exception.IsTransient: true } and not { Initiator: CloseInitiator.Remote, Error: null });

    public void Recover(CloseReason reason)
    {
        _backOff.OnDown();
        _ = Task.Run(() => RecoverAsync(reason.Exception!)); // delays of the application's own are its code, which does not run on the loop
    }

    public void OnOpened()
    {
        _backOff.OnUp();
        _redirected = null;
        if (_options.Recovery.MaxRedirects == 0) // who follows no redirect does not let servers name others either
            return;
        _endpoints.Learn(_current, _connection.RemoteProperties);
        foreach (ConnectionOptions learnt in _endpoints.Learnt)
            LogWithheld(learnt);
    }

    public BackOff? CreateBackOff() =>
        _options.Reconnect ? new BackOff(new ExponentialDelay(_options.Recovery), _options.Recovery.StablePeriod, _time) : null;

    public OfflineRoom CreateRoom() => new(_options.MaxPendingSends, _options.MaxPendingBytes);

    public int MaxRedirects => _options.Recovery.MaxRedirects;

    public ValueTask<Connection?> FollowAsync(AmqpError error, CancellationToken cancellationToken) => _linkRedirects.FollowAsync(_current, error, cancellationToken);

    public IReadOnlyCollection<Connection> Redirected => _linkRedirects.Connections;

    public Task CloseRedirectsAsync(bool waits) => _linkRedirects.CloseAsync(waits);

    /// <summary>Ends the attempts. What the application's own callbacks on the token throw is nobody's.</summary>
    public void Stop() => _stopped.CancelAsync().MayFailUnseen();

    private string Url => ConnectionUrl.Parse(_current.Url).ToString();

    private Connector Connector(ConnectionOptions endpoint) => new(endpoint, _containerId, _time, _loggers, _wasOpen);

    private void End(MessagingException? cause) => _connection.Loop.Abort(new CloseReason(cause is null ? CloseInitiator.Local : CloseInitiator.Transport, cause));

    private async Task CloseRedirectsAtTheEndAsync()
    {
        await _connection.Closed.ConfigureAwait(false);
        await _linkRedirects.CloseAsync(waits: true).ConfigureAwait(false);
    }

    private async Task RecoverAsync(MessagingException lost)
    {
        var outage = new Outage();
        try
        {
            await RecoverAsync(outage, lost).ConfigureAwait(false);
        }
        catch (Exception) when (_stopped.IsCancellationRequested)
        {
            // The application closes the connection, which ends it.
        }
        catch (Exception exception)
        {
            GiveUp(Cause(outage, exception));
        }
    }

    private async Task RecoverAsync(Outage outage, MessagingException lost)
    {
        using var timeout = new CancellationTokenSource(_options.Recovery.MaxDuration, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, _stopped.Token);
        try
        {
            TimeSpan delay = _backOff.Next();
            RecoveryLog.Lost(_logger, Url, delay, lost.Message);
            _connection.OnReconnecting(lost, attempt: 1, delay, Url);
            await Task.Delay(delay, _time, both.Token).ConfigureAwait(false);
            await RunAsync(outage, both.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested && !_stopped.IsCancellationRequested)
        {
            GiveUp(outage.GivenUp(Url, $"the connection was lost and not back within {_options.Recovery.MaxDuration}", "Raise RecoveryOptions.MaxDuration to wait longer."));
        }
    }

    /// <summary>What the application is told: the failure with the list of attempts, or what its own pipeline has thrown.</summary>
    private MessagingException Cause(Outage outage, Exception exception) => exception switch
    {
        MessagingConnectionException failure when outage.Attempts > 1 && outage.Has(failure) =>
            outage.GivenUp(Url, failure.IsTransient ? "the attempts are used up" : "the last attempt failed for good", ""),
        MessagingException failure => failure,
        _ when _options is { Reconnect: true, Recovery.Pipeline: not null } => outage.GivenUp(Url, $"the application's recovery pipeline gave up ({exception.Message})", "", exception),
        _ => outage.GivenUp(Url, $"the attempt ended with {exception.GetType().Name}: {exception.Message.TrimEnd('.')}", "See the inner exception.", exception),
    };

    private void GiveUp(MessagingException cause)
    {
        RecoveryLog.GivenUp(_logger, Url, cause.Message);
        _connection.OnGivenUp(cause);
        End(cause);
    }

    /// <summary>The attempts of one outage.</summary>
    /// <exception cref="Exception">It is over without a connection.</exception>
    private async ValueTask RunAsync(Outage outage, CancellationToken cancellationToken)
    {
        if (!_options.Reconnect)
        {
            await RoundAsync(outage, cancellationToken).ConfigureAwait(false);
            return;
        }

        try
        {
            ResiliencePipeline pipeline = _options.Recovery.Pipeline ?? Retries();
            await pipeline.ExecuteAsync(token => OneRoundAsync(outage, token), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception) when (outage.IsOver)
        {
            // A pipeline that throws after the connection was opened changes nothing.
        }

        if (!outage.IsOver)
            throw outage.GivenUp(Url, "the application's recovery pipeline ended without a connection", "It must let the failure of the last attempt through.");
    }

    /// <summary>A pipeline that hedges runs several at once: the line is opened by one of them.</summary>
    private async ValueTask OneRoundAsync(Outage outage, CancellationToken cancellationToken)
    {
        await _round.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (outage.IsOver)
                return;
            // Only the pipeline knows whether it tries again: the next attempt is told when it comes.
            if (_options.Recovery.Pipeline is not null && outage.Rounds++ > 0 && outage.Last is { } failure)
                _connection.OnReconnecting(failure, outage.Rounds, TimeSpan.Zero, Url);
            await RoundAsync(outage, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _round.Release();
        }
    }

    private ResiliencePipeline Retries() => _options.Recovery.MaxAttempts == 1 ? ResiliencePipeline.Empty : new ResiliencePipelineBuilder { TimeProvider = _time }
        .AddRetry(new RetryStrategyOptions
        {
            ShouldHandle = new PredicateBuilder().Handle<MessagingException>(static exception => exception.IsTransient),
            MaxRetryAttempts = _options.Recovery.MaxAttempts is { } attempts ? attempts - 1 : int.MaxValue,
            DelayGenerator = _ => new ValueTask<TimeSpan?>(_backOff.Next()),
            OnRetry = arguments =>
            {
                var failure = (MessagingException)arguments.Outcome.Exception!;
                RecoveryLog.AttemptFailed(_logger, arguments.AttemptNumber + 1, Url, arguments.RetryDelay, failure.Message);
                _connection.OnReconnecting(failure, arguments.AttemptNumber + 2, arguments.RetryDelay, Url);
                return default;
            },
        })
        .Build();

    /// <summary>One attempt: every server once, in their order, where a server redirected to first.</summary>
    private async ValueTask RoundAsync(Outage outage, CancellationToken cancellationToken)
    {
        if (_redirected is { } redirected)
        {
            _redirected = null;
            if (await TryNamedAsync(redirected, outage, cancellationToken).ConfigureAwait(false))
                return;
        }

        MessagingException? passing = null;
        foreach (ConnectionOptions endpoint in _endpoints.Configured)
        {
            if (await TryAsync(endpoint, outage, cancellationToken).ConfigureAwait(false))
                return;
            if (outage.Last is { IsTransient: true } failure)
                passing = failure;
        }

        foreach (ConnectionOptions endpoint in _endpoints.Learnt)
        {
            if (await TryNamedAsync(endpoint, outage, cancellationToken).ConfigureAwait(false))
                return;
        }

        if (outage.Last is not { IsTransient: true } && passing is not null)
            outage.Last = passing;
        throw outage.Last!;
    }

    /// <summary>Tries a server that another one has named, as its stand-in or in a redirect. When it fails for good it is forgotten: what a server says does not end a connection to those of the options.</summary>
    private async Task<bool> TryNamedAsync(ConnectionOptions endpoint, Outage outage, CancellationToken cancellationToken)
    {
        MessagingException? last = outage.Last;
        try
        {
            return await TryAsync(endpoint, outage, cancellationToken).ConfigureAwait(false);
        }
        catch (MessagingException failure)
        {
            RecoveryLog.Forgotten(_logger, ConnectionUrl.Parse(endpoint.Url).ToString(), failure.Message);
            _endpoints.Forget(endpoint);
            outage.Last = last;
            return false;
        }
    }

    /// <summary>Tries one server, and those that it redirects to.</summary>
    /// <returns>Whether the connection is open.</returns>
    /// <exception cref="MessagingException">It failed for good.</exception>
    private async Task<bool> TryAsync(ConnectionOptions endpoint, Outage outage, CancellationToken cancellationToken)
    {
        ConnectionOptions? next = endpoint;
        for (int redirects = 0; next is not null; redirects++)
        {
            _current = next;
            try
            {
                await Connector(next).OpenAsync(_connection, cancellationToken).ConfigureAwait(false);
                outage.IsOver = true;
                _wasOpen = true;
                return true;
            }
            catch (MessagingException exception)
            {
                outage.Add(exception);
                next = redirects < _options.Recovery.MaxRedirects && exception.Error is { } error && Redirect(error) ? _redirected : null;
                _redirected = null;
                // Where a server redirected to, a failure is no reason to leave the others of the options untried.
                if (next is null && !exception.IsTransient && redirects == 0)
                    throw;
            }
        }

        return false;
    }

    private bool Redirect(AmqpError error)
    {
        if (error.Condition != ErrorCondition.ConnectionRedirect || _options.Recovery.MaxRedirects == 0)
            return false;
        _redirected = _endpoints.Redirect(_current, error);
        if (_redirected is not null)
        {
            RecoveryLog.Redirected(_logger, Url, ConnectionUrl.Parse(_redirected.Url).ToString());
            LogWithheld(_redirected);
        }

        return _redirected is not null;
    }

    private void LogWithheld(ConnectionOptions named)
    {
        if (named.IsLoginMissing)
            RecoveryLog.LoginWithheld(_logger, Url, ConnectionUrl.Parse(named.Url).ToString());
    }
}
