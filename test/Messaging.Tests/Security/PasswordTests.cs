using Messaging.Security.Mechanisms;
using Messaging.Tests.Support;

namespace Messaging.Tests.Security;

/// <summary>PLAIN, and the store that it and SCRAM share.</summary>
public sealed class PasswordTests
{
    [Theory]
    [InlineData("\0alice\0secret", "= alice")]
    [InlineData("alice\0alice\0secret", "= alice")]
    [InlineData("bob\0alice\0secret", "- the message")]
    [InlineData("\0alice\0wrong", "- the user is unknown or the password is wrong")]
    [InlineData("\0nobody\0secret", "- the user is unknown or the password is wrong")]
    [InlineData("\0\0secret", "- the message")]
    [InlineData("\0alice", "- the message")]
    [InlineData("alice secret", "- the message")]
    [InlineData("", "- the message")]
    [InlineData("\0alice\0secret\0", "- the message")]
    [InlineData("\0alice\0", "- the message")]
    [InlineData("\0al\aice\0secret", "- the message")]
    [InlineData("\0\u00AD\0secret", "- the message")] // nothing is left of it
    [InlineData("\0al\u00ADice\0secret", "= alice")]
    [InlineData("al\u00ADice\0al\u00ADice\0secret", "= alice")]
    [InlineData(null, "+")]
    public async Task Plain_AtAListener(string? message, string expected)
    {
        using ISaslServerExchange exchange = new PlainServer(new StoredPasswords(SaslDialog.Users("alice", "secret")).CheckAsync).Start(SaslDialog.Server());

        Assert.StartsWith(expected, await exchange.StepAsync(message), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Plain_NotUtf8_IsRefused()
    {
        using ISaslServerExchange exchange = new PlainServer((_, _, _) => new ValueTask<bool>(true)).Start(SaslDialog.Server());

        Assert.Equal(1, (await exchange.StepAsync(new byte[] { 0, (byte)'a', 0, 0xC3, 0x28 }, BoundedWaits.Stop)).Code);
    }

    /// <summary>A directory takes a bind without a password as one without a login, and says yes.</summary>
    [Fact]
    public async Task Plain_EmptyPassword_DoesNotReachTheApplication()
    {
        int asked = 0;
        using ISaslServerExchange exchange = new PlainServer((_, _, _) => new ValueTask<bool>(++asked > 0)).Start(SaslDialog.Server());

        Assert.StartsWith("- the message", await exchange.StepAsync("\0alice\0"), StringComparison.Ordinal);
        Assert.Equal(0, asked);
    }

    [Fact]
    public async Task Plain_AuthenticatorOfTheApplication_GetsThePreparedName()
    {
        string? asked = null;
        using ISaslServerExchange exchange = new PlainServer((user, _, _) => new ValueTask<bool>((asked = user) is not null)).Start(SaslDialog.Server());

        Assert.Equal("= alice", await exchange.StepAsync("\0al\u00ADice\0pw"));
        Assert.Equal("alice", asked);
    }

    [Fact]
    public async Task Plain_OfAClient_IsUserAndPassword()
    {
        using ISaslClientExchange exchange = new PlainClient().Start(SaslDialog.Client("älice", "pä55"));

        Assert.Equal("\0älice\0pä55", await exchange.StartAsync());
        Assert.Equal(SaslFailure.ProtocolViolation, (await Assert.ThrowsAsync<SaslException>(() => exchange.RespondAsync("more"))).Failure);
    }

    [Theory]
    [InlineData("a\0b", "pw", "NUL")]
    [InlineData("a", "p\0w", "NUL")]
    [InlineData("a", null, "password")]
    [InlineData(null, "pw", "user")]
    public void Plain_CannotBeSaid_SaysWhy(string? user, string? password, string says)
    {
        Assert.Null(new PlainClient().TryStart(SaslDialog.Client(user, password), out string? problem));
        Assert.Contains(says, problem, StringComparison.Ordinal);
    }

    /// <summary>Neither the words nor the work tell a known user from an unknown one.</summary>
    [Fact]
    public async Task CheckAsync_UnknownUser_HashesOnceLikeForAKnownOne()
    {
        var runs = new List<(int Iterations, int Salt)>();
        var passwords = new StoredPasswords(SaslDialog.Users("alice", "secret", 5000), (hash, password, keys) =>
        {
            runs.Add((keys.Iterations, keys.Salt.Length));
            return Scram.Salt(hash, password, keys.Salt.Span, keys.Iterations);
        });

        bool[] results =
        [
            await passwords.CheckAsync("alice", "secret", BoundedWaits.Stop),
            await passwords.CheckAsync("alice", "wrong", BoundedWaits.Stop),
            await passwords.CheckAsync("nobody", "secret", BoundedWaits.Stop),
        ];

        Assert.Equal([true, false, false], results);
        Assert.Equal([(5000, 16), (5000, 16), (5000, 16)], runs);
    }

    [Fact]
    public async Task Store_AddChangeRemove()
    {
        var store = new InMemoryUserStore(4096);
        var passwords = new StoredPasswords(new UserKeys(store));
        store.Add("al\u00ADice", "one"); // prepared: alice

        Assert.True(await passwords.CheckAsync("alice", "one", BoundedWaits.Stop));
        store.Add("alice", "two");
        Assert.False(await passwords.CheckAsync("alice", "one", BoundedWaits.Stop));
        Assert.True(await passwords.CheckAsync("alice", "two", BoundedWaits.Stop));
        Assert.True(store.Remove("alice"));
        Assert.False(store.Remove("alice"));
        Assert.False(await passwords.CheckAsync("alice", "two", BoundedWaits.Stop));
    }

    [Fact]
    public async Task Store_KeysOfOneHash_ServeThatMechanism()
    {
        var store = new InMemoryUserStore(4096, [ScramHash.Sha256]);
        store.Add("alice", ScramHash.Sha256, ScramKeys.FromPassword("secret", ScramHash.Sha256, 4096));

        Assert.NotNull(await store.FindAsync("alice", ScramHash.Sha256, BoundedWaits.Stop));
        Assert.Throws<ArgumentException>(() => store.Add("alice", ScramHash.Sha1, ScramKeys.FromPassword("secret", ScramHash.Sha1, 4096)));
        Assert.Equal([ScramHash.Sha256], store.Hashes);
    }

    /// <summary>What is told of an unknown user is the store's: keys that differ from it would tell the known ones.</summary>
    [Theory]
    [InlineData(5000, 16)]
    [InlineData(4096, 12)]
    public void Store_KeysThatDifferFromItsOwn_AreRefused(int iterations, int saltLength)
    {
        ScramKeys made = ScramKeys.FromPassword("secret", ScramHash.Sha256, iterations);
        var keys = new ScramKeys { Salt = made.Salt[..saltLength], Iterations = iterations, StoredKey = made.StoredKey, ServerKey = made.ServerKey };

        ArgumentException exception = Assert.Throws<ArgumentException>(() => new InMemoryUserStore(4096).Add("alice", ScramHash.Sha256, keys));

        Assert.Contains($"{iterations} iterations and a salt of {saltLength} bytes", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Store_WithASecret_ShowsUnknownUsersTheSameSaltAfterARestart()
    {
        byte[] secret = [.. Enumerable.Range(0, 16).Select(static i => (byte)i)];

        ReadOnlyMemory<byte>[] salts =
        [
            await SaltAsync(new InMemoryUserStore(4096, secret: secret)),
            await SaltAsync(new InMemoryUserStore(4096, secret: secret)),
            await SaltAsync(new InMemoryUserStore(4096)),
        ];

        Assert.Equal(salts[0].ToArray(), salts[1].ToArray());
        Assert.NotEqual(salts[0].ToArray(), salts[2].ToArray());
        Assert.Throws<ArgumentException>(() => new InMemoryUserStore(secret: secret.AsMemory(1)));

        static async Task<ReadOnlyMemory<byte>> SaltAsync(ISaslUserStore store) => (await new UserKeys(store).FindAsync("nobody", ScramHash.Sha256, BoundedWaits.Stop)).Keys.Salt;
    }

    [Fact]
    public void Store_BadArguments_AreRefused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new InMemoryUserStore(4095));
        Assert.Throws<ArgumentOutOfRangeException>(() => new InMemoryUserStore(1_000_001));
        Assert.Throws<ArgumentException>(() => new InMemoryUserStore(hashes: []));
        Assert.Throws<ArgumentException>(() => new InMemoryUserStore().Add("", "x"));
        Assert.Throws<ArgumentException>(() => new InMemoryUserStore().Add("x", ""));
        Assert.Throws<ArgumentException>(() => new InMemoryUserStore().Add("a\a", "x"));
        Assert.Throws<ArgumentOutOfRangeException>(() => ScramKeys.FromPassword("x", ScramHash.Sha1, 1));
        Assert.Throws<ArgumentException>(() => ScramKeys.ForUnknownUser("short"u8, "x", ScramHash.Sha1, 4096));
        ArgumentException exception = Assert.Throws<ArgumentException>(() => new InMemoryUserStore().Add("alice", "pen\acil"));
        Assert.DoesNotContain("cil", exception.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void FromPassword_SamePassword_GivesOtherKeysEachTime()
    {
        ScramKeys one = ScramKeys.FromPassword("secret", ScramHash.Sha512, 4096);
        ScramKeys two = ScramKeys.FromPassword("secret", ScramHash.Sha512, 4096);

        Assert.NotEqual(one.Salt.ToArray(), two.Salt.ToArray());
        Assert.NotEqual(one.StoredKey.ToArray(), two.StoredKey.ToArray());
    }

    [Fact]
    public void ToString_OfEverythingWithSecrets_SaysNothing()
    {
        var credentials = new SaslCredentials { User = "alice", Password = "secret", Token = "t0ken" };

        Assert.Equal("(credentials)", credentials.ToString());
        Assert.Equal("(keys)", ScramKeys.FromPassword("secret", ScramHash.Sha1, 4096).ToString());
        Assert.Equal("(users)", new InMemoryUserStore().ToString());
        Assert.Equal("(challenge)", SaslServerStep.Challenge("secret"u8.ToArray()).ToString());
        Assert.Equal("(success)", SaslServerStep.Success("alice", "secret"u8.ToArray()).ToString());
        Assert.Equal("(refused)", SaslServerStep.Refused("why").ToString());
    }
}
