using System.Text;
using CsCheck;
using Messaging.Security.Mechanisms;
using Messaging.Security.Prep;
using Messaging.Tests.Support;

namespace Messaging.Tests.Security;

/// <summary>What a client, or somebody between, may try on a listener.</summary>
public sealed class ScramServerTests
{
    private const string Plus = "SCRAM-SHA-256-PLUS";
    private const string Plain = "SCRAM-SHA-256";
    private static readonly UserKeys Users = SaslDialog.Users("user", "pencil");

    [Theory]
    [InlineData("", "gs2 header")]
    [InlineData("n,", "gs2 header")]
    [InlineData("n,,", "form")]
    [InlineData("n,,n=user", "form")]
    [InlineData("n,,n=,r=abc", "form")]
    [InlineData("n,,n=user,r=", "form")]
    [InlineData("n,,r=abc,n=user", "form")]
    [InlineData("n,,m=ext,n=user,r=abc", "form")]
    [InlineData("n,,n=user,r=a b", "form")]
    [InlineData("n,,n=us=er,r=abc", "user name")]
    [InlineData("n,,n=us=2cer,r=abc", "user name")] // only upper case is defined
    [InlineData("n,,n=us\aer,r=abc", "user name")]
    [InlineData("n,,n=\u00AD,r=abc", "user name")]
    [InlineData("n,a=admin,n=user,r=abc", "somebody else")]
    [InlineData("n,b=user,n=user,r=abc", "somebody else")]
    [InlineData("x,,n=user,r=abc", "flag")]
    [InlineData("p=tls-unique,,n=user,r=abc", "flag")]
    [InlineData("p=tls-server-end-point,,n=user,r=abc", "channel binding")]
    public async Task Step_FirstMessageWrong_IsRefused(string message, string reason)
    {
        using ISaslServerExchange exchange = new ScramServer(Users, ScramHash.Sha256, isPlus: false).Start(SaslDialog.Server(null, Plain));

        Assert.Contains(reason, await exchange.StepAsync(message), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("n,,n=user,r=abc")]
    [InlineData("y,,n=user,r=abc")] // nothing was offered that could have been removed
    [InlineData("n,a=user,n=user,r=abc")]
    [InlineData("n,,n=user,r=abc,x=ext")]
    public async Task Step_FirstMessageRight_IsChallenged(string message)
    {
        using ISaslServerExchange exchange = new ScramServer(Users, ScramHash.Sha256, isPlus: false).Start(SaslDialog.Server(null, Plain));

        Assert.StartsWith("+r=abc", await exchange.StepAsync(message), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("c=biws,r=NONCE")]
    [InlineData("c=biws,r=NONCE,p=")]
    [InlineData("c=biws,r=NONCE,p=AAAA")]
    [InlineData("c=biws,r=NONCE,p=not base64")]
    [InlineData("c=eSws,r=NONCE,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=")] // "y,," though "n,," was said
    [InlineData("c=biwsAAAA,r=NONCE,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=")]
    [InlineData("c=biws,r=NONCEx,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=")]
    [InlineData("c=biws,r=abc,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=")]
    [InlineData("c=biws,r=NONCE,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=")] // a proof of another login
    [InlineData("c=biws,r=NONCE,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=,x=after")]
    public async Task Step_LastMessageWrong_IsRefused(string message)
    {
        using ISaslServerExchange exchange = new ScramServer(Users, ScramHash.Sha256, isPlus: false).Start(SaslDialog.Server(null, Plain));
        string first = await exchange.StepAsync("n,,n=user,r=abc");
        string nonce = first["+r=".Length..first.IndexOf(',', StringComparison.Ordinal)];

        Assert.StartsWith("- ", await exchange.StepAsync(message.Replace("NONCE", nonce, StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(new byte[] { 0xFF, 0xFE })]
    [InlineData(new byte[] { 0 })]
    public async Task Step_Garbage_IsRefused(byte[] message)
    {
        using ISaslServerExchange exchange = new ScramServer(Users, ScramHash.Sha256, isPlus: false).Start(SaslDialog.Server(null, Plain));

        Assert.Equal(1, (await exchange.StepAsync(message, BoundedWaits.Stop)).Code);
    }

    [Fact]
    public async Task Step_NoInitialResponse_IsAskedForIt()
    {
        using ISaslServerExchange exchange = new ScramServer(Users, ScramHash.Sha256, isPlus: false).Start(SaslDialog.Server(null, Plain));

        Assert.Equal("+", await exchange.StepAsync(null));
        Assert.StartsWith("+r=abc", await exchange.StepAsync("n,,n=user,r=abc"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Plus_SameChannel_LogsIn()
    {
        using ISaslClientExchange client = new ScramClient(ScramHash.Sha256, isPlus: true).Start(SaslDialog.Client(binding: SaslDialog.Binding, offered: [Plus, Plain]));
        using ISaslServerExchange server = new ScramServer(Users, ScramHash.Sha256, isPlus: true).Start(SaslDialog.Server(SaslDialog.Binding, Plus, Plain));

        Assert.Equal("user", await SaslDialog.RunAsync(client, server));
    }

    [Fact]
    public async Task Plus_AnotherChannel_IsRefused()
    {
        byte[] middleman = [.. SaslDialog.Binding.Reverse()];
        using ISaslClientExchange client = new ScramClient(ScramHash.Sha256, isPlus: true).Start(SaslDialog.Client(binding: middleman, offered: [Plus, Plain]));
        using ISaslServerExchange server = new ScramServer(Users, ScramHash.Sha256, isPlus: true).Start(SaslDialog.Server(SaslDialog.Binding, Plus, Plain));

        Assert.Null(await SaslDialog.RunAsync(client, server));
    }

    [Fact]
    public async Task Plus_StrippedFromTheOffer_IsDetectedByTheFlag()
    {
        using ISaslClientExchange client = new ScramClient(ScramHash.Sha256, isPlus: false).Start(SaslDialog.Client(binding: SaslDialog.Binding, offered: [Plain]));
        using ISaslServerExchange server = new ScramServer(Users, ScramHash.Sha256, isPlus: false).Start(SaslDialog.Server(SaslDialog.Binding, Plus, Plain));

        Assert.Contains("removed it", await server.StepAsync(await client.StartAsync()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Plus_WithoutTheBindingFlag_IsRefused()
    {
        using ISaslServerExchange server = new ScramServer(Users, ScramHash.Sha256, isPlus: true).Start(SaslDialog.Server(SaslDialog.Binding, Plus, Plain));

        Assert.StartsWith("- ", await server.StepAsync("n,,n=user,r=abc"), StringComparison.Ordinal);
    }

    /// <summary>Any user and password that SASLprep takes, all hashes, both -PLUS and plain; the wrong password never.</summary>
    [Fact]
    public async Task RunAsync_AnyUserAndPassword_LogsIn()
    {
        Gen<string> text = Gen.OneOf(Gen.String[Gen.Char[' ', '~'], 1, 20], Gen.String[Gen.Char['\u00A0', '\u04FF'], 1, 12], Gen.String[Gen.Char[' ', '\uFFFD'], 1, 6])
            .Where(value => SaslPrep.TryPrepare(value, isStored: true, out string prepared) && prepared.Length > 0);
        Gen<(string, string, string, ScramHash, bool)> logins = Gen.Select(text, text, text, Gen.Enum<ScramHash>(), Gen.Bool);
        await logins.SampleAsync(
            async login =>
            {
                (string user, string password, string other, ScramHash hash, bool isPlus) = login;
                UserKeys users = SaslDialog.Users(user, password, hashes: hash);
                Assert.True(SaslPrep.TryPrepare(user, isStored: false, out string name));

                Assert.Equal(name, await LogInAsync(users, user, password, hash, isPlus));
                bool isSame = SaslPrep.TryPrepare(password, true, out string left) && SaslPrep.TryPrepare(other, true, out string right) && left == right;
                Assert.Equal(isSame ? name : null, await LogInAsync(users, user, other, hash, isPlus));
            },
            iter: 60);
    }

    /// <summary>An unknown user is challenged like a known one, the same way each time, by every listener of the store.</summary>
    [Theory]
    [InlineData(ScramHash.Sha1)]
    [InlineData(ScramHash.Sha256)]
    [InlineData(ScramHash.Sha512)]
    public async Task Step_UnknownUser_LooksLikeAKnownOne(ScramHash hash)
    {
        var store = new InMemoryUserStore(5000);
        store.Add("known", "secret");
        string[] challenges = await Task.WhenAll(
            ChallengeAsync(new UserKeys(store), "known"),
            ChallengeAsync(new UserKeys(store), "known"),
            ChallengeAsync(new UserKeys(store), "nobody"),
            ChallengeAsync(new UserKeys(store), "nobody"),
            ChallengeAsync(new UserKeys(store), "else"));

        Assert.Equal(challenges[0], challenges[1], StringComparer.Ordinal);
        Assert.Equal(challenges[2], challenges[3], StringComparer.Ordinal);
        Assert.NotEqual(challenges[2], challenges[4], StringComparer.Ordinal);
        Assert.NotEqual(challenges[0], challenges[2], StringComparer.Ordinal);
        Assert.All(challenges, challenge => Assert.Matches("^[A-Za-z0-9+/]{22}==,i=5000$", challenge));
        Assert.Null(await LogInAsync(new UserKeys(store), "nobody", "secret", hash, isPlus: false));

        async Task<string> ChallengeAsync(UserKeys users, string user)
        {
            using ISaslServerExchange exchange = new ScramServer(users, hash, isPlus: false).Start(SaslDialog.Server());
            return (await exchange.StepAsync($"n,,n={user},r=abc")).Split(",s=")[1];
        }
    }

    [Fact]
    public async Task Step_StoreWithKeysOfAnotherHash_IsAFaultOfTheSystem()
    {
        var store = new OneUser(ScramKeys.FromPassword("pencil", ScramHash.Sha1, 4096));
        using ISaslServerExchange exchange = new ScramServer(new UserKeys(store), ScramHash.Sha256, isPlus: false).Start(SaslDialog.Server());

        await Assert.ThrowsAsync<InvalidDataException>(() => exchange.StepAsync("n,,n=user,r=abc"));
    }

    private static async Task<string?> LogInAsync(UserKeys users, string user, string password, ScramHash hash, bool isPlus)
    {
        string[] offered = [Scram.Mechanism(hash, isPlus: true), Scram.Mechanism(hash, isPlus: false)];
        using ISaslClientExchange client = new ScramClient(hash, isPlus).Start(SaslDialog.Client(user, password, binding: SaslDialog.Binding, offered: offered));
        using ISaslServerExchange server = new ScramServer(users, hash, isPlus).Start(SaslDialog.Server(SaslDialog.Binding, offered));
        return await SaslDialog.RunAsync(client, server);
    }
}
