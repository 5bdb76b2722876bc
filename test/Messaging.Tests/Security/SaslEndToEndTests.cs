using Messaging.Amqp.Framing;
using Messaging.Tests.Support;

namespace Messaging.Tests.Security;

/// <summary>Our client against our listener, over TCP.</summary>
public sealed class SaslEndToEndTests
{
    public static TheoryData<string> WithPassword => ["SCRAM-SHA-512", "SCRAM-SHA-256", "SCRAM-SHA-1", "PLAIN"];

    public static TheoryData<string> WithToken => ["OAUTHBEARER", "XOAUTH2"];

    [Theory]
    [MemberData(nameof(WithPassword))]
    public async Task Password_RightWrongAndUnknownUser(string mechanism)
    {
        await using SaslTesting sasl = await SaslTesting.ListenAsync();

        Assert.Equal((SaslTesting.User, mechanism), await sasl.LogInAsync(sasl.Options(mechanism)));
        SaslException wrong = await sasl.RefusedAsync(sasl.Options(mechanism, password: "wrong"));
        SaslException unknown = await sasl.RefusedAsync(sasl.Options(mechanism, user: "nobody"));

        Assert.Equal((SaslFailure.CredentialsRefused, false), (wrong.Failure, wrong.IsTransient));
        Assert.Equal(wrong.Message.Replace(SaslTesting.User, "nobody", StringComparison.Ordinal), unknown.Message);
        Assert.Contains(mechanism, wrong.Message, StringComparison.Ordinal);
        Assert.Contains(sasl.Url, wrong.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(WithToken))]
    public async Task Token_RightAndWrong(string mechanism)
    {
        await using SaslTesting sasl = await SaslTesting.ListenAsync();

        Assert.Equal((SaslTesting.User, mechanism), await sasl.LogInAsync(sasl.Options(mechanism, token: SaslTesting.Token)));
        SaslException exception = await sasl.RefusedAsync(sasl.Options(mechanism, token: "expired"));

        Assert.Equal(SaslFailure.CredentialsRefused, exception.Failure);
        Assert.Contains("status invalid_token", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("expired", exception.ToString(), StringComparison.Ordinal);
    }

    /// <summary>Tokens hold what their issuer knows of a user: the frame may be larger than others before the open.</summary>
    [Fact]
    public async Task Token_Of48Kilobytes_IsTaken()
    {
        string large = new('t', 48_000);
        await using SaslTesting sasl = await SaslTesting.ListenAsync(options => options.AuthenticateToken = (token, _) => new ValueTask<string?>(token == large ? SaslTesting.User : null));

        Assert.Equal((SaslTesting.User, "OAUTHBEARER"), await sasl.LogInAsync(sasl.Options("OAUTHBEARER", token: large)));
    }

    [Fact]
    public async Task Anonymous_IsAnonymous()
    {
        await using SaslTesting sasl = await SaslTesting.ListenAsync();

        Assert.Equal(("anonymous", "ANONYMOUS"), await sasl.LogInAsync(sasl.Options("ANONYMOUS", user: null)));
    }

    [Theory]
    [InlineData(false, "SCRAM-SHA-512")]
    [InlineData(true, "OAUTHBEARER")]
    public async Task NothingChosen_TakesTheStrongest(bool isToken, string expected)
    {
        await using SaslTesting sasl = await SaslTesting.ListenAsync();

        Assert.Equal(expected, (await sasl.LogInAsync(isToken ? sasl.Options(null, password: null, token: SaslTesting.Token) : sasl.Options(null))).Mechanism);
    }

    [Fact]
    public async Task Credentials_InTheUrl_AreDecoded()
    {
        await using SaslTesting sasl = await SaslTesting.ListenAsync();
        string url = sasl.Url.Replace("amqp://", $"amqp://{SaslTesting.User}:{Uri.EscapeDataString(SaslTesting.Password)}@", StringComparison.Ordinal);

        Assert.Equal((SaslTesting.User, "SCRAM-SHA-512"), await sasl.LogInAsync(new ConnectionOptions { Url = url, Reconnect = false }));
    }

    [Fact]
    public async Task Listener_OnClearText_OffersNoMechanismThatShowsASecret()
    {
        await using SaslTesting sasl = await SaslTesting.ListenAsync(options => options.AllowInsecureMechanisms = false);

        Assert.Equal(["SCRAM-SHA-512", "SCRAM-SHA-256", "SCRAM-SHA-1", "ANONYMOUS"], await OfferAsync(sasl));
    }

    [Fact]
    public async Task Listener_AllowedMechanisms_LimitTheOffer()
    {
        await using SaslTesting sasl = await SaslTesting.ListenAsync(options => options.AllowedMechanisms = ["plain", "SCRAM-SHA-256"]);

        Assert.Equal(["SCRAM-SHA-256", "PLAIN"], await OfferAsync(sasl));
    }

    [Fact]
    public async Task Listener_NothingToOffer_SaysSoOnBothSides()
    {
        await using SaslTesting sasl = await SaslTesting.ListenAsync(options => (options.Users, options.AllowAnonymous, options.AllowInsecureMechanisms) = (null, false, false));

        SaslException exception = await sasl.RefusedAsync(sasl.Options(null));

        Assert.Equal(SaslFailure.NoCommonMechanism, exception.Failure);
        Assert.Contains("offers no mechanism", exception.Message, StringComparison.Ordinal);
        Assert.Contains(sasl.Log.Lines, line => line.Id == 5005);
    }

    [Theory]
    [MemberData(nameof(WithPassword))]
    public async Task Listener_UnknownUser_SeesTheSameFramesAsAWrongPassword(string mechanism)
    {
        await using SaslTesting sasl = await SaslTesting.ListenAsync();

        Assert.Equal(await ReplayAsync(sasl, mechanism, SaslTesting.User), await ReplayAsync(sasl, mechanism, "Nobdy"));
    }

    /// <summary>What the listener answers, with the lengths of its messages.</summary>
    private static async Task<List<string>> ReplayAsync(SaslTesting sasl, string mechanism, string user)
    {
        await using RawPeer peer = await sasl.DialAsync();
        await peer.SendRawAsync(FrameWriter.SaslHeader.ToArray());
        await peer.ReadAsync<string>();
        byte[] first = System.Text.Encoding.UTF8.GetBytes(mechanism == "PLAIN" ? $"\0{user}\0wrong" : $"n,,n={user},r=abc");
        await peer.SendSaslAsync(new SaslInit { Mechanism = mechanism, InitialResponse = first });
        await peer.ReadAsync<SaslMechanisms>();
        var seen = new List<string>();
        while (await peer.ReadAsync() is { Body: { } body })
        {
            if (body is not SaslChallenge { Challenge: var challenge })
            {
                seen.Add(body is SaslOutcome outcome ? $"outcome {outcome.Code} {outcome.AdditionalData?.Length}" : body.ToString()!);
                continue;
            }

            string text = System.Text.Encoding.UTF8.GetString(challenge);
            seen.Add($"challenge {text.Length}");
            string proof = Convert.ToBase64String(new byte[mechanism switch { "SCRAM-SHA-1" => 20, "SCRAM-SHA-256" => 32, _ => 64 }]);
            await peer.SendSaslAsync(new SaslResponse { Response = System.Text.Encoding.UTF8.GetBytes($"c=biws,{text.Split(',')[0]},p={proof}") });
        }

        return seen;
    }

    private static async Task<string[]> OfferAsync(SaslTesting sasl)
    {
        await using RawPeer peer = await sasl.DialAsync();
        await peer.SendRawAsync(FrameWriter.SaslHeader.ToArray());
        await peer.ReadAsync<string>();
        return [.. (await peer.ReadAsync<SaslMechanisms>()).Mechanisms.Select(mechanism => mechanism.Value)];
    }
}
