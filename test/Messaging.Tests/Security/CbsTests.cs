using Messaging.Amqp;
using Messaging.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Messaging.Tests.Security;

/// <summary>Tokens put to <c>$cbs</c> before links are attached.</summary>
public sealed class CbsTests
{
    private const string Secret = "SharedAccessSignature sr=x&sig=5ecret%3D&se=1&skn=k";

    [Fact]
    public async Task Link_TokenIsPutFirst_AsTheDraftSays()
    {
        await using CbsServer server = await CbsServer.StartAsync();
        await using IConnection connection = await server.ConnectAsync(Options());

        await using ISender sender = await connection.CreateSenderAsync("q", BoundedWaits.Stop).Bounded();

        Message request = Assert.Single(server.Requests);
        Assert.Equal("put-token", request.ApplicationProperties["operation"]);
        Assert.Equal(SharedAccessSignature.TokenType, request.ApplicationProperties["type"]);
        Assert.Equal($"{server.Pair.Listener.Url}/q", request.ApplicationProperties["name"]);
        Assert.Equal(new DateTime(2100, 1, 1, 0, 0, 0, DateTimeKind.Utc), request.ApplicationProperties["expiration"]);
        Assert.Equal(Secret, request.Body);
        Assert.Equal(MessageBodyKind.Value, request.BodyKind);
        Assert.NotNull(request.MessageId);
        Assert.NotNull(request.ReplyTo);
    }

    [Fact]
    public async Task Links_OfOneAddress_ShareOneRequest_AndAllShareOneNode()
    {
        var held = new TaskCompletionSource();
        await using CbsServer server = await CbsServer.StartAsync();
        int asked = 0;
        await using IConnection connection = await server.ConnectAsync(Options(async (_, _) =>
        {
            Interlocked.Increment(ref asked);
            await held.Task;
            return Token();
        }));

        Task<ISender>[] same = [.. Enumerable.Range(0, 20).Select(_ => connection.CreateSenderAsync("q", BoundedWaits.Stop).AsTask())];
        Task<IReceiver>[] others = [.. Enumerable.Range(0, 5).Select(i => connection.CreateReceiverAsync($"q{i}", BoundedWaits.Stop).AsTask())];
        await BoundedWaits.UntilAsync(() => Volatile.Read(ref asked) == 6);
        held.SetResult();
        await Task.WhenAll(same).Bounded();
        await Task.WhenAll(others).Bounded();

        Assert.Equal(6, server.Requests.Count);
        Assert.Equal(6, asked);
        Assert.Equal(2, server.NodeLinks);
    }

