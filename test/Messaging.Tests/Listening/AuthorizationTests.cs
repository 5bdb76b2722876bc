using System.Collections.Concurrent;
using Messaging.Amqp;
using Messaging.Tests.Support;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Messaging.Tests.Listening;

/// <summary>The hooks that allow or refuse connections and links.</summary>
public sealed class AuthorizationTests
{
    [Fact]
    public async Task Connection_HookSaysYes_IsOfferedWithItsIdentity()
    {
        IIncomingConnection? asked = null;
        await using TestPair pair = await TestPair.OpenAsync(UserOptions(), new ListenerOptions
        {
            AuthenticatePlain = static (_, _, _) => new ValueTask<bool>(true),
            AuthorizeConnection = (connection, _) =>
            {
                asked = connection;
                return new ValueTask<bool>(true);
            },
        });

        Assert.Equal("alice", asked?.Identity);
        Assert.Equal("alice", pair.Accepted.RemoteIdentity);
        Assert.Null(pair.Connection.RemoteIdentity);
    }

    [Fact]
    public async Task Connection_HookSaysNo_ClientSeesUnauthorizedAccessAndNobodyElseDoes()
    {
        var logs = new LogCapture();
        await using TestPair pair = await TestPair.ListenAsync(
            new ListenerOptions { AuthorizeConnection = static (_, _) => new ValueTask<bool>(false) },
            new MessagingClientOptions { LoggerFactory = logs });
        Task<IIncomingConnection> offered = pair.NextConnectionAsync();

        MessagingConnectionException exception = await ConnectOnceAsync(pair);

        Assert.Equal(ErrorCondition.UnauthorizedAccess, exception.Error?.Condition);
        Assert.Contains("'anonymous' may not connect", exception.Message, StringComparison.Ordinal);
        Assert.False(exception.IsTransient);
        Assert.Contains(logs.Lines, line => line is { Id: 5101, Level: LogLevel.Warning });
        Assert.False(offered.IsCompleted);
    }

