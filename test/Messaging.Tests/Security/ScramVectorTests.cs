using Messaging.Security.Mechanisms;

namespace Messaging.Tests.Security;

/// <summary>The example exchanges of RFC 5802, 5 and RFC 7677, 3, both sides to the byte.</summary>
public sealed class ScramVectorTests
{
    /// <remarks>
    /// SHA-512 has no example in an RFC. Its proof and signature were computed apart from this code, with Python's hashlib:
    /// <code>
    /// sp = pbkdf2_hmac("sha512", b"pencil", b64decode(salt), 4096); H = lambda k, d: hmac.new(k, d, "sha512").digest()
    /// ck = H(sp, b"Client Key"); am = b"n=user,r=…" + b"," + server_first + b"," + without_proof
    /// proof = xor(ck, H(sha512(ck), am)); signature = H(H(sp, b"Server Key"), am)
    /// </code>
    /// The same lines with "sha1" and "sha256" give the values of the two RFCs.
    /// </remarks>
    public static TheoryData<ScramHash, string, string, string, string, string> Vectors => new()
    {
        {
            ScramHash.Sha1, "fyko+d2lbbFgONRv9qkxdawL", "3rfcNHYJY1ZVvWVs7j", "QSXCR+Q6sek8bf92",
            "v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=", "rmF9pqV8S7suAoZWja4dJRkFsKQ="
        },
        {
            ScramHash.Sha256, "rOprNGfwEbeRWgbNEkqO", "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0", "W22ZaJ0SNY7soEsUEjb6gQ==",
            "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=", "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="
        },
        {
            ScramHash.Sha512, "rOprNGfwEbeRWgbNEkqO", "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0", "W22ZaJ0SNY7soEsUEjb6gQ==",
            "gMGXRcevScNtxZ6/8lQYpGtnsNAc3mGcmNomv+xnoOMw+3R2xNJdMNnzMlTN8PPC6wdp6dybEmDYXYTxwnYPJQ==",
            "ZQnYEgWQMFmmsM8aQMF0nDDCy/AgCzkwk8CmMZYcMg0vSVlKDanekLtifDSeVGT4+5ZxXnJq199RVG2rR7N7Zw=="
        },
    };

    [Theory]
    [MemberData(nameof(Vectors))]
    public async Task Client_ExampleExchange_SaysTheSame(ScramHash hash, string clientNonce, string serverNonce, string salt, string proof, string signature)
    {
        using ISaslClientExchange exchange = new ScramClient(hash, isPlus: false, () => clientNonce).Start(SaslDialog.Client());

        Assert.Equal($"n,,n=user,r={clientNonce}", await exchange.StartAsync());
        Assert.Equal($"c=biws,r={clientNonce}{serverNonce},p={proof}", await exchange.RespondAsync($"r={clientNonce}{serverNonce},s={salt},i=4096"));
        Assert.Equal("", await exchange.RespondAsync("v=" + signature));
        exchange.Complete("");
    }

    [Theory]
    [MemberData(nameof(Vectors))]
    public async Task Server_ExampleExchange_SaysTheSame(ScramHash hash, string clientNonce, string serverNonce, string salt, string proof, string signature)
    {
        byte[] salted = Scram.Salt(hash, "pencil"u8, Convert.FromBase64String(salt), 4096);
        var keys = new ScramKeys
        {
            Salt = Convert.FromBase64String(salt),
            Iterations = 4096,
            StoredKey = Scram.Hash(hash, Scram.ClientKey(hash, salted)),
            ServerKey = Scram.ServerKey(hash, salted),
        };
        using ISaslServerExchange exchange = new ScramServer(new UserKeys(new OneUser(keys)), hash, isPlus: false, () => serverNonce).Start(SaslDialog.Server());

        Assert.Equal($"+r={clientNonce}{serverNonce},s={salt},i=4096", await exchange.StepAsync($"n,,n=user,r={clientNonce}"));
        Assert.Equal($"= user v={signature}", await exchange.StepAsync($"c=biws,r={clientNonce}{serverNonce},p={proof}"));
    }

    /// <summary>With a channel binding: the lines above in Python, with <c>c=</c> the base 64 of <c>p=tls-server-end-point,,</c> and the 32 bytes 0 to 31.</summary>
    [Fact]
    public async Task Client_BoundToTheChannel_SaysTheSameAsPython()
    {
        using ISaslClientExchange exchange = new ScramClient(ScramHash.Sha256, isPlus: true, () => "rOprNGfwEbeRWgbNEkqO").Start(SaslDialog.Client(binding: SaslDialog.Binding));

        Assert.Equal("p=tls-server-end-point,,n=user,r=rOprNGfwEbeRWgbNEkqO", await exchange.StartAsync());
        Assert.Equal(
            "c=cD10bHMtc2VydmVyLWVuZC1wb2ludCwsAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=nY1Wus9a+gM2DrbQ1msXFgyhW6KM5ktOxWiU+/P/EGY=",
            await exchange.RespondAsync("r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"));
        Assert.Equal("", await exchange.RespondAsync("v=RwppMGddhz/J0lFYaRReBjXcQeNUFP5Qc76Lo5Exrig="));
        exchange.Complete("");
    }
}
