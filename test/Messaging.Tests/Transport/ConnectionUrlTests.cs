using CsCheck;

namespace Messaging.Tests.Transport;

public sealed class ConnectionUrlTests
{
    [Theory]
    [InlineData("amqps://example.com", "amqps", "example.com", 5671)]
    [InlineData("amqps://example.net:56720", "amqps", "example.net", 56720)]
    [InlineData("amqp://127.0.0.1", "amqp", "127.0.0.1", 5672)]
    [InlineData("amqp://[::1]:2000", "amqp", "::1", 2000)]
    [InlineData("amqp://[FE80::1%25eth0]", "amqp", "fe80::1%eth0", 5672)]
    [InlineData("amqp://", "amqp", "localhost", 5672)]
    [InlineData("amqp://:2000", "amqp", "localhost", 2000)]
    [InlineData("amqp:///queue", "amqp", "localhost", 5672)]
    [InlineData("AMQP://EXAMPLE.com", "amqp", "example.com", 5672)]
    [InlineData("localhost", "amqp", "localhost", 5672)]
    [InlineData("localhost:5672", "amqp", "localhost", 5672)]
    [InlineData("0.0.0.0", "amqp", "0.0.0.0", 5672)]
    [InlineData("[::]:0", "amqp", "::", 0)]
    [InlineData("amqp:5673", "amqp", "amqp", 5673)]
    [InlineData("amqp://my_host-1.local:65535", "amqp", "my_host-1.local", 65535)]
    [InlineData("ws://example.com", "ws", "example.com", 80)]
    [InlineData("wss://example.com", "wss", "example.com", 443)]
    [InlineData("inproc://Name", "inproc", "name", 0)]
    public void Parse_WellFormed_GivesSchemeHostAndPort(string text, string scheme, string host, int port)
    {
        ConnectionUrl url = ConnectionUrl.Parse(text);

        Assert.Equal((scheme, host, port), (url.Scheme, url.Host, url.Port));
    }

    [Theory]
    [InlineData("amqp://host", null, null, null)]
    [InlineData("amqp://host/", null, null, null)]
    [InlineData("amqp://host/queue", null, null, "queue")]
    [InlineData("amqp://host/a/b%20c%2Fd", null, null, "a/b c/d")]
    [InlineData("amqp://host//queue", null, null, "/queue")]
    [InlineData("amqp://host/user@example", null, null, "user@example")]
    [InlineData("amqp://alice@host", "alice", null, null)]
    [InlineData("amqp://alice:@host", "alice", "", null)]
    [InlineData("amqp://alice:secret@host/queue", "alice", "secret", "queue")]
    [InlineData("alice:secret@host:1/queue", "alice", "secret", "queue")]
    [InlineData("alice:a%3A%2F%2Fb@host", "alice", "a://b", null)]
    [InlineData("amqp://al%40ice:s%3Ae%2Fc%25r%C3%A9t@host", "al@ice", "s:e/c%rét", null)]
    [InlineData("amqp://alice:s:e@c@host", "alice", "s:e@c", null)]
    [InlineData("inproc://alice:secret@name/queue", "alice", "secret", "queue")]
    public void Parse_UserPasswordPath_Decodes(string text, string? user, string? password, string? path)
    {
        ConnectionUrl url = ConnectionUrl.Parse(text);

        Assert.Equal((user, password, path), (url.User, url.Password, url.Path));
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData("  ", "empty")]
    [InlineData("http://host", "scheme is not known")]
    [InlineData("://host", "scheme is not known")]
    [InlineData("amqp://host:amqp", "names of ports")]
    [InlineData("amqp:localhost", "port is not a number")]
    [InlineData("amqp://host:", "port after ':' is missing")]
    [InlineData("amqp://host:65536", "port is not a number")]
    [InlineData("amqp://host:-1", "port is not a number")]
    [InlineData("amqp://host:+1", "port is not a number")]
    [InlineData("amqp://host: 1", "port is not a number")]
    [InlineData("amqp://host:99999999999999", "port is not a number")]
    [InlineData("amqp://::1", "brackets")]
    [InlineData("::1", "brackets")]
    [InlineData("amqp://a:b:c", "brackets")]
    [InlineData("amqp://[::1", "closing bracket")]
    [InlineData("amqp://[::1]2000", "closing bracket")]
    [InlineData("amqp://[127.0.0.1]", "not an IPv6 address")]
    [InlineData("amqp://[]", "not an IPv6 address")]
    [InlineData("amqp://[host]:1", "not an IPv6 address")]
    [InlineData("amqp://ho st", "character")]
    [InlineData("amqp://host\n", "character")]
    [InlineData("amqp://bücher.example", "punycode")]
    [InlineData("amqp://ho%73t", "not percent-decoded")]
    [InlineData("amqp://host?x=1", "query")]
    [InlineData("amqp://host/queue#part", "fragment")]
    [InlineData("amqp://@host", "user name")]
    [InlineData("amqp://:secret@host", "user name")]
    [InlineData("amqp://al%4@host", "hexadecimal")]
    [InlineData("amqp://alice:se%zzcret@host", "hexadecimal")]
    [InlineData("amqp://alice:secret%FF@host", "UTF-8")]
    [InlineData("amqp://host/%", "hexadecimal")]
    [InlineData("amqp://host/%C3", "UTF-8")]
    [InlineData("inproc://", "needs a name")]
    [InlineData("inproc://name:1", "no port")]
    public void Parse_Malformed_SaysWhatIsWrong(string text, string expected)
    {
        FormatException error = Assert.Throws<FormatException>(() => ConnectionUrl.Parse(text));

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.False(ConnectionUrl.TryParse(text, out _));
    }

