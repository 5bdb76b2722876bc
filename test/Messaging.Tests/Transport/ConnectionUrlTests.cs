using CsCheck;

namespace Messaging.Tests.Transport;

public sealed class ConnectionUrlTests
{
    [Theory]
    [InlineData("amqps://example.com", "amqps", "example.com", 5671)]
    [InlineData("amqps://example.net:56720", "amqps", "example.net", 56720)]
    [InlineData("amqp://127.0.0.1", "amqp", "127.0.0.1", 5672)]
    [InlineData("amqp://[::1]:2000", "amqp", "::1", 2000)]
    [InlineData("amqp://[FE80::1%25Eth0]", "amqp", "fe80::1%Eth0", 5672)]
    [InlineData("amqp://[fe80::1%2]:1", "amqp", "fe80::1%2", 1)]
    [InlineData("amqps://[::ffff:127.0.0.1]", "amqps", "::ffff:127.0.0.1", 5671)]
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
    [InlineData("amqp://alice@example.org:secret@host", "alice@example.org", "secret", null)]
    [InlineData("amqp://alice:%20se%20cret%0A@host/q%20%09", "alice", " se cret\n", "q \t")]
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
    [InlineData("AMQPX://host", "scheme is not known")]
    [InlineData("tcp+amqp://host", "scheme is not known")]
    [InlineData("://host", "scheme is not known")]
    [InlineData("amqp://host:amqp", "names of ports")]
    [InlineData("amqp:localhost", "port is not a number")]
    [InlineData("amqp://host:", "port after ':' is missing")]
    [InlineData("amqp://host:65536", "port is not a number")]
    [InlineData("amqp://host:-1", "port is not a number")]
    [InlineData("amqp://host:+1", "port is not a number")]
    [InlineData("amqp://host: 1", "a space")]
    [InlineData("amqp://host:0x10", "port is not a number")]
    [InlineData("amqp://host:٣", "port is not a number")]
    [InlineData("amqp://host:amqps/queue", "names of ports")]
    [InlineData("amqp://alice:se/cret@host", "a '/' in there is written %2F")]
    [InlineData("amqp://:secret/x@host", "a '/' in there is written %2F")]
    [InlineData("amqp://host:99999999999999", "port is not a number")]
    [InlineData("amqp://::1", "brackets")]
    [InlineData("::1", "brackets")]
    [InlineData("amqp://a:b:c", "brackets")]
    [InlineData("amqp://[::1", "closing bracket")]
    [InlineData("amqp://[::1]2000", "closing bracket")]
    [InlineData("amqp://[127.0.0.1]", "not an IPv6 address")]
    [InlineData("amqp://[]", "not an IPv6 address")]
    [InlineData("amqp://[::1%]", "not an IPv6 address")]
    [InlineData("amqp://[::1%a/b]", "closing bracket")]
    [InlineData("amqp://[::1]]", "closing bracket")]
    [InlineData("amqp://[[::1]]", "not an IPv6 address")]
    [InlineData("amqp://[1::2::3]", "not an IPv6 address")]
    [InlineData("amqp://[host]:1", "not an IPv6 address")]
    [InlineData("amqp://ho st", "a space")]
    [InlineData(" amqp://host", "a space")]
    [InlineData("amqp://host/a b", "a space as %20")]
    [InlineData("amqp://al\u00A0ice@host", "a space")]
    [InlineData("amqp://host\n", "control character")]
    [InlineData("amqp://alice:se\0cret@host", "control character")]
    [InlineData("amqp://host/\u007F", "control character")]
    [InlineData("amqp://alice:se%00cret@host", "%00")]
    [InlineData("amqp://al%00ice@host", "%00")]
    [InlineData("amqp://host/%00", "%00")]
    [InlineData("amqp://ho;st", "character that no host name has")]
    [InlineData("amqp://ho\\st", "character that no host name has")]
    [InlineData("amqp://bücher.example", "punycode")]
    [InlineData("amqp://ho%73t", "not percent-decoded")]
    [InlineData("amqp://host?x=1", "it has a query ('?'")]
    [InlineData("amqp://host/queue?x#y", "it has a query ('?'")]
    [InlineData("amqp://host/queue#part", "it has a fragment ('#'")]
    [InlineData("amqp://host#x?y", "it has a fragment ('#'")]
    [InlineData("amqp://@host", "user name")]
    [InlineData("amqp://:secret@host", "user name")]
    [InlineData("amqp://@", "user name")]
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

