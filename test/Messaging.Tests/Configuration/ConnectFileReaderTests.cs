using System.Text;
using CsCheck;
using Messaging.Configuration;

namespace Messaging.Tests.Configuration;

/// <summary>What stands in connect.json, and what it becomes.</summary>
public sealed class ConnectFileReaderTests
{
    private const string FileName = "/somewhere/connect.json";

    [Fact]
    public void Read_EmptyObject_GivesTheTablesDefaults()
    {
        ConnectionOptions options = Read("{}");

        Assert.Equal("amqps://localhost:5671", options.Url);
        Assert.Null(options.User);
        Assert.Null(options.Password);
        Assert.True(options.SaslEnabled);
        Assert.Null(options.AllowedMechanisms);
        Assert.False(options.AllowInsecureMechanisms);
        Assert.Null(options.Tls);
        Assert.True(new TlsOptions().Verify);
    }

    [Fact]
    public void Read_GuideSimple_SetsHostAndLogin()
    {
        ConnectionOptions options = Read(ConnectFileExamples.GuideSimple);

        Assert.Equal(("amqps://example.com", "alice", "secret"), (options.Url, options.User, options.Password));
        Assert.Equal(5671, ConnectionUrl.Parse(options.Url).Port);
    }

    [Fact]
    public void Read_GuideFull_SetsMechanismsAndCertificate()
    {
        ConnectionOptions options = Read(ConnectFileExamples.GuideFull);

        Assert.Equal(["SCRAM-SHA-1", "SCRAM-SHA-256"], options.AllowedMechanisms!);
        Assert.Equal(("/home/ortega/cert.pem", "/home/ortega/key.pem"), (options.Tls!.Certificate, options.Tls.Key));
        Assert.True(options.Tls.Verify);
    }

    [Fact]
    public void Read_EveryKey_SetsEveryOption()
    {
        ConnectionOptions options = Read(ConnectFileExamples.EveryKey);

        Assert.Equal(("amqps://[::1]:5672", "alice", "secret"), (options.Url, options.User, options.Password));
        Assert.False(options.SaslEnabled);
        Assert.Equal(["PLAIN", "SCRAM-SHA-1"], options.AllowedMechanisms!);
        Assert.True(options.AllowInsecureMechanisms);
        TlsOptions tls = options.Tls!;
        Assert.Equal(("c.pem", "k.pem", "sesame", "/etc/ssl/certs", false), (tls.Certificate, tls.Key, tls.KeyPassword, tls.Ca, tls.Verify));
        Assert.Equal(("orders", "v", false), (options.ContainerId, options.VirtualHost, options.Reconnect));
        Assert.Equal((TimeSpan.FromSeconds(5), Timeout.InfiniteTimeSpan), (options.ConnectTimeout, options.OperationTimeout));
        Assert.Equal((TimeSpan.FromMinutes(1), TimeSpan.FromSeconds(86400.5)), (options.IdleTimeout, options.WriteTimeout));
        Assert.Equal((4096, 7), (options.MaxFrameSize, options.ChannelMax));
        _ = options.Freeze();
    }

    [Theory]
    [InlineData("""{ "url": "amqp://a:1/q" }""", "amqp://a:1/q")]
    [InlineData("""{ "scheme": "amqp" }""", "amqp://localhost")]
    [InlineData("""{ "scheme": "amqp", "host": "Example.COM", "port": 5000 }""", "amqp://Example.COM:5000")]
    [InlineData("""{ "port": "5000" }""", "amqps://localhost:5000")]
    [InlineData("""{ "port": "amqp" }""", "amqps://localhost:5672")]
    [InlineData("""{ "host": "::1", "port": "amqps" }""", "amqps://[::1]:5671")]
    [InlineData("""{ "host": "[fe80::1%eth0]" }""", "amqps://[fe80::1%eth0]")]
    [InlineData("""{ "user": "alice" }""", "amqps://localhost:5671")]
    public void Read_PartsOfTheUrl_AreJoined(string json, string url) => Assert.Equal(url, Read(json).Url);

    [Theory]
    [MemberData(nameof(ConnectFileExamples.Valid), MemberType = typeof(ConnectFileExamples))]
    public void Read_Valid_GivesOptionsThatAreInRange(string json) => Assert.NotNull(Read(json).Freeze());

    [Theory]
    [InlineData("\uFEFF{ \"host\": \"a\" }")]
    [InlineData("// first\n{ /* \"host\": \"b\", \n */ \"host\": /**/ \"a\" // last\n }\n// end")]
    public void Read_MarkAndComments_AreSkipped(string json) => Assert.Equal("amqps://a", Read(json).Url);

