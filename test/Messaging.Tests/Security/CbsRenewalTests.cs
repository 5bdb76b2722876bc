using System.Collections.Concurrent;
using Messaging.Tests.Support;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Messaging.Tests.Security;

/// <summary>Tokens renewed before they expire, by a clock of the test.</summary>
public sealed class CbsRenewalTests
{
    private readonly TimersTime _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly LogCapture _logs = new();
    private int _given;

    [Theory]
    [InlineData(60, 55)] // five minutes before the end
    [InlineData(8, 4)] // lives less than twice as long: at half
    public async Task Token_IsRenewedInTime(int lifeMinutes, int dueMinutes)
    {
        await using CbsServer server = await StartAsync();
        await using IConnection connection = await ConnectAsync(server, TimeSpan.FromMinutes(lifeMinutes));
        await using ISender sender = await connection.CreateSenderAsync("q", BoundedWaits.Stop).Bounded();

        await TimerAsync(TimeSpan.FromMinutes(dueMinutes), count: 1);
        await PassAsync(TimeSpan.FromMinutes(dueMinutes) - TimeSpan.FromSeconds(1));
        await FenceAsync(connection);
        Assert.Single(server.Requests);

        await UntilAsync(() => server.Requests.Count >= 2, TimeSpan.FromSeconds(1), most: 3);
        await TimerAsync(TimeSpan.FromMinutes(dueMinutes), count: 2);
        await UntilAsync(() => server.Requests.Count >= 3, TimeSpan.FromSeconds(10), most: dueMinutes * 12);
        Assert.Equal("token 1, token 2, token 3", string.Join(", ", server.Requests.Take(3).Select(request => request.Body)));
    }

    [Fact]
    public async Task Token_OfLinksThatHaveEnded_IsNotRenewed()
    {
        await using CbsServer server = await StartAsync();
        await using IConnection connection = await ConnectAsync(server, TimeSpan.FromHours(1));
        ISender sender = await connection.CreateSenderAsync("q", BoundedWaits.Stop).Bounded();
        await using IReceiver witness = await connection.CreateReceiverAsync("other", BoundedWaits.Stop).Bounded();
        await sender.CloseAsync(BoundedWaits.Stop).Bounded();

        await UntilAsync(() => Addresses().Count(address => address == "other") >= 3, TimeSpan.FromSeconds(10), most: 1200);

        Assert.Single(Addresses(), "q");

        IEnumerable<string> Addresses() => server.Requests.Select(request => CbsServer.Audience(request).Split('/')[^1]);
    }

    [Fact]
    public async Task Token_StillValid_ServesTheNextLinkToo_AndOneThatHasExpiredDoesNot()
    {
        await using CbsServer server = await StartAsync();
        await using IConnection connection = await ConnectAsync(server, TimeSpan.FromHours(1));
        await (await connection.CreateSenderAsync("q", BoundedWaits.Stop).Bounded()).CloseAsync(BoundedWaits.Stop).Bounded();

        await (await connection.CreateSenderAsync("q", BoundedWaits.Stop).Bounded()).CloseAsync(BoundedWaits.Stop).Bounded();
        Assert.Single(server.Requests);
        await PassAsync(TimeSpan.FromMinutes(61));
        await using ISender sender = await connection.CreateSenderAsync("q", BoundedWaits.Stop).Bounded();

        Assert.Equal(2, server.Requests.Count);
    }

    [Fact]
    public async Task Renewal_Refused_IsTriedAgainWithPauses()
    {
        // Between renewal and end there is more time than all steps together take, however late each answer comes.
        await using CbsServer server = await StartAsync();
        await using IConnection connection = await ConnectAsync(server, TimeSpan.FromHours(3), renewBefore: TimeSpan.FromHours(1));
        await using ISender sender = await connection.CreateSenderAsync("q", BoundedWaits.Stop).Bounded();
        server.Answer = static request => CbsServer.Reply(request, 503, "busy");

        await PassAsync(TimeSpan.FromHours(2) - TimeSpan.FromSeconds(1));
        await UntilAsync(() => server.Requests.Count >= 5, TimeSpan.FromSeconds(1), most: 1500);
        server.Answer = null;
        await UntilAsync(() => _logs.Lines.Count(line => line.Id == 5201) >= 2, TimeSpan.FromSeconds(1), most: 1500);

        Assert.Contains(_logs.Lines, line => line is { Id: 5202, Level: LogLevel.Warning } && line.Text.Contains("503 busy", StringComparison.Ordinal));
        Assert.False(sender.Closed.IsCompleted);
        Assert.DoesNotContain(_logs.Lines, line => line.Id == 5203);
    }

