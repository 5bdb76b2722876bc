using Messaging.Amqp;
using Messaging.Recovery;
using Messaging.Tests.Security;

namespace Messaging.Tests.Recovery;

/// <summary>Which servers are tried, with whose options: the configured, the learnt and those redirected to.</summary>
public class EndpointsTests
{
    private static readonly ConnectionOptions Root = new() { Url = "amqp://u:p@a.example:5672/orders", Failover = [new EndpointOptions { Url = "amqp://b.example", User = "bob", Password = "b-secret" }] };

    [Fact]
    public void Learn_ListOfArtemis_IsTriedAfterTheConfigured()
    {
        var endpoints = new Endpoints(Root);

        endpoints.Learn(Root, Properties(Server("c.example", 5673), Server("d.example", 5671, "amqps")));

        Assert.Equal("amqp://c.example:5673 amqps://d.example:5671", string.Join(' ', endpoints.Learnt.Select(server => server.Url)));
        Assert.All(endpoints.Learnt, server => Assert.Equal((null, null), (server.User, server.Password)));
    }

    [Fact]
    public void Learn_TheSameListAgain_IsKept()
    {
        var endpoints = new Endpoints(Root);

        endpoints.Learn(Root, Properties(Server("c.example", 5673)));
        endpoints.Learn(Root, Properties(Server("c.example", 5673)));

        Assert.Equal("amqp://c.example:5673", Assert.Single(endpoints.Learnt).Url);
    }

    [Fact]
    public void Learn_ConfiguredTwiceAndTooMany_IsBoundedAndWithoutDoubles()
    {
        var endpoints = new Endpoints(Root);

        endpoints.Learn(Root, Properties(Server("a.example", 5672), Server("c.example", 1), Server("c.example", 1)));
        Assert.Equal("amqp://c.example:1", Assert.Single(endpoints.Learnt).Url);

        endpoints.Learn(Root, Properties([.. Enumerable.Range(1, 1000).Select(port => Server("c.example", port))]));
        Assert.Equal(32, endpoints.Learnt.Length);
    }

    [Fact]
    public void Learn_Garbage_IsPassedOver()
    {
        var endpoints = new Endpoints(Root);

        endpoints.Learn(Root, Properties("text", null, 7, Server("", 1), Server("c", 0), Server("c", 70_000), Server("c", "x"), Server("u@c", 1), Server("c/path", 1), Server(new string('c', 300), 1), Server("c", 1, "file"), Server("c", 1, "wss")));
        Assert.Empty(endpoints.Learnt);

        endpoints.Learn(Root, new Dictionary<Symbol, object?> { ["failover-server-list"] = "no list" });
        Assert.Empty(endpoints.Learnt);
    }

    [Fact]
    public void Redirect_FromTlsToClearText_IsRefused()
    {
        var secure = new ConnectionOptions { Url = "amqps://a.example" };
        var endpoints = new Endpoints(secure);

        Assert.Null(endpoints.Redirect(secure, Error("b.example", "amqp")));
        Assert.Equal("amqps://b.example:5672", endpoints.Redirect(secure, Error("b.example"))?.Url);
    }

    [Fact]
    public void Redirect_FromAnEndpointWithItsOwnLogin_DoesNotTakeItAlong()
    {
        var endpoints = new Endpoints(Root);

        ConnectionOptions? target = endpoints.Redirect(endpoints.Configured[1], Error("evil.example"));

        Assert.Equal(("amqp://evil.example:5672", null, null), (target?.Url, target?.User, target?.Password));
    }

    [Fact]
    public void Redirect_OverTls_TheLoginOfTheConnectionGoesAlong()
    {
        ConnectionOptions options = WithLogin("amqps://a.example");

        ConnectionOptions? target = new Endpoints(options).Redirect(options, Error("b.example"));

        Assert.Equal(("alice", "pw", options.CredentialProvider, options.Cbs), (target?.User, target?.Password, target?.CredentialProvider, target?.Cbs));
        Assert.Single(target!.CustomMechanisms);
    }