    [Fact]
    public void Read_CommentsInTexts_AreText() => Assert.Equal("a//b/*c*/", Read("""{ "password": "a//b/*c*/" }""").Password);

    [Theory]
    [MemberData(nameof(ConnectFileExamples.Wrong), MemberType = typeof(ConnectFileExamples))]
    [MemberData(nameof(ConnectFileExamples.WrongForTheReaderOnly), MemberType = typeof(ConnectFileExamples))]
    public void Read_Wrong_NamesFileLineAndKey(string json, int line, string expected)
    {
        FormatException exception = Assert.Throws<FormatException>(() => Read(json));

        Assert.StartsWith($"The file '{FileName}', line {line}: ", exception.Message, StringComparison.Ordinal);
        Assert.Contains(expected, exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(ConnectFileExamples.Contradictory), MemberType = typeof(ConnectFileExamples))]
    public void Read_Contradictory_NamesTheKeys(string json, string one, string other)
    {
        FormatException exception = Assert.Throws<FormatException>(() => Read(json));

        Assert.Contains($"'{FileName}'", exception.Message, StringComparison.Ordinal);
        Assert.Contains(one, exception.Message, StringComparison.Ordinal);
        Assert.Contains(other, exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{ \"password\": t0ps3cret }")]
    [InlineData("{ \"password\": truet0ps3cret }")]
    [InlineData("{ \"password\": \"t0ps3cret }")]
    [InlineData("{ \"password\": \"t0ps3cret\" \"user\": \"a\" }")]
    [InlineData("{ \"password\": \"t0ps3cret\\q\" }")]
    [InlineData("{ \"password\": \"t0ps3cret\\ud800\" }")]
    [InlineData("{ \"password\": \"t0ps3cret\", \"password\": \"t0ps3cret\" }")]
    [InlineData("{ \"password\": [\"t0ps3cret\"] }")]
    [InlineData("{ \"password\": { \"t0ps3cret\": true } }")]
    [InlineData("{ \"password\": \"t0ps3cret\", \"port\": 0 }")]
    [InlineData("{ \"password\": \"t0ps3cret\", \"url\": \"amqp://a:t0ps3cret@b\", \"host\": \"c\" }")]
    [InlineData("{ \"tls\": { \"key_password\": \"t0ps3cret\", \"key_password\": \"t0ps3cret\" } }")]
    [InlineData("{ \"url\": \"amqp://alice:t0ps3cret@host:x\" }")]
    [InlineData("{ \"url\": \"amqp://alice:t0ps3cret@host:0\" }")]
    [InlineData("{ \"host\": \"alice:t0ps3cret@host\" }")]
    [InlineData("{ \"port\": \"t0ps3cret\" }")]
    [InlineData("{ \"sasl\": { \"mechanisms\": \"t0ps3cret\" } }")]
    [InlineData("{ \"connectTimeout\": \"t0ps3cret\" }")]
    public void Read_WrongWithPassword_NeverShowsIt(string json)
    {
        FormatException exception = Assert.Throws<FormatException>(() => Read(json));

        Assert.DoesNotContain("t0ps3cret", exception.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Read_InvalidUtf8_IsNotJson()
    {
        FormatException exception = Assert.Throws<FormatException>(() => ConnectFileReader.Read(FileName, [.. "{ \"user\": \""u8, 0xFF, .. "\" }"u8]));

        Assert.Contains("line 1", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_LongUnknownKey_IsShownShortened()
    {
        FormatException exception = Assert.Throws<FormatException>(() => Read($$"""{ "{{new string('k', 5000)}}": 1 }"""));

        Assert.True(exception.Message.Length < 1000);
    }

    [Fact]
    public void Read_AnyText_NeverThrowsAnythingElse()
    {
        string[] pieces = ["{", "}", "[", "]", ",", ":", "\"", "\"host\"", "\"sasl\"", "\"mechanisms\"", "\"port\"", "\"tls\"", "1", "true", "null", "//", "/*", "*/", "\n", "\\", " ", "\ud83d\ude00"];
        Gen.OneOf([.. pieces.Select(Gen.Const)]).Array[0, 16].Sample(parts =>
        {
            try
            {
                _ = Read(string.Concat(parts)).Freeze();
            }
            catch (FormatException exception)
            {
                Assert.Contains(FileName, exception.Message, StringComparison.Ordinal);
            }
        });
    }

    private static ConnectionOptions Read(string json) => ConnectFileReader.Read(FileName, Encoding.UTF8.GetBytes(json));
}