    [Theory]
    [InlineData("amqps://alice:secret@host:1/queue")]
    [InlineData("amqp://alice:secret@other:1/queue")]
    [InlineData("amqp://alice:secret@host:2/queue")]
    [InlineData("amqp://Alice:secret@host:1/queue")]
    [InlineData("amqp://alice:Secret@host:1/queue")]
    [InlineData("amqp://alice:secret@host:1/Queue")]
    public void Equals_OnePartDiffers_IsFalse(string other)
    {
        ConnectionUrl url = ConnectionUrl.Parse("amqp://alice:secret@host:1/queue");

        Assert.True(url != ConnectionUrl.Parse(other));
        Assert.True(url == ConnectionUrl.Parse("alice:secret@HOST:1/queue"));
    }

    [Fact]
    public void Default_IsTheServerOnThisMachine()
    {
        ConnectionUrl url = default;

        Assert.Equal(("amqp", "localhost", 5672), (url.Scheme, url.Host, url.Port));
        Assert.Equal((null, null, null), (url.User, url.Password, url.Path));
        Assert.Equal("amqp://localhost:5672", url.ToString());
        Assert.Equal(ConnectionUrl.Parse("amqp://localhost"), url);
        Assert.Equal(ConnectionUrl.Parse("amqp://localhost").GetHashCode(), url.GetHashCode());
    }

    [Fact]
    public void Parse_WhatIsWrittenFromParts_GivesTheParts() =>
        Parts.Sample(parts =>
        {
            ConnectionUrl url = ConnectionUrl.Parse(Write(parts));

            Assert.Equal(parts, url);
            Assert.Equal(parts.GetHashCode(), url.GetHashCode());
        });

    [Fact]
    public void ToString_AnyPassword_IsNotInIt() =>
        Parts.Where(parts => parts.Password?.Length > 5).Sample(parts =>
        {
            string printed = parts.ToString();

            Assert.DoesNotContain(parts.Password!, printed, StringComparison.Ordinal);
            Assert.DoesNotContain(Uri.EscapeDataString(parts.Password!), printed, StringComparison.Ordinal);
            Assert.Contains(":***@", printed, StringComparison.Ordinal);
        });

    [Fact]
    public void Parse_AnyText_NeverThrowsAnythingElse() =>
        Gen.String[Gen.Char["amqps:/@[]%?#.0:1 é\0\ud800"], 0, 24].Sample(text =>
        {
            if (!ConnectionUrl.TryParse(text, out ConnectionUrl url))
            {
                Assert.Equal(default, url);
                return;
            }

            Assert.InRange(url.Port, 0, 65535);
            ConnectionUrl again = ConnectionUrl.Parse(url.ToString()); // what is printed reads back as the same place
            Assert.Equal((url.Scheme, url.Host, url.Port, url.User, url.Path), (again.Scheme, again.Host, again.Port, again.User, again.Path));
        });

    private static readonly Gen<string> AnyText = Gen.String[Gen.OneOf(Gen.Char['\u0001', '\uD7FF'], Gen.Char["@:/?#%[] .&=+"]), 1, 20];

    private static readonly Gen<ConnectionUrl> Parts =
        from scheme in Gen.OneOf("amqp", "amqps", "ws", "wss")
        from host in Gen.OneOf("localhost", "example.net", "127.0.0.1", "::1", "fe80::1%Eth0")
        from port in Gen.Int[0, 65535]
        from user in AnyText.Null()
        from password in AnyText.Null()
        from path in AnyText.Null()
        select new ConnectionUrl(scheme, host, port, user, user is null ? null : password, path);

    /// <summary>Writes a URL with its password, which the product never does.</summary>
    private static string Write(ConnectionUrl url)
    {
        string login = url.User is null ? "" : Uri.EscapeDataString(url.User) + (url.Password is null ? "@" : $":{Uri.EscapeDataString(url.Password)}@");
        string host = url.Host.Contains(':', StringComparison.Ordinal) ? $"[{url.Host}]" : url.Host;
        return $"{url.Scheme}://{login}{host}:{url.Port}" + (url.Path is null ? "" : $"/{Uri.EscapeDataString(url.Path)}");
    }
}
