using Messaging.Amqp;
using Messaging.Amqp.Engine;
using Messaging.Loop;
using Messaging.Transport;
using Microsoft.Extensions.Logging;
using Polly;
using Polly.Retry;

namespace Messaging.Client;

/// <summary>Opens a connection, again and again within the time for it, while the failures are of the kind that passes.</summary>
internal sealed class Connector(ConnectionOptions options, string containerId, TimeProvider time, ILoggerFactory loggers)
{
    private const int KeptFailures = 8;
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(10);

    private readonly ILogger _logger = loggers.CreateLogger("Messaging.Connection");
    private readonly ConnectionUrl _url = ConnectionUrl.Parse(options.Url);
    private readonly OrderedDictionary<string, int> _attempts = [];
    private int _attemptCount;
    private MessagingException? _last;

    public async Task<Connection> ConnectAsync(CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(options.ConnectTimeout, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            return await Pipeline().ExecuteAsync(static (self, token) => self.TryOnceAsync(token), this, both.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw GivenUp($"no connection within {options.ConnectTimeout}");
        }
        catch (MessagingConnectionException exception) when (_attemptCount > 1)
        {
            throw GivenUp(exception.Message);
        }
    }

    /// <summary>Delays of 0, 0.1, 0.2, 0.4 … seconds up to 10 s, with jitter so that many clients do not come back at the same moment.</summary>
    private ResiliencePipeline Pipeline()
    {
        if (!options.Reconnect)
            return ResiliencePipeline.Empty;
        return new ResiliencePipelineBuilder { TimeProvider = time }
            .AddRetry(new RetryStrategyOptions
            {
                ShouldHandle = new PredicateBuilder().Handle<MessagingException>(static exception => exception.IsTransient),
                MaxRetryAttempts = int.MaxValue,
                DelayGenerator = static arguments => new ValueTask<TimeSpan?>(Delay(arguments.AttemptNumber)),
                OnRetry = arguments =>
                {
                    LoopLog.AttemptFailed(_logger, arguments.AttemptNumber + 1, _url.ToString(), arguments.RetryDelay, arguments.Outcome.Exception!.Message);
                    return default;
                },
            })
            .Build();
    }

    private static TimeSpan Delay(int attempt)
    {
        if (attempt == 0)
            return TimeSpan.Zero;
        double factor = Math.Min(Math.Pow(2, Math.Min(attempt - 1, 30)), LongestDelay / FirstDelay);
        return FirstDelay * factor * (1 - (Random.Shared.NextDouble() * 0.2));
    }

    private async ValueTask<Connection> TryOnceAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await OpenAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (MessagingException exception)
        {
            _last = exception;
            Remember(exception.Message);
            throw;
        }
    }

    /// <summary>Keeps the last few kinds of failure: with no limit of time there may be any number of them.</summary>
    private void Remember(string failure)
    {
        _attemptCount++;
        _attempts[failure] = _attempts.GetValueOrDefault(failure) + 1;
        if (_attempts.Count > KeptFailures)
            _attempts.RemoveAt(0);
    }

    private async Task<Connection> OpenAsync(CancellationToken cancellationToken)
    {
        ITransport transport = await TransportFactory.ConnectAsync(
            _url,
            new TransportSettings { TimeProvider = time, Logger = loggers.CreateLogger("Messaging.Transport") },
            cancellationToken).ConfigureAwait(false);
        var connection = new Connection(transport, Settings(), new ClientRole(options, _url, transport.IsSecure || transport.IsInProcess));
        connection.Start();
        try
        {
            await connection.Opened.WaitAsync(cancellationToken).ConfigureAwait(false);
            return connection;
        }
        catch (OperationCanceledException)
        {
            connection.Loop.Abort(new CloseReason(CloseInitiator.Local));
            throw;
        }
    }

    private LoopSettings Settings() => new()
    {
        TimeProvider = time,
        Logger = _logger,
        Name = _url.ToString(),
        WriteTimeout = options.WriteTimeout,
        OperationTimeout = options.OperationTimeout,
        Engine = new EngineSettings
        {
            ContainerId = options.ContainerId ?? containerId,
            Hostname = ClientRole.Hostname(options, _url),
            MaxFrameSize = (uint)options.MaxFrameSize,
            ChannelMax = (ushort)options.ChannelMax,
            IdleTimeout = (uint)options.IdleTimeout.TotalMilliseconds,
            UseSasl = options.SaslEnabled,
            OfferedCapabilities = options.OfferedCapabilities.ToArrayOrNull(),
            DesiredCapabilities = options.DesiredCapabilities.ToArrayOrNull(),
            Properties = options.Properties ?? Product.Properties,
            Trace = FrameTrace.For(_logger, _url.ToString()),
        },
    };

    private MessagingConnectionException GivenUp(string why)
    {
        string attempts = string.Join(" ", _attempts.Select(attempt => $"{attempt.Value} × {attempt.Key}"));
        return new MessagingConnectionException(
            $"Could not connect to {_url}: {why}. {(_attemptCount == 0 ? "The first attempt had not ended." : $"{_attemptCount} attempts: {attempts}")} Raise ConnectTimeout to wait longer.",
            _last?.Error,
            isTransient: true,
            _last);
    }
}
