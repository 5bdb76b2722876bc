using Messaging.Tests.Support;
using Microsoft.Extensions.Time.Testing;
using Polly;
using Polly.Retry;

namespace Messaging.Tests.Recovery;

/// <summary>The time for an outage, or for the first open, runs out while an attempt is under way: it ends then and there, and leaves nothing behind.</summary>
public class AttemptLimitTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private readonly FakeTimeProvider _time = new();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Lost_MaxDurationInTheMiddleOfAnAttempt_EndsIt(bool ownPipeline)
    {
        await using RawServer server = await OpenAsync(new RecoveryOptions { MaxDuration = Limit, Pipeline = ownPipeline ? Everything() : null });
        DateTimeOffset lost = _time.GetUtcNow();
        await server.Peer.DisposeAsync();
        await using RawPeer silent = await server.AcceptAsync();

        await _time.PassUntilAsync(server.Connection.Closed, TimeSpan.FromSeconds(1));

        await silent.ReadToEndAsync();
        MessagingException given = (await server.Connection.Closed).Exception!;
        Assert.Contains("MaxDuration", given.Message, StringComparison.Ordinal);
        Assert.Contains("The first attempt had not ended", given.Message, StringComparison.Ordinal);
        Assert.Equal(ConnectionState.Faulted, server.Connection.State);
        Assert.True(_time.GetUtcNow() - lost >= Limit);
    }

    [Fact]
    public async Task Lost_MaxDurationInTheMiddleOfALaterAttempt_TellsWhatTheOthersFailedWith()
    {
        await using RawServer server = await OpenAsync(new RecoveryOptions { MaxDuration = Limit, Delay = new OwnDelay(() => TimeSpan.Zero) });
        await server.Peer.DisposeAsync();
        await (await server.AcceptAsync()).DisposeAsync();
        await using RawPeer silent = await server.AcceptAsync();

        await _time.PassUntilAsync(server.Connection.Closed, TimeSpan.FromSeconds(1));

        await silent.ReadToEndAsync();
        MessagingException given = (await server.Connection.Closed).Exception!;
        Assert.Contains("MaxDuration", given.Message, StringComparison.Ordinal);
        Assert.Contains("1 attempt: 1 × ", given.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lost_MaxDurationWhileTheCredentialsAreAwaited_EndsIt()
    {
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var never = new TaskCompletionSource<SaslCredentials?>();
        int calls = 0;
        ICredentialProvider provider = CredentialProvider.Create((_, _) =>
        {
            if (Interlocked.Increment(ref calls) == 1)
                return new ValueTask<SaslCredentials?>((SaslCredentials?)null);
            asked.TrySetResult();
            return new ValueTask<SaslCredentials?>(never.Task);
        });
        await using RawServer server = await OpenAsync(new RecoveryOptions { MaxDuration = Limit }, provider);

        await server.Peer.DisposeAsync();
        await asked.Task.Bounded();
        await _time.PassUntilAsync(server.Connection.Closed, TimeSpan.FromSeconds(1));

        Assert.Contains("MaxDuration", (await server.Connection.Closed).Exception!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lost_MaxDurationIsOfOneOutage_TheNextOneHasItsOwn()
    {
        await using RawServer server = await OpenAsync(new RecoveryOptions { MaxDuration = Limit, StablePeriod = TimeSpan.Zero });
        for (int i = 0; i < 3; i++)
        {
            await server.Peer.DisposeAsync();
            RawPeer next = await server.AcceptAsync();
            _time.Advance(Limit * 0.9);
            await server.TakeOverAsync(next);
            await server.StateAsync(ConnectionState.Connected);
            await server.FenceAsync();
        }

        _time.Advance(Limit);

        await server.FenceAsync();
        Assert.Equal(ConnectionState.Connected, server.Connection.State);
    }

    [Fact]
    public async Task Connect_ConnectTimeoutInTheMiddleOfAnAttempt_EndsItWithAnOwnPipelineToo()
    {
        await using RawServer server = await RawServer.ListenAsync(new MessagingClientOptions { TimeProvider = _time });
        var options = new ConnectionOptions { Url = server.Url, ConnectTimeout = Limit, HandshakeTimeout = Timeout.InfiniteTimeSpan, IdleTimeout = TimeSpan.Zero, Recovery = { Pipeline = Everything() } };
        Task<IConnection> connecting = server.Client.ConnectAsync(options, BoundedWaits.Stop).AsTask();
        await using RawPeer silent = await server.AcceptAsync();

        await _time.PassUntilAsync(connecting, TimeSpan.FromSeconds(1));

        await silent.ReadToEndAsync();
        Assert.Contains("ConnectTimeout", (await connecting.Throws<MessagingConnectionException>()).Message, StringComparison.Ordinal);
    }

    /// <summary>Retries for ever, whatever it was: cancellations too.</summary>
    private ResiliencePipeline Everything() => new ResiliencePipelineBuilder { TimeProvider = _time }
        .AddRetry(new RetryStrategyOptions { MaxRetryAttempts = int.MaxValue, Delay = TimeSpan.Zero, ShouldHandle = static retry => ValueTask.FromResult(retry.Outcome.Exception is not null) })
        .Build();

    private Task<RawServer> OpenAsync(RecoveryOptions recovery, ICredentialProvider? provider = null) => RawServer.OpenAsync(
        new ConnectionOptions
        {
            IdleTimeout = TimeSpan.Zero,
            HandshakeTimeout = Timeout.InfiniteTimeSpan,
            OperationTimeout = Timeout.InfiniteTimeSpan,
            CredentialProvider = provider,
            Recovery = recovery,
        },
        new MessagingClientOptions { TimeProvider = _time });
}