    [Theory]
    [InlineData("amqp")]
    [InlineData("amqps")]
    public void Redirect_OnClearText_TakesNoLoginAlong(string scheme)
    {
        ConnectionOptions options = WithLogin("amqp://a.example");

        ConnectionOptions? target = new Endpoints(options).Redirect(options, Error("evil.example", scheme));

        AssertHasNoLogin(target);
    }

    [Theory]
    [InlineData("amqps://bob:b-secret@b.example", null)]
    [InlineData("amqps://b.example", "b-secret")] // the connection's user with another password
    public void Redirect_FromAnEndpointWithItsOwnLogin_DoesNotGetThatOfTheConnectionEither(string url, string? password)
    {
        ConnectionOptions options = WithLogin("amqps://a.example");
        options.CredentialProvider = null;
        options.Failover = [new EndpointOptions { Url = url, Password = password }];
        var endpoints = new Endpoints(options);

        ConnectionOptions? target = endpoints.Redirect(endpoints.Configured[1], Error("evil.example"));

        AssertHasNoLogin(target);
        Assert.True(target!.IsLoginMissing);
        endpoints.Learn(endpoints.Configured[1], Properties(Server("evil.example", 5671, "amqps")));
        AssertHasNoLogin(Assert.Single(endpoints.Learnt));
    }

    [Fact]
    public void Redirect_OverTlsThatIsNotVerified_TakesNoLoginAlong()
    {
        ConnectionOptions options = WithLogin("amqps://a.example");
        options.Tls = new TlsOptions { Verify = false };

        AssertHasNoLogin(new Endpoints(options).Redirect(options, Error("evil.example")));
    }

    [Theory]
    [InlineData("amqps://u:p@a.example", true)] // a URL's user goes nowhere
    [InlineData("amqp://u:p@a.example", true)]
    [InlineData("amqps://a.example", false)]
    [InlineData("amqp://a.example", false)] // there was none: nothing is missing
    public void Redirect_LoginOfTheUrl_IsMissingAtTheTarget(string url, bool isMissing)
    {
        var options = new ConnectionOptions { Url = url };

        Assert.Equal(isMissing, new Endpoints(options).Redirect(options, Error("b.example"))?.IsLoginMissing);
    }

    [Theory]
    [InlineData("amqps://u:p@a.example", null, null, true)] // the user of a URL goes nowhere else: nobody is anonymous there unawares
    [InlineData("amqps://u:p@a.example", "bob", null, false)]
    [InlineData("amqps://u:p@a.example", null, "carol", false)]
    [InlineData("amqps://a.example", null, null, false)]
    public void Failover_LoginOfTheUrl_IsMissingThere(string url, string? user, string? endpointUser, bool isMissing)
    {
        var options = new ConnectionOptions { Url = url, User = user, Failover = [new EndpointOptions { Url = "amqps://b.example", User = endpointUser }] };
        var endpoints = new Endpoints(options);

        Assert.Equal(isMissing, endpoints.Configured[1].IsLoginMissing);
        Assert.Equal(isMissing || endpointUser is not null, endpoints.Redirect(endpoints.Configured[1], Error("c.example"))?.IsLoginMissing); // an endpoint's own user goes nowhere else either
    }

    [Fact]
    public void Redirect_OverTlsToAConfiguredServer_HasTheLoginOfThatOneAndTheHostNameThatWasTold()
    {
        ConnectionOptions options = WithLogin("amqps://a.example");
        options.Failover = [new EndpointOptions { Url = "amqps://b.example", User = "bob", Password = "b-secret" }];
        AmqpError error = Error("b.example") with { Info = new Dictionary<Symbol, object?> { ["network-host"] = "b.example", ["port"] = 5671, ["hostname"] = "tenant" } };

        ConnectionOptions? target = new Endpoints(options).Redirect(options, error);

        Assert.Equal(("amqps://b.example", "bob", "b-secret", "tenant"), (target?.Url, target?.User, target?.Password, target?.VirtualHost));
    }