    [Theory]
    [InlineData("amqp://alice:t0ps3cret@host:port")]
    [InlineData("amqp://alice:t0ps3cret@ho st")]
    [InlineData("amqp://alice:t0ps3cret")]
    [InlineData("amqp://alice:t0ps3cret/x@host")]
    [InlineData("amqp://alice:t0ps3cret?@host")]
    [InlineData("amqp://alice:t0ps3cret%@host")]
    [InlineData("amqp://alice:t0ps3cret#@host:5672")]
    [InlineData("amqp://[alice:t0ps3cret")]
    [InlineData("http://alice:t0ps3cret@host")]
    [InlineData("alice:t0ps3cret://x@host")]
    [InlineData("amqp:alice:t0ps3cret@host:x")]
    public void Parse_MalformedWithPassword_NeverShowsIt(string text)
    {
        FormatException error = Assert.Throws<FormatException>(() => ConnectionUrl.Parse(text));

        Assert.DoesNotContain("t0ps3cret", error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("amqp://alice:secret@host/path", "amqp://alice:***@host:5672/path")]
    [InlineData("amqp://al%40ice@host", "amqp://al%40ice@host:5672")]
    [InlineData("amqp://alice:@[::1]:2000", "amqp://alice:***@[::1]:2000")]
    [InlineData("Example.COM", "amqp://example.com:5672")]
    [InlineData("amqp://host/a/b%20%3F", "amqp://host:5672/a/b%20%3F")]
    [InlineData("inproc://name/queue", "inproc://name/queue")]
    public void ToString_Any_HidesThePassword(string text, string expected)
    {
        string printed = ConnectionUrl.Parse(text).ToString();

        Assert.Equal(expected, printed);
    }

    [Fact]
    public void Parse_Null_Throws() => Assert.Throws<ArgumentNullException>(() => ConnectionUrl.Parse(null!));

    [Fact]
    public void TryParse_Null_IsFalse() => Assert.False(ConnectionUrl.TryParse(null, out _));

    [Fact]
    public void Equals_SameParts_IsTrue() => Assert.Equal(ConnectionUrl.Parse("LOCALHOST"), ConnectionUrl.Parse("amqp://localhost:5672"));

    [Fact]
    public void Parse_AnyText_NeverThrowsAnythingElse() =>
        Gen.String[Gen.Char["amqps:/@[]%?#.0:1 é\0\ud800"], 0, 24].Sample(text =>
        {
            if (!ConnectionUrl.TryParse(text, out ConnectionUrl? url)) return;

            Assert.InRange(url.Port, 0, 65535);
            ConnectionUrl again = ConnectionUrl.Parse(url.ToString()); // what is printed reads back as the same place
            Assert.Equal((url.Scheme, url.Host, url.Port, url.User, url.Path), (again.Scheme, again.Host, again.Port, again.User, again.Path));
        });
}
