using System.Net.Security;
using Messaging.Security.Gssapi;
using Messaging.Tests.Support;

namespace Messaging.Tests.Security;

/// <summary>The client's side of GSSAPI, message by message.</summary>
public sealed class GssapiClientTests
{
    private const NegotiateAuthenticationStatusCode More = NegotiateAuthenticationStatusCode.ContinueNeeded;
    private const NegotiateAuthenticationStatusCode Done = NegotiateAuthenticationStatusCode.Completed;
    private static readonly byte[] First = [1, 2, 3];

    [Theory]
    [InlineData(null, "01000000")]
    [InlineData("alice@TEST.LOCAL", "01000000616c69636540544553542e4c4f43414c")]
    public async Task Exchange_ServerAllowsNoLayer_LogsIn(string? user, string choice)
    {
        var context = new FakeGssContext((First, More), (null, Done));
        using ISaslClientExchange exchange = Start(context, user);

        Assert.Equal(First, await exchange.StartAsync(BoundedWaits.Stop));
        Assert.Empty(await exchange.RespondAsync(new byte[] { 9 }, BoundedWaits.Stop));
        byte[] response = await exchange.RespondAsync(FakeGssContext.Protect(7, 0, 0x80, 0), BoundedWaits.Stop);
        exchange.Complete(default);

        Assert.Equal(FakeGssContext.Protect(Convert.FromHexString(choice)), response);
        Assert.Equal([[], [9]], context.Taken);
    }

    [Fact]
    public async Task Exchange_LastTokenIsOurs_IsSent()
    {
        using ISaslClientExchange exchange = Start(new FakeGssContext((First, More), ([4], More), ([5], Done)));
        await exchange.StartAsync(BoundedWaits.Stop);

        Assert.Equal([4], await exchange.RespondAsync(new byte[] { 9 }, BoundedWaits.Stop));
        Assert.Equal([5], await exchange.RespondAsync(new byte[] { 9 }, BoundedWaits.Stop));
    }

    [Theory]
    [InlineData(NegotiateAuthenticationStatusCode.UnknownCredentials, false, "kinit")]
    [InlineData(NegotiateAuthenticationStatusCode.CredentialsExpired, true, "kinit")]
    [InlineData(NegotiateAuthenticationStatusCode.Unsupported, false, "libgssapi")]
    [InlineData(NegotiateAuthenticationStatusCode.GenericFailure, true, "kvno amqp/broker.test")]
    public async Task StartAsync_NoToken_SaysWhatToDo(NegotiateAuthenticationStatusCode status, bool isTransient, string hint)
    {
        using ISaslClientExchange exchange = Start(new FakeGssContext((null, status)));

        SaslException exception = await Assert.ThrowsAsync<SaslException>(() => exchange.StartAsync(BoundedWaits.Stop).AsTask());

        Assert.Contains(hint, exception.Message, StringComparison.Ordinal);
        Assert.Equal(isTransient, exception.IsTransient);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task StartAsync_NoLibrary_IsASaslException(bool isFoundOutAtOnce)
    {
        var missing = new PlatformNotSupportedException("install it");
        using ISaslClientExchange exchange = new GssapiClientExchange(
            "amqp/h", "", _ => isFoundOutAtOnce ? throw missing : new FakeGssContext { Fault = missing });

        SaslException exception = await Assert.ThrowsAsync<SaslException>(() => exchange.StartAsync(BoundedWaits.Stop).AsTask());

        Assert.Equal("GSSAPI: install it", exception.Message);
        Assert.False(exception.IsTransient);
    }

    [Fact]
    public async Task StartAsync_KdcDoesNotAnswer_EndsWithTheLoginAndTheContextLater()
    {
        using var kdc = new ManualResetEventSlim();
        using var stop = new CancellationTokenSource();
        var asking = new TaskCompletionSource();
        var context = new FakeGssContext((First, More));
        var exchange = new GssapiClientExchange("amqp/h", "", _ =>
        {
            asking.SetResult();
            kdc.Wait(BoundedWaits.Stop);
            return context;
        });

        Task<byte[]?> start = exchange.StartAsync(stop.Token).AsTask();
        await asking.Task.Bounded();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => start);
        exchange.Dispose();
        Assert.Equal(0, context.Disposals);
        kdc.Set();

        await context.Disposed.Bounded();
    }