    [Fact]
    public async Task Creator_GivesUp_TheOthersGoOn()
    {
        var held = new TaskCompletionSource();
        using var givenUp = new CancellationTokenSource();
        await using CbsServer server = await CbsServer.StartAsync();
        await using IConnection connection = await server.ConnectAsync(Options(async (_, _) =>
        {
            await held.Task;
            return Token();
        }));
        Task<ISender> first = connection.CreateSenderAsync("q", givenUp.Token).AsTask();
        Task<ISender> second = connection.CreateSenderAsync("q", BoundedWaits.Stop).AsTask();

        await givenUp.CancelAsync();
        await first.ThrowsAny<OperationCanceledException>();
        held.SetResult();

        await second.Bounded();
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task Links_WithoutAnAddress_NeedNoToken()
    {
        await using CbsServer server = await CbsServer.StartAsync();
        await using IConnection connection = await server.ConnectAsync(Options());

        await using ISender sender = await connection.CreateSenderAsync(new SenderOptions(), BoundedWaits.Stop).Bounded();

        Assert.Empty(server.Requests);
    }

    [Fact]
    public async Task Audience_OfTheApplication_IsUsed()
    {
        await using CbsServer server = await CbsServer.StartAsync();
        CbsOptions options = Options();
        options.Audience = static address => $"sb://example.servicebus.windows.net/{address}";
        await using IConnection connection = await server.ConnectAsync(options);

        await using IReceiver receiver = await connection.CreateReceiverAsync("hub/ConsumerGroups/$Default/Partitions/0", BoundedWaits.Stop).Bounded();

        Assert.Equal("sb://example.servicebus.windows.net/hub/ConsumerGroups/$Default/Partitions/0", CbsServer.Audience(Assert.Single(server.Requests)));
    }

    [Theory]
    [InlineData(401, false, "amqp:unauthorized-access")]
    [InlineData(404, false, "amqp:unauthorized-access")]
    [InlineData(429, true, "amqp:internal-error")]
    [InlineData(503, true, "amqp:internal-error")]
    public async Task Refusal_FailsTheLink_AndTheNextOneTriesAgain(int code, bool isTransient, string condition)
    {
        await using CbsServer server = await CbsServer.StartAsync();
        server.Answer = request => CbsServer.Reply(request, code, $"not\n{Secret}");
        await using IConnection connection = await server.ConnectAsync(Options());

        LinkException exception = await connection.CreateSenderAsync("q", BoundedWaits.Stop).Throws<LinkException, ISender>();
        server.Answer = null;
        await using ISender sender = await connection.CreateSenderAsync("q", BoundedWaits.Stop).Bounded();

        Assert.Equal(isTransient, exception.IsTransient);
        Assert.Equal(condition, exception.Error?.Condition.Value);
        Assert.Contains($"{code} not\\u000a(token)", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("5ecret", exception.ToString(), StringComparison.Ordinal);
        Assert.Equal(2, server.Requests.Count);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("202")]
    [InlineData(true)]
    public async Task Answer_WithoutANumericStatus_FailsTheLink(object? code)
    {
        await using CbsServer server = await CbsServer.StartAsync();
        server.Answer = request => CbsServer.Reply(request, code);
        await using IConnection connection = await server.ConnectAsync(Options());

        LinkException exception = await connection.CreateSenderAsync("q", BoundedWaits.Stop).Throws<LinkException, ISender>();

        Assert.Equal(ErrorCondition.DecodeError, exception.Error?.Condition);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Answer_NoneOrForAnotherRequest_TimesOut(bool answersAnother)
    {
        var time = new FakeTimeProvider();
        var logs = new LogCapture();
        await using CbsServer server = await CbsServer.StartAsync(new MessagingClientOptions { TimeProvider = time, LoggerFactory = logs });
        server.Answer = request => answersAnother ? new Message { CorrelationId = "another", ApplicationProperties = { ["status-code"] = 200 } } : null;
        await using IConnection connection = await server.ConnectAsync(LaterThanTheLink(Options(), time), TimeSpan.FromSeconds(11));
        Task<ISender> creating = connection.CreateSenderAsync("q", CancellationToken.None).AsTask();
        await BoundedWaits.UntilAsync(() => answersAnother ? logs.Lines.Any(line => line.Id == 5204) : !server.Requests.IsEmpty);

        await time.PassUntilAsync(creating, TimeSpan.FromSeconds(1));

        TimeoutException exception = await creating.Throws<TimeoutException>();
        Assert.Contains("$cbs node did not answer", exception.Message, StringComparison.Ordinal);
        Assert.Contains("00:00:11", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Provider_NeverAnswers_TimesOutAndIsCancelled()
    {
        var time = new FakeTimeProvider();
        var asked = new TaskCompletionSource();
        var cancelled = new TaskCompletionSource();
        await using CbsServer server = await CbsServer.StartAsync(new MessagingClientOptions { TimeProvider = time });
        await using IConnection connection = await server.ConnectAsync(
            LaterThanTheLink(
                Options(async (_, token) =>
                {
                    asked.SetResult();
                    await new TaskCompletionSource().Task.WaitAsync(token).ContinueWith(_ => cancelled.SetResult(), TaskScheduler.Default);
                    return Token();
                }),
                time),
            TimeSpan.FromSeconds(11));
        Task<ISender> creating = connection.CreateSenderAsync("q", CancellationToken.None).AsTask();
        await asked.Task.Bounded();

        await time.PassUntilAsync(creating, TimeSpan.FromSeconds(1));

        Assert.Contains("the token provider or", (await creating.Throws<TimeoutException>()).Message, StringComparison.Ordinal);
        time.Advance(TimeSpan.FromSeconds(1));
        await cancelled.Task.Bounded();
    }

    [Theory]
    [InlineData(typeof(InvalidDataException))]
    [InlineData(typeof(TaskCanceledException))] // so does HttpClient tell that its Timeout is over
    public async Task Provider_Throws_FailsTheLinkAsAFaultThatMayPass(Type type)
    {
        await using CbsServer server = await CbsServer.StartAsync();
        await using IConnection connection = await server.ConnectAsync(Options((_, _) => throw (Exception)Activator.CreateInstance(type, "vault")!));

        LinkException exception = await connection.CreateSenderAsync("q", BoundedWaits.Stop).Throws<LinkException, ISender>();

        Assert.True(exception.IsTransient);
        Assert.Contains("the token provider gave no token for", exception.Message, StringComparison.Ordinal);
        Assert.Contains(type.Name, exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("vault", exception.ToString(), StringComparison.Ordinal); // the answer of a token service may stand in it
    }

    [Fact]
    public async Task Audience_Throws_FailsTheLinkWithoutItsText()
    {
        await using CbsServer server = await CbsServer.StartAsync();
        CbsOptions options = Options();
        options.Audience = static _ => throw new InvalidDataException("vault");
        await using IConnection connection = await server.ConnectAsync(options);

        LinkException exception = await connection.CreateSenderAsync("q", BoundedWaits.Stop).Throws<LinkException, ISender>();

        Assert.Contains("InvalidDataException", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("vault", exception.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ClearText_NoTokenIsAskedForOrPut_TheErrorNamesTheSwitch()
    {
        await using CbsServer server = await CbsServer.StartAsync(tcp: true);
        int asked = 0;
        await using IConnection connection = await server.ConnectAsync(Options((_, _) =>
        {
            asked++;
            return new ValueTask<CbsToken>(Token());
        }));

        LinkException exception = await connection.CreateSenderAsync("q", BoundedWaits.Stop).Throws<LinkException, ISender>();

        Assert.Contains("AllowInsecureMechanisms", exception.Message, StringComparison.Ordinal);
        Assert.False(exception.IsTransient);
        Assert.Equal((0, 0, 0), (asked, server.Requests.Count, server.NodeLinks));
    }

    [Fact]
    public async Task ClearText_Allowed_TheTokenIsPut()
    {
        await using CbsServer server = await CbsServer.StartAsync(tcp: true);
        await using IConnection connection = await server.ConnectAsync(Options(), allowInsecure: true);

        await using ISender sender = await connection.CreateSenderAsync("q", BoundedWaits.Stop).Bounded();

        Assert.Single(server.Requests);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-3600)]
    public async Task Provider_GivesAnExpiredToken_FailsTheLinkWithoutAskingThePeer(int seconds)
    {
        var time = new FakeTimeProvider();
        await using CbsServer server = await CbsServer.StartAsync(new MessagingClientOptions { TimeProvider = time });
        await using IConnection connection = await server.ConnectAsync(
            Options((_, _) => new ValueTask<CbsToken>(new CbsToken { Value = Secret, Type = "jwt", ExpiresAt = time.GetUtcNow().AddSeconds(seconds) })));

        LinkException exception = await connection.CreateSenderAsync("q", BoundedWaits.Stop).Throws<LinkException, ISender>();

        Assert.Contains("expired at", exception.Message, StringComparison.Ordinal);
        Assert.True(exception.IsTransient);
        Assert.Empty(server.Requests);
    }

    /// <summary>The peer has taken it: whether the link may be attached is the peer's to say, and no second request is sent before the renewal is due.</summary>
    [Fact]
    public async Task Token_ExpiresWhileItIsPut_IsPutOnce()
    {
        var time = new FakeTimeProvider();
        await using CbsServer server = await CbsServer.StartAsync(new MessagingClientOptions { TimeProvider = time });
        server.Answer = request =>
        {
            time.Advance(TimeSpan.FromMilliseconds(2));
            server.Granted[CbsServer.Audience(request)] = "";
            return CbsServer.Reply(request, 202);
        };
        await using IConnection connection = await server.ConnectAsync(
            Options((_, _) => new ValueTask<CbsToken>(new CbsToken { Value = Secret, Type = "jwt", ExpiresAt = time.GetUtcNow().AddMilliseconds(1) })));

        await using ISender sender = await connection.CreateSenderAsync("q", BoundedWaits.Stop).Bounded();

        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task Server_WithoutTheNode_TheErrorSaysWhatToDo()
    {
        await using TestPair pair = await TestPair.ListenAsync(new ListenerOptions { AuthorizeLink = static (wish, _) => new ValueTask<bool>(wish.Address != "$cbs") });
        Task<IConnection> connecting = pair.Client.ConnectAsync(new ConnectionOptions { Url = pair.Listener.Url, Cbs = Options() }, BoundedWaits.Stop).AsTask();
        await using IConnection accepted = await (await pair.NextConnectionAsync()).AcceptAsync(BoundedWaits.Stop).Bounded();
        await using IConnection connection = await connecting.Bounded();

        LinkException exception = await connection.CreateSenderAsync("q", BoundedWaits.Stop).Throws<LinkException, ISender>();

        Assert.Equal(ErrorCondition.UnauthorizedAccess, exception.Error?.Condition);
        Assert.Contains("ConnectionOptions.Cbs", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task NodeLinks_EndedByTheServer_FailWhatWaitsAndAreMadeAnew()
    {
        await using CbsServer server = await CbsServer.StartAsync();
        server.Answer = static _ => null;
        await using IConnection connection = await server.ConnectAsync(Options());
        Task<ISender> creating = connection.CreateSenderAsync("q", BoundedWaits.Stop).AsTask();
        await BoundedWaits.UntilAsync(() => !server.Requests.IsEmpty);

        await server.CloseReplyLinksAsync(new AmqpError(ErrorCondition.DetachForced, "idle"));
        LinkException exception = await creating.Throws<LinkException>();
        server.Answer = null;
        await using ISender sender = await connection.CreateSenderAsync("q", BoundedWaits.Stop).Bounded();

        Assert.True(exception.IsTransient);
        Assert.Contains("idle", exception.Message, StringComparison.Ordinal);
        Assert.Equal(4, server.NodeLinks);
    }

    [Fact]
    public async Task Connection_Ends_WhatWaitsFails()
    {
        await using CbsServer server = await CbsServer.StartAsync();
        server.Answer = static _ => null;
        await using IConnection connection = await server.ConnectAsync(Options());
        Task<ISender> creating = connection.CreateSenderAsync("q", BoundedWaits.Stop).AsTask();
        await BoundedWaits.UntilAsync(() => !server.Requests.IsEmpty);

        await connection.CloseAsync(BoundedWaits.Stop).Bounded();

        await creating.ThrowsAny<MessagingException>();
    }

    [Fact]
    public async Task EverythingThatIsLogged_HoldsNoToken()
    {
        var logs = new LogCapture();
        await using (CbsServer server = await CbsServer.StartAsync(new MessagingClientOptions { LoggerFactory = logs }))
        {
            await using IConnection connection = await server.ConnectAsync(Options());
            await using ISender sender = await connection.CreateSenderAsync("q", BoundedWaits.Stop).Bounded();
            server.Answer = request => CbsServer.Reply(request, 401, $"bad token {Secret}");
            await connection.CreateSenderAsync("other", BoundedWaits.Stop).Throws<LinkException, ISender>();
        }

        Assert.Contains(logs.Lines, line => line.Text.Contains("@transfer", StringComparison.Ordinal));
        Assert.Contains(logs.Lines, line => line.Id == 5201);
        Assert.DoesNotContain(logs.Lines, line => line.Text.Contains("5ecret", StringComparison.Ordinal));
    }

    /// <summary>The token is asked for a second after the link: the two limits do not end at once.</summary>
    private static CbsOptions LaterThanTheLink(CbsOptions options, FakeTimeProvider time)
    {
        options.Audience = address =>
        {
            time.Advance(TimeSpan.FromSeconds(1));
            return $"amqp://later/{address}";
        };
        return options;
    }

    private static CbsToken Token() => new() { Value = Secret, Type = SharedAccessSignature.TokenType, ExpiresAt = new DateTimeOffset(2100, 1, 1, 0, 0, 0, TimeSpan.Zero) };

    private static CbsOptions Options(Func<string, CancellationToken, ValueTask<CbsToken>>? provider = null) => new() { TokenProvider = provider ?? (static (_, _) => new ValueTask<CbsToken>(Token())) };
}
