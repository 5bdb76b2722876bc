using Messaging.Interop.Tests.Peers;

namespace Messaging.Interop.Tests.SecurityTests;

/// <summary>Our client logs in to Proton with Cyrus SASL.</summary>
public sealed class CyrusServerTests(RealPeers peers) : InteropTest
{
    public static TheoryData<string> Mechanisms => ["PLAIN", "SCRAM-SHA-1", "SCRAM-SHA-256", "SCRAM-SHA-512"];

    [Theory, MemberData(nameof(Mechanisms))]
    public async Task ConnectAsync_RightPassword_LogsInAndPassesAMessage(string mechanism)
    {
        var server = await peers.CyrusAsync();
        await using var connection = await Client.ConnectAsync(Options(server, mechanism, Passwords.Right), Limit);

        Assert.Equal("there and back", await PassAsync(connection, mechanism));

        await server.Process.WaitForLineAsync($"LOGIN alice {mechanism}", ProgramLimit, Limit);
    }

    [Theory, MemberData(nameof(Mechanisms))]
    public async Task ConnectAsync_WrongPassword_IsRefusedForGood(string mechanism)
    {
        var server = await peers.CyrusAsync();

        var exception = await Assert.ThrowsAsync<SaslException>(
            () => Client.ConnectAsync(Options(server, mechanism, Passwords.Wrong), Limit).AsTask());

        Assert.Equal(SaslFailure.CredentialsRefused, exception.Failure);
        Assert.False(exception.IsTransient);
        Assert.DoesNotContain(Passwords.Wrong, exception.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ConnectAsync_SeveralMechanismsOffered_TakesTheStrongest()
    {
        await using var server = await ProtonLogin.Cyrus.ServeAsync("PLAIN SCRAM-SHA-1 SCRAM-SHA-512 SCRAM-SHA-256", Passwords.Right, [], Limit);
        var options = Options(server, "", Passwords.Right);
        options.AllowedMechanisms = null;

        await using var connection = await Client.ConnectAsync(options, Limit);

        await server.Process.WaitForLineAsync("LOGIN alice SCRAM-SHA-512", ProgramLimit, Limit);
    }

    private static ConnectionOptions Options(PeerServer server, string mechanism, string password) => new()
    {
        Url = server.LocalhostUrl,
        User = "alice",
        Password = password,
        AllowedMechanisms = [mechanism],
        AllowInsecureMechanisms = mechanism is "PLAIN",
        Reconnect = false,
    };
}