    [Fact]
    public void Redirect_FromAServerThatClearTextHasNamed_TakesNoLoginAlongEither()
    {
        ConnectionOptions options = WithLogin("amqp://a.example");
        var endpoints = new Endpoints(options);
        ConnectionOptions? evil = endpoints.Redirect(options, Error("evil.example", "amqps"));

        AssertHasNoLogin(endpoints.Redirect(evil!, Error("worse.example")));
        endpoints.Learn(evil!, Properties(Server("worse.example", 5671, "amqps")));
        AssertHasNoLogin(Assert.Single(endpoints.Learnt));
    }

    [Fact]
    public void Redirect_OnClearTextToAConfiguredServer_HasTheLoginOfThatOne()
    {
        var endpoints = new Endpoints(Root);

        ConnectionOptions? target = endpoints.Redirect(Root, Error("b.example"));

        Assert.Same(endpoints.Configured[1], target);
        Assert.Equal("bob", target!.User);
    }

    [Fact]
    public void Learn_OnClearText_TakesNoLoginAlong()
    {
        ConnectionOptions options = WithLogin("amqp://a.example");
        var endpoints = new Endpoints(options);

        endpoints.Learn(options, Properties(Server("evil.example", 5671, "amqps")));

        AssertHasNoLogin(Assert.Single(endpoints.Learnt));
    }

    [Fact]
    public void Redirect_WithoutAHost_IsNone() =>
        Assert.Null(new Endpoints(Root).Redirect(Root, new AmqpError(ErrorCondition.ConnectionRedirect)));

    [Fact]
    public void Configured_OptionsOfAnEndpoint_AreItsOwn()
    {
        var tls = new TlsOptions();
        var options = new ConnectionOptions
        {
            Url = "amqp://a.example",
            User = "alice",
            VirtualHost = "v",
            Password = "a-secret",
            Failover = ["amqp://b.example", new EndpointOptions { Url = "amqps://c.example", User = "carol", VirtualHost = "w", Tls = tls }, new EndpointOptions { Url = "amqp://d.example", Password = "d-secret" }],
        };

        ConnectionOptions[] servers = new Endpoints(options).Configured;

        Assert.Equal([("alice", "a-secret", "v"), ("alice", "a-secret", "v"), ("carol", null, "w"), ("alice", "d-secret", "v")], servers.Select(server => (server.User, server.Password, server.VirtualHost)));
        Assert.Equal([null, null, tls, null], servers.Select(server => server.Tls));
    }

    private static ConnectionOptions WithLogin(string url) => new()
    {
        Url = url,
        User = "alice",
        Password = "pw",
        CredentialProvider = CredentialProvider.Create(static (_, _) => new ValueTask<SaslCredentials?>(new SaslCredentials())),
        Cbs = new CbsOptions { TokenProvider = static (_, _) => throw new NotSupportedException() },
        CustomMechanisms = [new ScriptedMechanism()],
    };

    private static void AssertHasNoLogin(ConnectionOptions? target)
    {
        Assert.NotNull(target);
        Assert.Equal((null, null, null, null), (target.User, target.Password, target.CredentialProvider, target.Cbs));
        Assert.Empty(target.CustomMechanisms);
    }

    private static Dictionary<Symbol, object?> Properties(params object?[] servers) => new() { ["failover-server-list"] = new List<object?>(servers) };

    private static AmqpError Error(string host, string? scheme = null) => new(ErrorCondition.ConnectionRedirect)
    {
        Info = new Dictionary<Symbol, object?> { ["network-host"] = host, ["port"] = 5672, ["scheme"] = scheme },
    };

    private static OrderedDictionary<object, object?> Server(string host, object port, string scheme = "amqp") => new()
    {
        [(Symbol)"network-host"] = host,
        [(Symbol)"port"] = port,
        [(Symbol)"scheme"] = scheme,
    };
}
