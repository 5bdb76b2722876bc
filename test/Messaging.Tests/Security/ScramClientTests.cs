using Messaging.Security.Mechanisms;
using Messaging.Tests.Support;

namespace Messaging.Tests.Security;

/// <summary>What a server, or somebody in its place, may try on a client.</summary>
public sealed class ScramClientTests
{
    private const string Nonce = "rOprNGfwEbeRWgbNEkqO";
    private const string First = "r=" + Nonce + "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
    private const string Right = "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";
    private const string Wrong = "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G5=";

    [Theory]
    [InlineData("r=short,s=W22Z,i=4096", SaslFailure.ServerNotAuthentic, "nonce")]
    [InlineData("r=" + Nonce + ",s=W22Z,i=4096", SaslFailure.ServerNotAuthentic, "nonce")] // not longer than ours
    [InlineData("r=X" + Nonce + "more,s=W22Z,i=4096", SaslFailure.ServerNotAuthentic, "nonce")]
    [InlineData("r=rOprNGfwEbeRWgbNEkqPmore,s=W22Z,i=4096", SaslFailure.ServerNotAuthentic, "nonce")]
    [InlineData("r=" + Nonce + "mo re,s=W22Z,i=4096", SaslFailure.ServerNotAuthentic, "nonce")]
    [InlineData("r=" + Nonce + "more,s=W22Z,i=100000000", SaslFailure.ProtocolViolation, "100000000")]
    [InlineData("r=" + Nonce + "more,s=W22Z,i=1000001", SaslFailure.ProtocolViolation, "1000001")]
    [InlineData("r=" + Nonce + "more,s=W22Z,i=99999999999999999999", SaslFailure.ProtocolViolation, "iterations")]
    [InlineData("r=" + Nonce + "more,s=W22Z,i=4095", SaslFailure.ProtocolViolation, "4095")]
    [InlineData("r=" + Nonce + "more,s=W22Z,i=1", SaslFailure.ProtocolViolation, "easy to guess")]
    [InlineData("r=" + Nonce + "more,s=W22Z,i=0", SaslFailure.ProtocolViolation, "iterations")]
    [InlineData("r=" + Nonce + "more,s=W22Z,i=-5000", SaslFailure.ProtocolViolation, "iterations")]
    [InlineData("r=" + Nonce + "more,s=W22Z,i=05000", SaslFailure.ProtocolViolation, "iterations")]
    [InlineData("r=" + Nonce + "more,s=W22Z,i=", SaslFailure.ProtocolViolation, "form")]
    [InlineData("r=" + Nonce + "more,s=,i=4096", SaslFailure.ProtocolViolation, "form")]
    [InlineData("r=" + Nonce + "more,s=W2 2Z,i=4096", SaslFailure.ProtocolViolation, "salt")]
    [InlineData("r=" + Nonce + "more,s=W22,i=4096", SaslFailure.ProtocolViolation, "salt")]
    [InlineData("r=" + Nonce + "more,s=W2Z=,i=4096", SaslFailure.ProtocolViolation, "salt")] // stray bits
    [InlineData("s=W22Z,r=" + Nonce + "more,i=4096", SaslFailure.ProtocolViolation, "form")]
    [InlineData("r=" + Nonce + "more,i=4096,s=W22Z", SaslFailure.ProtocolViolation, "form")]
    [InlineData("r=" + Nonce + "more,s=W22Z,i=4096,", SaslFailure.ProtocolViolation, "form")]
    [InlineData("r=" + Nonce + "more,s=W22Z,i=4096,junk", SaslFailure.ProtocolViolation, "form")]
    [InlineData("m=new,r=" + Nonce + "more,s=W22Z,i=4096", SaslFailure.ProtocolViolation, "extension")]
    [InlineData("", SaslFailure.ProtocolViolation, "form")]
    [InlineData(Right, SaslFailure.ProtocolViolation, "form")]
    [InlineData("e=invalid-proof", SaslFailure.CredentialsRefused, "invalid-proof")]
    [InlineData("e=unknown-user", SaslFailure.CredentialsRefused, "unknown-user")]
    [InlineData("e=no-resources", SaslFailure.ServerUnavailable, "no-resources")]
    [InlineData("e=server-does-support-channel-binding", SaslFailure.ServerNotAuthentic, "channel-binding")]
    [InlineData("e=other-error", SaslFailure.ServerFault, "other-error")]
    public async Task Respond_FirstMessageWrong_IsRefused(string message, SaslFailure failure, string says)
    {
        using ISaslClientExchange exchange = await BeginAsync();

        SaslException exception = await Assert.ThrowsAsync<SaslException>(() => exchange.RespondAsync(message));

        Assert.Equal(failure, exception.Failure);
        Assert.Equal(failure == SaslFailure.ServerUnavailable, exception.IsTransient);
        Assert.Contains(says, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Respond_OptionalExtension_IsIgnored()
    {
        using ISaslClientExchange exchange = await BeginAsync();

        Assert.StartsWith("c=biws,", await exchange.RespondAsync(First + ",x=whatever"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Respond_BytesThatAreNotUtf8_AreRefused()
    {
        using ISaslClientExchange exchange = await BeginAsync();

        SaslException exception = await Assert.ThrowsAsync<SaslException>(async () => await exchange.RespondAsync(new byte[] { 0xC3, 0x28 }, BoundedWaits.Stop));

        Assert.Equal(SaslFailure.ProtocolViolation, exception.Failure);
    }

    [Theory]
    [InlineData(Wrong, SaslFailure.ProtocolViolation)] // stray bits: not the one way to write it
    [InlineData("v=7rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=", SaslFailure.ServerNotAuthentic)]
    [InlineData("v=6rri", SaslFailure.ServerNotAuthentic)]
    [InlineData("v=", SaslFailure.ProtocolViolation)]
    [InlineData("x=1", SaslFailure.ProtocolViolation)]
    [InlineData("", SaslFailure.ProtocolViolation)]
    [InlineData("e=invalid-proof", SaslFailure.CredentialsRefused)]
    public async Task Respond_SignatureWrong_IsRefused(string message, SaslFailure failure)
    {
        using ISaslClientExchange exchange = await BeginAsync();
        await exchange.RespondAsync(First);

        SaslException exception = await Assert.ThrowsAsync<SaslException>(() => exchange.RespondAsync(message));

        Assert.Equal(failure, exception.Failure);
        Assert.Throws<SaslException>(() => exchange.Complete(""));
    }

    [Theory]
    [InlineData("", SaslFailure.ServerNotAuthentic)]
    [InlineData("v=7rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=", SaslFailure.ServerNotAuthentic)]
    [InlineData("ok", SaslFailure.ProtocolViolation)]
    public async Task Complete_SignatureMissingOrWrong_IsRefused(string additionalData, SaslFailure failure)
    {
        using ISaslClientExchange exchange = await BeginAsync();
        await exchange.RespondAsync(First);

        Assert.Equal(failure, Assert.Throws<SaslException>(() => exchange.Complete(additionalData)).Failure);
    }

    [Fact]
    public async Task Complete_SignatureInTheOutcome_IsTaken()
    {
        using ISaslClientExchange exchange = await BeginAsync();
        await exchange.RespondAsync(First);

        exchange.Complete(Right);
    }

    [Fact]
    public async Task Complete_BeforeTheProof_IsRefused()
    {
        using ISaslClientExchange exchange = await BeginAsync();

        Assert.Equal(SaslFailure.ServerNotAuthentic, Assert.Throws<SaslException>(() => exchange.Complete("")).Failure);
        Assert.Equal(SaslFailure.ServerNotAuthentic, Assert.Throws<SaslException>(() => exchange.Complete(Right)).Failure);
    }

    [Fact]
    public async Task Respond_AfterTheSignature_IsRefused()
    {
        using ISaslClientExchange exchange = await BeginAsync();
        await exchange.RespondAsync(First);
        await exchange.RespondAsync(Right);

        Assert.Equal(SaslFailure.ProtocolViolation, (await Assert.ThrowsAsync<SaslException>(() => exchange.RespondAsync(First))).Failure);
    }

    [Theory]
    [InlineData("a=b,c", "n=a=3Db=2Cc")]
    [InlineData("\u2168", "n=IX")] // prepared by SASLprep
    public async Task Start_UserName_IsEscapedAndPrepared(string user, string expected)
    {
        using ISaslClientExchange exchange = new ScramClient(ScramHash.Sha256, isPlus: false).Start(SaslDialog.Client(user));

        Assert.StartsWith($"n,,{expected},r=", await exchange.StartAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_Nonces_AreLongAndNeverTheSame()
    {
        var nonces = new HashSet<string>(StringComparer.Ordinal);
        for (int i = 0; i < 100; i++)
        {
            using ISaslClientExchange exchange = new ScramClient(ScramHash.Sha256, isPlus: false).Start(SaslDialog.Client());
            string nonce = (await exchange.StartAsync()).Split("r=")[1];
            Assert.True(nonce.Length >= 24);
            Assert.True(nonces.Add(nonce));
        }
    }

    [Theory]
    [InlineData(false, false, "SCRAM-SHA-256", "n,,")] // no TLS
    [InlineData(false, true, "SCRAM-SHA-256", "y,,")] // could bind, the server says that it cannot
    [InlineData(false, true, "SCRAM-SHA-256 SCRAM-SHA-256-PLUS", "n,,")] // the application does not want to
    [InlineData(true, true, "SCRAM-SHA-256 SCRAM-SHA-256-PLUS", "p=tls-server-end-point,,")]
    public async Task Start_ChannelBinding_IsFlagged(bool isPlus, bool hasBinding, string offered, string header)
    {
        using ISaslClientExchange exchange = new ScramClient(ScramHash.Sha256, isPlus)
            .Start(SaslDialog.Client(binding: hasBinding ? SaslDialog.Binding : null, offered: offered.Split(' ')));

        Assert.StartsWith(header, await exchange.StartAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, "user", "pencil", "TLS")]
    [InlineData(false, null, null, "user and a password")]
    [InlineData(false, "user", null, "user and a password")]
    [InlineData(false, "us\aer", "pencil", "user name")]
    [InlineData(false, "\u00AD", "pencil", "user name")] // prepared it is empty
    [InlineData(false, "user", "pen\acil", "password")]
    public void TryStart_SomethingMissing_SaysWhat(bool isPlus, string? user, string? password, string says)
    {
        Assert.Null(new ScramClient(ScramHash.Sha1, isPlus).TryStart(SaslDialog.Client(user, password), out string? problem));
        Assert.Contains(says, problem, StringComparison.Ordinal);
    }

    private static async Task<ISaslClientExchange> BeginAsync()
    {
        ISaslClientExchange exchange = new ScramClient(ScramHash.Sha256, isPlus: false, () => Nonce).Start(SaslDialog.Client());
        await exchange.StartAsync();
        return exchange;
    }
}
