using Messaging.Amqp;
using Messaging.Amqp.Framing;
using Messaging.Tests.Support;

namespace Messaging.Tests.Recovery;

/// <summary>How long a server is remembered that another one has named: a stand-in until it fails for good or another list comes, a redirect until it was followed.</summary>
public class LearntServersTests
{
    private static readonly AmqpError ForGood = new(ErrorCondition.NotAllowed, "never");
    private static readonly AmqpError Passing = new(ErrorCondition.ResourceLimitExceeded, "full");

    [Fact]
    public async Task Lost_LearntServerFailsForGood_IsForgottenAndDoesNotEndTheOthers()
    {
        using var log = new LogCapture();
        await using RawServer other = await RawServer.ListenAsync();
        await using RawServer server = await RawServer.OpenAsync(AtOnce(attempts: 3), new MessagingClientOptions { LoggerFactory = log }, open: OpenThatNames(other));
        await server.DisposeListenerAsync();
        await server.Peer.DisposeAsync();

        await RefuseNextAsync(other, ForGood);

        MessagingException given = (await server.Connection.Closed.Bounded()).Exception!;
        Assert.Contains("4 attempts: 1 × ", given.Message, StringComparison.Ordinal); // three at the configured server, one at the learnt
        Assert.Equal((null, true), (given.Error, given.IsTransient));
        Assert.Contains(other.Url, Assert.Single(log.Lines, line => line.Id == 6010).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lost_LearntServerFailsForAPassingReason_IsTriedAgain()
    {
        await using RawServer other = await RawServer.ListenAsync();
        await using RawServer server = await RawServer.OpenAsync(AtOnce(), open: OpenThatNames(other));
        await server.DisposeListenerAsync();
        await server.Peer.DisposeAsync();

        await RefuseNextAsync(other, Passing);
        await using RawPeer again = await other.AcceptAsync();
        await again.OpenAsServerAsync();

        await server.StateAsync(ConnectionState.Connected);
    }

    [Fact]
    public async Task Lost_TheNextOpenNamesNobody_TheStandInsAreKept_AndAnEmptyListForgetsThem()
    {
        await using RawServer other = await RawServer.ListenAsync();
        await using RawServer server = await RawServer.OpenAsync(AtOnce(attempts: 1), open: OpenThatNames(other));
        await server.Peer.DisposeAsync();
        await server.AcceptOpenAsync();
        await server.StateAsync(ConnectionState.Connected);
        await server.DisposeListenerAsync();

        await server.Peer.DisposeAsync();
        RawPeer standIn = await other.AcceptAsync();
        await standIn.OpenAsServerAsync(OpenThatNames());
        await server.StateAsync(ConnectionState.Connected);
        await standIn.DisposeAsync();

        await server.Connection.Closed.Bounded(); // the stand-in would have taken the connection, and never answered
        Assert.Equal(ConnectionState.Faulted, server.Connection.State);
    }

    [Fact]
    public async Task Redirect_Followed_IsForgotten_AndTheNextLossBeginsWithTheFirstServer()
    {
        await using RawServer target = await RawServer.ListenAsync();
        await using RawServer server = await RawServer.OpenAsync(AtOnce());
        await server.Peer.SendAsync(new Close { Error = RedirectTo(target) });
        RawPeer second = await target.AcceptAsync();
        await second.OpenAsServerAsync();
        await server.StateAsync(ConnectionState.Connected);

        await second.DisposeAsync();

        await server.AcceptOpenAsync();
        await server.StateAsync(ConnectionState.Connected);
    }

    [Fact]
    public async Task Redirect_TargetFailsForAPassingReason_IsTriedOnceOnly()
    {
        await using RawServer target = await RawServer.ListenAsync();
        await using RawServer server = await RawServer.OpenAsync(AtOnce());
        await server.Peer.SendAsync(new Close { Error = RedirectTo(target) });
        await RefuseNextAsync(target, Passing);
        await RefuseNextAsync(server, Passing);

        await server.AcceptOpenAsync(); // the next attempt, and not at the target

        await server.StateAsync(ConnectionState.Connected);
    }

    private static async Task RefuseNextAsync(RawServer server, AmqpError error)
    {
        await using RawPeer peer = await server.AcceptAsync();
        await peer.OpenAsServerAsync(new Open { ContainerId = "raw-server", Properties = new Dictionary<Symbol, object?> { ["amqp:connection-establishment-failed"] = true } });
        await peer.SendAsync(new Close { Error = error });
        await peer.ReadToEndAsync();
    }

    private static ConnectionOptions AtOnce(int? attempts = null) =>
        new() { HandshakeTimeout = Timeout.InfiniteTimeSpan, Recovery = { MaxAttempts = attempts, Delay = new OwnDelay(() => TimeSpan.Zero) } };

    private static Open OpenThatNames(params RawServer[] servers) => new()
    {
        ContainerId = "raw-server",
        Properties = new Dictionary<Symbol, object?>
        {
            ["failover-server-list"] = servers.Select(static object? (server) => new OrderedDictionary<object, object?>
            {
                [(Symbol)"network-host"] = ConnectionUrl.Parse(server.Url).Host,
                [(Symbol)"scheme"] = "inproc",
            }).ToList(),
        },
    };

    private static AmqpError RedirectTo(RawServer target) => new(ErrorCondition.ConnectionRedirect, "elsewhere")
    {
        Info = new Dictionary<Symbol, object?> { ["network-host"] = ConnectionUrl.Parse(target.Url).Host },
    };
}
