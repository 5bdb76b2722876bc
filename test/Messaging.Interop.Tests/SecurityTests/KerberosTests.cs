using System.Text.RegularExpressions;
using Messaging.Interop.Tests.Peers;

namespace Messaging.Interop.Tests.SecurityTests;

/// <summary>GSSAPI with a real KDC: our client and our listener, each against Proton with Cyrus SASL and against each other.</summary>
public sealed partial class KerberosTests(RealPeers peers) : InteropTest
{
    [Fact]
    public async Task Client_ToProton_LogsIn()
    {
        var kdc = await peers.KdcAsync();
        await using var server = await ProtonLogin.Cyrus.With(kdc.ServerEnvironment()).ServeAsync("GSSAPI", "", [], Limit);

        var (code, output) = await LogInAsync(server.LocalhostUrl, kdc.ClientEnvironment("alice"));

        Assert.Equal((0, "RECEIVED from Messaging\n"), (code, output));
        await server.Process.WaitForLineAsync("LOGIN alice GSSAPI", ProgramLimit, Limit);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("alice")]
    public async Task Listener_ProtonLogsIn_IsThePrincipal(string? user)
    {
        var kdc = await peers.KdcAsync();
        var (listener, url) = await KerberosPeer.ListenAsync(kdc.ServerEnvironment(), Limit);
        await using var stop = listener;

        var (code, output) = await ProtonLogin.Cyrus.With(kdc.ClientEnvironment("alice")).RunAsync(url, "GSSAPI", user, "", [], ProgramLimit, Limit);

        Assert.Equal((0, "LOGIN GSSAPI\nRECEIVED from Proton\n"), (code, output));
        await listener.WaitForLineAsync("LOGIN alice@TEST.LOCAL GSSAPI", ProgramLimit, Limit);
    }

    [Theory]
    [InlineData("alice", null)]
    [InlineData("alice", "alice@TEST.LOCAL")]
    [InlineData("bob", "bob")]
    public async Task Client_ToOurListener_LogsIn(string ticket, string? user)
    {
        var kdc = await peers.KdcAsync();
        var (listener, url) = await KerberosPeer.ListenAsync(kdc.ServerEnvironment(), Limit);
        await using var stop = listener;

        var (code, output) = await LogInAsync(url, kdc.ClientEnvironment(ticket), user);

        Assert.Equal((0, "RECEIVED from Messaging\n"), (code, output));
        await listener.WaitForLineAsync($"LOGIN {ticket}@TEST.LOCAL GSSAPI", ProgramLimit, Limit);
    }

    [Fact]
    public async Task Trace_OfBothSides_HidesWhatIsExchanged()
    {
        var kdc = await peers.KdcAsync();
        var (listener, url) = await KerberosPeer.ListenAsync(Traced(kdc.ServerEnvironment()), Limit);
        await using var stop = listener;

        var (code, output) = await LogInAsync(url, Traced(kdc.ClientEnvironment("alice")));

        Assert.Equal(0, code);
        await listener.WaitUntilAsync(process => process.Output.Contains("@sasl-outcome", StringComparison.Ordinal), ProgramLimit, Limit);
        foreach (var trace in (string[])[output, listener.Output])
        {
            Assert.Matches(@"@sasl-init\(65\).*bytes hidden", trace);
            Assert.Matches(@"@sasl-response\(67\).*bytes hidden", trace);
            Assert.DoesNotMatch(ShownPayload(), trace);
        }
    }

    [Theory]
    [InlineData("alice", "bob", "localhost", "transient=False", "outcome 1, auth")] // somebody else's name
    [InlineData("nobody", null, "localhost", "transient=False", "kinit")] // no ticket
    [InlineData("alice", null, "127.0.0.1", "transient=True", "'kvno amqp/127.0.0.1'")] // a service that the KDC does not know
    public async Task Client_CannotLogIn_SaysWhy(string ticket, string? user, string host, string transient, string reason)
    {
        var kdc = await peers.KdcAsync();
        var (listener, url) = await KerberosPeer.ListenAsync(kdc.ServerEnvironment(), Limit);
        await using var stop = listener;

        var (code, output) = await LogInAsync(url.Replace("localhost", host, StringComparison.Ordinal), kdc.ClientEnvironment(ticket), user);

        Assert.Equal(1, code);
        Assert.StartsWith($"ERROR SaslException {transient}", output, StringComparison.Ordinal);
        Assert.Contains(reason, output, StringComparison.Ordinal);
        Assert.DoesNotContain("LOGIN", listener.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("bob", "outcome 1, auth")] // the keytab of another principal
    [InlineData("missing", "outcome 2, a fault at the peer")]
    public async Task Listener_WrongKeytab_RefusesTheLogin(string keytab, string reason)
    {
        var kdc = await peers.KdcAsync();
        var (listener, url) = await KerberosPeer.ListenAsync(kdc.ServerEnvironment(keytab), Limit);
        await using var stop = listener;

        var (code, output) = await LogInAsync(url, kdc.ClientEnvironment("alice"));

        Assert.Equal(1, code);
        Assert.Contains(reason, output, StringComparison.Ordinal);
        Assert.DoesNotContain("LOGIN", listener.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Client_ServerWithoutTheServicesKey_IsRefused()
    {
        var kdc = await peers.KdcAsync();
        await using var server = await ProtonLogin.Cyrus.With(kdc.ServerEnvironment("bob")).ServeAsync("GSSAPI", "", [], Limit);

        var (code, output) = await LogInAsync(server.LocalhostUrl, kdc.ClientEnvironment("alice"));

        Assert.Equal(1, code);
        Assert.StartsWith("ERROR SaslException transient=False", output, StringComparison.Ordinal);
    }

    private static Dictionary<string, string> Traced(Dictionary<string, string> environment) => new(environment, StringComparer.Ordinal) { ["PN_TRACE_FRM"] = "1" };

    [GeneratedRegex(@"(initial-response|challenge|response|additional-data)=(?!<\d+ bytes hidden>)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ShownPayload();

    private Task<(int Code, string Output)> LogInAsync(string url, Dictionary<string, string> environment, string? user = null) =>
        KerberosPeer.LogInAsync(url, user, environment, ProgramLimit, Limit);
}
