using Messaging.Security.Mechanisms;

namespace Messaging.Tests.Security;

/// <summary>OAUTHBEARER (RFC 7628) and XOAUTH2.</summary>
public sealed class TokenTests
{
    [Fact]
    public async Task OAuthBearer_OfAClient_NamesHostAndPort()
    {
        using ISaslClientExchange exchange = TokenClient.OAuthBearer.Start(SaslDialog.Client(null, null, "vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg=="));

        Assert.Equal("n,,\u0001host=server.example\u0001port=5671\u0001auth=Bearer vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==\u0001\u0001", await exchange.StartAsync());
        exchange.Complete("");
    }

    [Fact]
    public async Task OAuthBearer_WithAUser_AsksToActAsIt()
    {
        using ISaslClientExchange exchange = TokenClient.OAuthBearer.Start(SaslDialog.Client("a=b,c", null, "t0ken"));

        Assert.StartsWith("n,a=a=3Db=2Cc,\u0001host=", await exchange.StartAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task XOAuth2_Refused_AnswersNothing()
    {
        using ISaslClientExchange exchange = TokenClient.XOAuth2.Start(SaslDialog.Client("alice", null, "t0ken"));
        await exchange.StartAsync();

        Assert.Equal("", await exchange.RespondAsync("""{"status":"400"}"""));
        Assert.Equal("status 400", exchange.Explanation);
    }

    [Theory]
    [InlineData("someone@example.com", "user=someone@example.com\u0001auth=Bearer t0ken\u0001\u0001")]
    [InlineData(null, "user=\u0001auth=Bearer t0ken\u0001\u0001")]
    public async Task XOAuth2_OfAClient_NamesTheUser(string? user, string expected)
    {
        using ISaslClientExchange exchange = TokenClient.XOAuth2.Start(SaslDialog.Client(user, null, "t0ken"));

        Assert.Equal(expected, await exchange.StartAsync());
    }

    [Theory]
    [InlineData("""{"status":"invalid_token","scope":"queue.read","openid-configuration":"https://example.com/"}""", "status invalid_token, scope queue.read")]
    [InlineData("""{"status":"401","schemes":"bearer"}""", "status 401")]
    [InlineData("""{"status":"no t0ken","scope":"for t0ken \u00740ken"}""", "status no (token), scope for (token) (token)")]
    [InlineData("""{"status":{"a":"\u00740ken"},"scope":7}""", "status (Object), scope 7")]
    [InlineData("{}", "without a status")]
    [InlineData("[1]", "not JSON")]
    [InlineData("no", "not JSON")]
    [InlineData("", "not JSON")]
    [InlineData("[[[[[[[[[[[[1]]]]]]]]]]]]", "not JSON")]
    public async Task Client_Refused_AnswersAndKeepsTheStatus(string challenge, string expected)
    {
        using ISaslClientExchange exchange = TokenClient.OAuthBearer.Start(SaslDialog.Client(null, null, "t0ken"));
        await exchange.StartAsync();

        Assert.Equal("\u0001", await exchange.RespondAsync(challenge));

        Assert.Contains(expected, exchange.Explanation, StringComparison.Ordinal);
        Assert.DoesNotContain("t0ken", exchange.Explanation, StringComparison.Ordinal);
        Assert.Throws<SaslException>(() => exchange.Complete(""));
        await Assert.ThrowsAsync<SaslException>(() => exchange.RespondAsync(challenge));
    }

    [Theory]
    [InlineData(null, null, "needs a token")]
    [InlineData("user", "to\u0001ken", "printable")]
    [InlineData("user", "tö", "printable")]
    [InlineData("us\u0001er", "token", "control")]
    public void Client_CannotBeSaid_SaysWhy(string? user, string? token, string says)
    {
        Assert.Null(TokenClient.XOAuth2.TryStart(SaslDialog.Client(user, "pw", token), out string? problem));
        Assert.Contains(says, problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, "n,,\u0001auth=Bearer good\u0001\u0001", "= alice")]
    [InlineData(false, "n,a=alice,\u0001host=h\u0001port=1\u0001auth=bearer good\u0001\u0001", "= alice")]
    [InlineData(false, "y,,\u0001auth=Bearer good\u0001\u0001", "= alice")]
    [InlineData(false, "n,a=bob,\u0001auth=Bearer good\u0001\u0001", "- the client asks")]
    [InlineData(false, "p=tls-unique,,\u0001auth=Bearer good\u0001\u0001", "- the message")]
    [InlineData(false, "n,,\u0001auth=Bearer bad\u0001\u0001", "+{\"status\":\"invalid_token\"}")]
    [InlineData(false, "n,,\u0001\u0001", "+{\"status\":\"invalid_token\"}")] // a client that asks what is needed
    [InlineData(false, "n,,\u0001auth=Basic good\u0001\u0001", "- the message")]
    [InlineData(false, "n,,\u0001auth=Bearer good", "- the message")]
    [InlineData(false, "\u0001\u0001", "- the message")]
    [InlineData(false, "", "- the message")]
    [InlineData(false, null, "+")]
    [InlineData(true, "user=whoever\u0001auth=Bearer good\u0001\u0001", "= alice")]
    [InlineData(true, "auth=Bearer good\u0001\u0001", "- the message")]
    [InlineData(true, "user=whoever\u0001auth=Bearer bad\u0001\u0001", "+{\"status\":\"invalid_token\"}")]
    public async Task Server_Message(bool isXOAuth2, string? message, string expected)
    {
        using ISaslServerExchange exchange = new TokenServer(isXOAuth2, (token, _) => new ValueTask<string?>(token == "good" ? "alice" : null)).Start(SaslDialog.Server());

        Assert.StartsWith(expected, await exchange.StepAsync(message), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Server_AfterItsRefusal_TakesNoSecondToken()
    {
        using ISaslServerExchange exchange = new TokenServer(isXOAuth2: false, (token, _) => new ValueTask<string?>(token == "good" ? "alice" : null)).Start(SaslDialog.Server());
        await exchange.StepAsync("n,,\u0001auth=Bearer bad\u0001\u0001");

        Assert.StartsWith("- ", await exchange.StepAsync("n,,\u0001auth=Bearer good\u0001\u0001"), StringComparison.Ordinal);
    }
}