    [Fact]
    public async Task RespondAsync_ServerNotMutual_IsRefused()
    {
        using ISaslClientExchange exchange = Start(new FakeGssContext((First, More), (null, Done)) { IsMutual = false });
        await exchange.StartAsync(BoundedWaits.Stop);

        await RefusesAsync(exchange, [9], "did not prove");
    }

    [Fact]
    public async Task RespondAsync_ServersTokenIsWrong_IsRefused()
    {
        using ISaslClientExchange exchange = Start(new FakeGssContext((First, More), (null, NegotiateAuthenticationStatusCode.InvalidToken)));
        await exchange.StartAsync(BoundedWaits.Stop);

        await RefusesAsync(exchange, [9], "not one for us");
    }

    [Theory]
    [InlineData("01000000", "not protected")]
    [InlineData("7365616c65643a010000", "malformed")] // "sealed:" and three bytes
    [InlineData("7365616c65643a04008000", "use TLS")]
    public async Task RespondAsync_OfferThatCannotBeTaken_IsRefused(string offer, string reason)
    {
        using ISaslClientExchange exchange = Start(new FakeGssContext((First, More), (null, Done)));
        await exchange.StartAsync(BoundedWaits.Stop);
        await exchange.RespondAsync(new byte[] { 9 }, BoundedWaits.Stop);

        await RefusesAsync(exchange, Convert.FromHexString(offer), reason);
        Assert.Throws<SaslException>(() => exchange.Complete(default));
    }

    [Fact]
    public async Task RespondAsync_AfterTheLastChallenge_IsRefused()
    {
        using ISaslClientExchange exchange = Start(new FakeGssContext((First, More), (null, Done)));
        await exchange.StartAsync(BoundedWaits.Stop);
        await exchange.RespondAsync(new byte[] { 9 }, BoundedWaits.Stop);
        await exchange.RespondAsync(FakeGssContext.Protect(1, 0, 0, 0), BoundedWaits.Stop);

        await RefusesAsync(exchange, [], "after the mechanism's last one");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Complete_BeforeTheServerHasProvedItself_IsRefused(int challenges)
    {
        using ISaslClientExchange exchange = Start(new FakeGssContext((First, More), (null, Done)));
        await exchange.StartAsync(BoundedWaits.Stop);
        for (int i = 0; i < challenges; i++)
            await exchange.RespondAsync(new byte[] { 9 }, BoundedWaits.Stop);

        Assert.Throws<SaslException>(() => exchange.Complete(default));
    }

    [Fact]
    public async Task TryStart_AnyContext_AsksForTheServiceOfTheHost()
    {
        string? asked = null;
        var mechanism = new GssapiClientMechanism(target =>
        {
            asked = target;
            return new FakeGssContext((First, More));
        });

        using ISaslClientExchange? exchange = mechanism.TryStart(new SaslClientContext { Host = "broker.test", VirtualHost = "other" }, out string? problem);
        await exchange!.StartAsync(BoundedWaits.Stop);

        Assert.Null(problem);
        Assert.Equal("amqp/broker.test", asked);
        Assert.False(mechanism.RequiresEncryption);
    }

    private static ISaslClientExchange Start(FakeGssContext context, string? user = null)
    {
        var credentials = user is null ? null : new SaslCredentials { User = user };
        return new GssapiClientMechanism(_ => context).TryStart(new SaslClientContext { Host = "broker.test", Credentials = credentials }, out _)!;
    }

    private static async Task RefusesAsync(ISaslClientExchange exchange, byte[] challenge, string reason)
    {
        SaslException exception = await Assert.ThrowsAsync<SaslException>(() => exchange.RespondAsync(challenge, BoundedWaits.Stop).AsTask());

        Assert.Contains(reason, exception.Message, StringComparison.Ordinal);
        Assert.False(exception.IsTransient);
    }
}