    [Fact]
    public async Task Renewal_RefusedUntilTheEnd_IsGivenUp_AndTheNextLinkAsksAnew()
    {
        await using CbsServer server = await StartAsync();
        await using IConnection connection = await ConnectAsync(server, TimeSpan.FromMinutes(2));
        await using ISender sender = await connection.CreateSenderAsync("q", BoundedWaits.Stop).Bounded();
        server.Answer = static request => CbsServer.Reply(request, 401, "revoked");

        DateTimeOffset start = _time.GetUtcNow();
        await UntilAsync(() => _logs.Lines.Any(line => line is { Id: 5203, Level: LogLevel.Error }), TimeSpan.FromSeconds(1), most: 300);
        Assert.True(_time.GetUtcNow() - start > TimeSpan.FromSeconds(117), "It was given up before the token was about to expire.");
        server.Answer = null;
        await using IReceiver receiver = await connection.CreateReceiverAsync("q", BoundedWaits.Stop).Bounded();

        Assert.False(sender.Closed.IsCompleted); // the server decides
        Assert.Equal(2, _logs.Lines.Count(line => line.Id == 5201));
        Assert.DoesNotContain(_logs.Lines, line => line.Text.Contains("token 1", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Connection_Ended_RenewsNothing()
    {
        await using CbsServer server = await StartAsync();
        await using IConnection connection = await ConnectAsync(server, TimeSpan.FromMinutes(2));
        await connection.CreateSenderAsync("q", BoundedWaits.Stop).Bounded();
        await using IConnection witness = await ConnectAsync(server, TimeSpan.FromMinutes(2));
        await witness.CreateSenderAsync("witness", BoundedWaits.Stop).Bounded();

        await connection.CloseAsync(BoundedWaits.Stop).Bounded();
        await UntilAsync(() => server.Requests.Count >= 4, TimeSpan.FromSeconds(1), most: 1000);

        Assert.Equal(1, server.Requests.Count(request => CbsServer.Audience(request).EndsWith("/q", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Token_OfAConnectionThatTakesItsTimeToClose_IsRenewed()
    {
        await using CbsServer server = await StartAsync();
        await using IConnection connection = await ConnectAsync(server, TimeSpan.FromHours(1));
        ISender sender = await connection.CreateSenderAsync("q", BoundedWaits.Stop).Bounded();
        Task sending = sender.SendAsync(new Message("that nobody settles"), BoundedWaits.Stop).AsTask();
        await TimerAsync(TimeSpan.FromMinutes(55), count: 1);

        Task<CloseReport> closing = connection.CloseAsync(TimeSpan.FromHours(2), BoundedWaits.Stop).AsTask();
        await UntilAsync(() => server.Requests.Count >= 2, TimeSpan.FromSeconds(10), most: 400);

        Assert.False(closing.IsCompleted);
        await UntilAsync(() => closing.IsCompleted, TimeSpan.FromSeconds(10), most: 600);
        CloseReport report = await closing;
        Assert.Equal(1, report.Unsent + report.InDoubt);
        await sending.ThrowsAny<Exception>();
    }

    /// <summary>Time passes faster than any answer can come: no operation is bounded by it.</summary>
    private Task<IConnection> ConnectAsync(CbsServer server, TimeSpan life, TimeSpan? renewBefore = null) => server.ConnectAsync(
        new CbsOptions
        {
            TokenProvider = (_, _) => new ValueTask<CbsToken>(new CbsToken
            {
                Value = $"token {Interlocked.Increment(ref _given)}",
                Type = "jwt",
                ExpiresAt = _time.GetUtcNow() + life,
            }),
            RenewBefore = renewBefore ?? TimeSpan.FromMinutes(5),
        },
        Timeout.InfiniteTimeSpan);

    private Task<CbsServer> StartAsync() => CbsServer.StartAsync(new MessagingClientOptions { TimeProvider = _time, LoggerFactory = _logs });

    /// <summary>Waits until the renewal waits: a timer that is set late, under load, would be late by all the time that has passed before.</summary>
    private Task TimerAsync(TimeSpan due, int count) =>
        BoundedWaits.UntilAsync(() => _time.Timers.Count(timer => (timer - due).Duration() < TimeSpan.FromSeconds(5)) >= count);

    /// <summary>Lets time pass, in steps, as a real clock does.</summary>
    private async Task PassAsync(TimeSpan span)
    {
        for (TimeSpan passed = TimeSpan.Zero; passed < span; passed += TimeSpan.FromSeconds(1))
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            if (passed.Seconds == 0)
                await Task.Yield();
        }
    }

    /// <summary>Lets time pass until the condition holds, but no more steps than it may take.</summary>
    private async Task UntilAsync(Func<bool> condition, TimeSpan step, int most)
    {
        for (int i = 0; i < most && !condition(); i++)
        {
            _time.Advance(step);
            for (int look = 0; look < 500 && !condition(); look++)
                await Task.Run(static () => { }, BoundedWaits.Stop);
        }

        await BoundedWaits.UntilAsync(condition);
    }

    private static async Task FenceAsync(IConnection connection)
    {
        for (int i = 0; i < 50; i++)
            await TestPair.FenceAsync(connection);
    }

    /// <summary>Knows which timers were set.</summary>
    private sealed class TimersTime(DateTimeOffset start) : FakeTimeProvider(start)
    {
        public ConcurrentQueue<TimeSpan> Timers { get; } = [];

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            ITimer timer = base.CreateTimer(callback, state, dueTime, period);
            Timers.Enqueue(dueTime);
            return timer;
        }
    }
}