    [Fact]
    public async Task Connection_HookThrows_IsRefusedWithoutItsText()
    {
        var logs = new LogCapture();
        await using TestPair pair = await TestPair.ListenAsync(
            new ListenerOptions { AuthorizeConnection = static (_, _) => throw new InvalidDataException("directory at 10.1.2.3 is down") },
            new MessagingClientOptions { LoggerFactory = logs });

        MessagingConnectionException exception = await ConnectOnceAsync(pair);

        Assert.Equal(ErrorCondition.UnauthorizedAccess, exception.Error?.Condition);
        Assert.DoesNotContain("directory", exception.Message, StringComparison.Ordinal);
        Assert.Contains(logs.Lines, line => line.Id == 5103 && line.Text.Contains("directory at 10.1.2.3", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Connection_HookRefusesWithAnErrorOfItsOwn_ClientSeesThatOne()
    {
        await using TestPair pair = await TestPair.ListenAsync(new ListenerOptions
        {
            AuthorizeConnection = static async (connection, token) =>
            {
                await connection.RefuseAsync(new AmqpError(ErrorCondition.ResourceLimitExceeded, "three are enough"), token);
                return false;
            },
        });

        MessagingConnectionException exception = await ConnectOnceAsync(pair);

        Assert.Equal(ErrorCondition.ResourceLimitExceeded, exception.Error?.Condition);
    }

    [Fact]
    public async Task Connection_HookNeverAnswers_IsRefusedAtTheDecisionTimeoutAndTheHookIsCancelled()
    {
        var time = new FakeTimeProvider();
        var asked = new TaskCompletionSource();
        var cancelled = new TaskCompletionSource();
        await using TestPair pair = await TestPair.ListenAsync(
            new ListenerOptions
            {
                HandshakeTimeout = Timeout.InfiniteTimeSpan, // fake time must not run out before the open is there
                DecisionTimeout = TimeSpan.FromSeconds(7),
                IdleTimeout = TimeSpan.Zero,
                AuthorizeConnection = async (_, token) =>
                {
                    asked.SetResult();
                    await new TaskCompletionSource().Task.WaitAsync(token).ContinueWith(_ => cancelled.SetResult(), TaskScheduler.Default);
                    return true;
                },
            },
            new MessagingClientOptions { TimeProvider = time });
        Task<MessagingConnectionException> refusal = ConnectOnceAsync(pair);
        await asked.Task.Bounded();

        await time.PassUntilAsync(refusal, TimeSpan.FromSeconds(1));

        Assert.Equal(ErrorCondition.NotAllowed, (await refusal).Error?.Condition);
        await cancelled.Task.Bounded();
    }

    [Fact]
    public async Task Link_HookDecides_ByIdentityRoleAndAddress()
    {
        var asked = new ConcurrentQueue<LinkAuthorization>();
        await using TestPair pair = await TestPair.OpenAsync(UserOptions(), new ListenerOptions
        {
            AuthenticatePlain = static (_, _, _) => new ValueTask<bool>(true),
            AuthorizeLink = (wish, _) =>
            {
                asked.Enqueue(wish);
                return new ValueTask<bool>(wish is { Identity: "alice", Role: LinkRole.Receiver, Address: "q" });
            },
        });

        await pair.SendingLinkAsync();
        LinkException receiving = await pair.Connection.CreateReceiverAsync("q", BoundedWaits.Stop).Throws<LinkException, IReceiver>();
        LinkException elsewhere = await pair.Connection.CreateSenderAsync("$management", BoundedWaits.Stop).Throws<LinkException, ISender>();

        Assert.Equal(ErrorCondition.UnauthorizedAccess, receiving.Error?.Condition);
        Assert.Contains("'alice' may not receive from 'q'", receiving.Message, StringComparison.Ordinal);
        Assert.Contains("'alice' may not send to '$management'", elsewhere.Message, StringComparison.Ordinal);
        Assert.False(elsewhere.IsTransient);
        Assert.Equal("q q $management", string.Join(' ', asked.Select(wish => wish.Address)));
        Assert.All(asked, wish => Assert.Equal(new Uri(pair.Listener.Url).Host, wish.Hostname));
    }

    [Fact]
    public async Task Link_WithoutAnAddress_PassesThroughTheHookToo()
    {
        var asked = new ConcurrentQueue<LinkAuthorization>();
        await using TestPair pair = await TestPair.OpenAsync(listener: new ListenerOptions
        {
            AuthorizeLink = (wish, _) =>
            {
                asked.Enqueue(wish);
                return new ValueTask<bool>(false);
            },
        });

        LinkException anonymous = await pair.Connection.CreateSenderAsync(new SenderOptions { Target = new Target() }, BoundedWaits.Stop).Throws<LinkException, ISender>();
        LinkException dynamic = await pair.Connection.CreateReceiverAsync(new ReceiverOptions { Source = new Source { Dynamic = true } }, BoundedWaits.Stop).Throws<LinkException, IReceiver>();

        Assert.Contains("may not send to the anonymous terminus", anonymous.Message, StringComparison.Ordinal);
        Assert.Contains("may not receive from a node of its own", dynamic.Message, StringComparison.Ordinal);
        Assert.Equal([(LinkRole.Receiver, false), (LinkRole.Sender, true)], asked.Select(wish => (wish.Role, wish.IsDynamic)));
    }

    [Fact]
    public async Task Link_HookThrows_IsRefusedAndTheConnectionLives()
    {
        var logs = new LogCapture();
        await using TestPair pair = await TestPair.OpenAsync(
            listener: new ListenerOptions
            {
                AuthorizeLink = static (wish, _) => wish.Address == "q" ? new ValueTask<bool>(true) : throw new InvalidDataException("directory at 10.1.2.3 is down"),
            },
            client: new MessagingClientOptions { LoggerFactory = logs });

        LinkException exception = await pair.Connection.CreateSenderAsync("other", BoundedWaits.Stop).Throws<LinkException, ISender>();
        (ISender sender, IReceiver receiver) = await pair.SendingLinkAsync();

        Assert.Equal(ErrorCondition.UnauthorizedAccess, exception.Error?.Condition);
        Assert.DoesNotContain("directory", exception.Message, StringComparison.Ordinal);
        Assert.Contains(logs.Lines, line => line.Id == 5103);
        Assert.False(sender.Closed.IsCompleted || receiver.Closed.IsCompleted);
    }

    [Fact]
    public async Task Link_HookNeverAnswers_IsRefusedAtTheDecisionTimeoutAndTheHookIsCancelled()
    {
        var time = new FakeTimeProvider();
        var asked = new TaskCompletionSource();
        var cancelled = new TaskCompletionSource();
        await using TestPair pair = await TestPair.OpenAsync(
            new ConnectionOptions { IdleTimeout = TimeSpan.Zero },
            new ListenerOptions
            {
                DecisionTimeout = TimeSpan.FromSeconds(7),
                IdleTimeout = TimeSpan.Zero,
                AuthorizeLink = async (_, token) =>
                {
                    asked.SetResult();
                    await new TaskCompletionSource().Task.WaitAsync(token).ContinueWith(_ => cancelled.SetResult(), TaskScheduler.Default);
                    return true;
                },
            },
            new MessagingClientOptions { TimeProvider = time });
        Task<ISender> creating = pair.Connection.CreateSenderAsync("q", BoundedWaits.Stop).AsTask();
        await asked.Task.Bounded();

        await time.PassUntilAsync(creating, TimeSpan.FromSeconds(1));

        Assert.Equal(ErrorCondition.NotAllowed, (await creating.Throws<LinkException>()).Error?.Condition);
        await cancelled.Task.Bounded();
    }

    [Fact]
    public async Task Link_DetachedWhileTheHookRuns_IsNotOffered()
    {
        var answer = new TaskCompletionSource<bool>();
        var asked = new TaskCompletionSource();
        await using TestPair pair = await TestPair.OpenAsync(listener: new ListenerOptions
        {
            AuthorizeLink = (wish, _) =>
            {
                if (wish.Address == "q")
                    return new ValueTask<bool>(true);
                asked.SetResult();
                return new ValueTask<bool>(answer.Task);
            },
        });
        using var givenUp = new CancellationTokenSource();
        Task<ISender> creating = pair.Connection.CreateSenderAsync("slow", givenUp.Token).AsTask();
        await asked.Task.Bounded();

        await givenUp.CancelAsync();
        await creating.ThrowsAny<OperationCanceledException>();
        await TestPair.FenceAsync(pair.Connection);
        (ISender sender, _) = await pair.SendingLinkAsync(); // behind the detach
        answer.SetResult(true);
        Task<IIncomingLink> next = pair.NextLinkAsync();
        ValueTask<IReceiver> creatingNext = pair.Connection.CreateReceiverAsync("q", BoundedWaits.Stop);

        Assert.Equal(LinkRole.Sender, (await next).Role);
        await (await next).AcceptSenderAsync(null, BoundedWaits.Stop).Bounded();
        await creatingNext.Bounded();
        Assert.False(sender.Closed.IsCompleted);
    }

    [Fact]
    public async Task Link_HookBlocks_TheConnectionGoesOn()
    {
        using var gate = new ManualResetEventSlim();
        await using TestPair pair = await TestPair.OpenAsync(listener: new ListenerOptions
        {
            AuthorizeLink = (wish, token) =>
            {
                if (wish.Address != "q")
                    gate.Wait(token);
                return new ValueTask<bool>(true);
            },
        });
        Task<ISender> blocked = pair.Connection.CreateSenderAsync("slow", BoundedWaits.Stop).AsTask();

        (ISender sender, IReceiver receiver) = await pair.SendingLinkAsync();
        Task sending = sender.SendAsync(new Message("first"), BoundedWaits.Stop).AsTask();
        using IDelivery delivery = await receiver.ReceiveAsync(BoundedWaits.Stop).Bounded();

        await delivery.AcceptAsync(BoundedWaits.Stop).Bounded();

        await sending.Bounded();
        Assert.False(blocked.IsCompleted);
        gate.Set();
        await (await pair.NextLinkAsync()).AcceptReceiverAsync(null, BoundedWaits.Stop).Bounded();
        await blocked.Bounded();
    }

    private static ConnectionOptions UserOptions() => new() { User = "alice", Password = "secret" };

    private static Task<MessagingConnectionException> ConnectOnceAsync(TestPair pair) =>
        pair.Client.ConnectAsync(new ConnectionOptions { Url = pair.Listener.Url, Reconnect = false, ConnectTimeout = Timeout.InfiniteTimeSpan, HandshakeTimeout = Timeout.InfiniteTimeSpan, IdleTimeout = TimeSpan.Zero }, BoundedWaits.Stop).Throws<MessagingConnectionException, IConnection>();
}
