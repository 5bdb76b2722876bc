using System.Net.Security;
using System.Text;
using Messaging.Security.Gssapi;
using Messaging.Tests.Support;

namespace Messaging.Tests.Security;

/// <summary>The listener's side of GSSAPI, message by message.</summary>
public sealed class GssapiServerTests
{
    private const NegotiateAuthenticationStatusCode More = NegotiateAuthenticationStatusCode.ContinueNeeded;
    private const NegotiateAuthenticationStatusCode Done = NegotiateAuthenticationStatusCode.Completed;
    private static readonly byte[] Token = [1, 2, 3];

    [Theory]
    [InlineData("")]
    [InlineData("alice")]
    [InlineData("alice@TEST.LOCAL")]
    public async Task Exchange_NoLayerForOneself_IsTheTicketsPrincipal(string authorization)
    {
        var context = new FakeGssContext(([9], Done));
        using ISaslServerExchange exchange = Start(context);

        SaslServerStep mutual = await StepAsync(exchange, Token);
        SaslServerStep offer = await StepAsync(exchange, []);
        SaslServerStep end = await StepAsync(exchange, Choice(authorization));

        Assert.Equal<byte>([9], mutual.Data.ToArray());
        Assert.Equal(FakeGssContext.Protect(1, 0, 0, 0), offer.Data.ToArray());
        Assert.True(mutual.IsChallenge && offer.IsChallenge);
        Assert.Equal("alice@TEST.LOCAL", end.Identity);
        Assert.Equal([Token], context.Taken);
    }

    [Fact]
    public async Task Exchange_NoLastTokenOfOurs_OffersAtOnce()
    {
        using ISaslServerExchange exchange = Start(new FakeGssContext(([4], More), (null, Done)));

        SaslServerStep more = await StepAsync(exchange, Token);
        SaslServerStep offer = await StepAsync(exchange, Token);

        Assert.Equal<byte>([4], more.Data.ToArray());
        Assert.Equal(FakeGssContext.Protect(1, 0, 0, 0), offer.Data.ToArray());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Exchange_NoInitialResponse_IsAskedForTheTokenOnce(bool isEmpty)
    {
        using ISaslServerExchange exchange = Start(new FakeGssContext(([9], Done)));

        SaslServerStep asked = await exchange.StepAsync(isEmpty ? ReadOnlyMemory<byte>.Empty : null, BoundedWaits.Stop);
        Assert.True(asked.IsChallenge);
        Assert.True(asked.Data.IsEmpty);

        AssertRefused(await StepAsync(exchange, []));
        AssertRefused(await StepAsync(exchange, Token));
    }

    [Theory]
    [InlineData(NegotiateAuthenticationStatusCode.GenericFailure)]
    [InlineData(NegotiateAuthenticationStatusCode.InvalidToken)]
    [InlineData(NegotiateAuthenticationStatusCode.CredentialsExpired)]
    public async Task StepAsync_TicketIsWrong_IsRefused(NegotiateAuthenticationStatusCode status)
    {
        using ISaslServerExchange exchange = Start(new FakeGssContext((null, status)));

        AssertRefused(await StepAsync(exchange, Token));
        AssertRefused(await StepAsync(exchange, Token));
    }

    [Fact]
    public async Task StepAsync_NoKeytab_IsAFaultThatSaysSo()
    {
        using ISaslServerExchange exchange = Start(new FakeGssContext((null, NegotiateAuthenticationStatusCode.UnknownCredentials)));

        InvalidOperationException exception = await Assert.ThrowsAsync<InvalidOperationException>(() => StepAsync(exchange, Token));

        Assert.Contains("KRB5_KTNAME", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task StepAsync_SomethingInsteadOfTheEmptyResponse_IsRefused()
    {
        using ISaslServerExchange exchange = Start(new FakeGssContext(([9], Done)));
        await StepAsync(exchange, Token);

        AssertRefused(await StepAsync(exchange, Choice("")));
        AssertRefused(await StepAsync(exchange, []));
    }

    [Theory]
    [InlineData("bob")]
    [InlineData("bob@TEST.LOCAL")]
    [InlineData("ALICE")]
    [InlineData("alice@")]
    [InlineData("alice@OTHER")]
    public async Task StepAsync_ForSomebodyElse_IsRefused(string authorization) =>
        AssertRefused(await ChooseAsync(new FakeGssContext(([9], Done)), Choice(authorization)));

    [Theory]
    [InlineData("WELLKNOWN/ANONYMOUS@WELLKNOWN:ANONYMOUS")]
    [InlineData("WELLKNOWN/ANONYMOUS@TEST.LOCAL")]
    [InlineData("")]
    public async Task StepAsync_TicketOfNobody_IsRefused(string principal) =>
        AssertRefused(await ChooseAsync(new FakeGssContext(([9], Done)) { PeerName = principal }, Choice("")));

    [Theory]
    [InlineData("01000000")] // not protected
    [InlineData("7365616c65643a04001000")] // a layer that was not offered
    public async Task StepAsync_WrongChoice_IsRefused(string choice) =>
        AssertRefused(await ChooseAsync(new FakeGssContext(([9], Done)), Convert.FromHexString(choice)));

    [Fact]
    public void Dispose_EndsTheContext()
    {
        var context = new FakeGssContext();

        Start(context).Dispose();

        Assert.Equal(1, context.Disposals);
    }

    private static async Task<SaslServerStep> ChooseAsync(FakeGssContext context, byte[] choice)
    {
        using ISaslServerExchange exchange = Start(context);
        await StepAsync(exchange, Token);
        await StepAsync(exchange, []);
        return await StepAsync(exchange, choice);
    }

    private static ISaslServerExchange Start(FakeGssContext context) =>
        new GssapiServerMechanism(() => context).Start(new SaslServerContext { RemoteEndPoint = "test" });

    private static Task<SaslServerStep> StepAsync(ISaslServerExchange exchange, byte[] response) => exchange.StepAsync(response, BoundedWaits.Stop).AsTask();

    private static byte[] Choice(string authorization) => FakeGssContext.Protect([1, 0, 0, 0, .. Encoding.UTF8.GetBytes(authorization)]);

    private static void AssertRefused(SaslServerStep step)
    {
        Assert.False(step.IsChallenge);
        Assert.Null(step.Identity);
        Assert.Equal(1, step.Code);
    }
}
