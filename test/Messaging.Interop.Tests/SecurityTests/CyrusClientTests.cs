using System.Collections.Concurrent;
using Messaging.Interop.Tests.Peers;

namespace Messaging.Interop.Tests.SecurityTests;

/// <summary>Proton with Cyrus SASL logs in to our listener.</summary>
public sealed class CyrusClientTests : InteropTest
{
    private readonly ConcurrentQueue<string> _logins = [];

    public static TheoryData<string> Mechanisms => CyrusServerTests.Mechanisms;

    [Theory, MemberData(nameof(Mechanisms))]
    public async Task Listener_RightPassword_LogsInAndPassesAMessage(string mechanism)
    {
        var proton = ProtonLogin.Cyrus;
        await using var listening = await ListenAsync();

        var (code, output) = await proton.RunAsync(listening.Url, mechanism, "alice", Passwords.Right, [], ProgramLimit, Limit);

        Assert.Equal((0, $"LOGIN {mechanism}\nRECEIVED from Proton\n"), (code, output));
        Assert.Equal($"alice {mechanism}", Assert.Single(_logins));
    }

    [Theory, MemberData(nameof(Mechanisms))]
    public async Task Listener_WrongPassword_RefusesTheLogin(string mechanism)
    {
        var proton = ProtonLogin.Cyrus;
        await using var listening = await ListenAsync();

        var (code, output) = await proton.RunAsync(listening.Url, mechanism, "alice", Passwords.Wrong, [], ProgramLimit, Limit);

        Assert.Equal(1, code);
        Assert.Contains("Authentication failed", output, StringComparison.Ordinal);
        Assert.Empty(_logins);
    }

    [Fact]
    public async Task Listener_EveryMechanismAllowed_ProtonTakesTheStrongest()
    {
        var proton = ProtonLogin.Cyrus;
        await using var listening = await ListenAsync();

        var (code, _) = await proton.RunAsync(listening.Url, "PLAIN SCRAM-SHA-1 SCRAM-SHA-256 SCRAM-SHA-512", "alice", Passwords.Right, [], ProgramLimit, Limit);

        Assert.Equal(0, code);
        Assert.Equal("alice SCRAM-SHA-512", Assert.Single(_logins));
    }

    private Task<Listening> ListenAsync()
    {
        var users = new InMemoryUserStore();
        users.Add("alice", Passwords.Right);
        var options = new ListenerOptions { Url = "amqp://localhost:0", AllowAnonymous = false, Users = users, AllowInsecureMechanisms = true };
        return Listening.StartAsync(Client, options, new Echo().ServeAsync, login => _logins.Enqueue($"{login.Identity} {login.SaslMechanism}"), Limit);
    }
}
