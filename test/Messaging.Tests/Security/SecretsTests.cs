using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;
using Messaging.Tests.Support;
using Messaging.Tests.Transport.Tls;

namespace Messaging.Tests.Security;

/// <summary>No password and no token in any log line, traced frame, exception or text of an object, whatever the mechanism and however the login ends.</summary>
public sealed partial class SecretsTests
{
    private const string WrongPassword = "wr0ng-pA55";
    private const string WrongToken = "wr0ng.t0ken";

    /// <summary>Also what <see cref="StandardError_OfEveryMechanism_HasNoSecret"/> runs in a process of its own.</summary>
    [Theory]
    [InlineData("SCRAM-SHA-512")]
    [InlineData("SCRAM-SHA-256")]
    [InlineData("SCRAM-SHA-1")]
    [InlineData("OAUTHBEARER")]
    [InlineData("XOAUTH2")]
    [InlineData("PLAIN")]
    [InlineData("ANONYMOUS")]
    public async Task Mechanism_AtTraceLevel_ShowsNoSecret(string mechanism)
    {
        await using SaslTesting sasl = await SaslTesting.ListenAsync();
        string? user = mechanism == "ANONYMOUS" ? null : SaslTesting.User;
        ConnectionOptions right = sasl.Options(mechanism, user, token: user is null ? null : SaslTesting.Token);
        var texts = new List<string> { right.ToString() };

        await sasl.LogInAsync(right);
        texts.Add((await sasl.RefusedAsync(sasl.Options(mechanism, "bob", WrongPassword, mechanism == "ANONYMOUS" ? null : WrongToken))).ToString());
        texts.Add((await sasl.RefusedAsync(sasl.Options("NO-SUCH", SaslTesting.User, SaslTesting.Password, SaslTesting.Token))).ToString());
        await BoundedWaits.UntilAsync(() => sasl.Log.Lines.Count(line => line.Id == 1002) >= 6); // both sides of three connections and more have ended
        texts.AddRange(sasl.Log.Lines.Select(line => line.Text));

        Assert.All(texts, AssertNoSecret);
        string[] saslFrames = [.. texts.Where(text => text.Contains("@sasl-init", StringComparison.Ordinal) || text.Contains("@sasl-response", StringComparison.Ordinal)
            || text.Contains("@sasl-challenge", StringComparison.Ordinal) || text.Contains("@sasl-outcome", StringComparison.Ordinal))];
        Assert.NotEmpty(saslFrames);
        Assert.All(saslFrames, frame => Assert.DoesNotMatch(ShownPayload(), frame));
    }

    /// <summary>What needs TLS, with a password beside it even where it is not used, accepted and refused.</summary>
    [Theory]
    [InlineData("SCRAM-SHA-512-PLUS")]
    [InlineData("SCRAM-SHA-256-PLUS")]
    [InlineData("SCRAM-SHA-1-PLUS")]
    [InlineData("EXTERNAL")]
    public async Task MechanismOverTls_AtTraceLevel_ShowsNoSecret(string mechanism)
    {
        await using var tls = new TlsTesting();
        var users = new InMemoryUserStore(4096);
        users.Add(SaslTesting.User, SaslTesting.Password);
        IListener listener = await tls.ListenAsync(options =>
        {
            options.Users = users;
            (options.Tls!.ClientCertificate, options.Tls.TrustedCertificates) = (ClientCertificateMode.Optional, tls.Certificates.Roots);
            options.CertificateIdentity = static certificate => certificate.Subject == "CN=alice" ? SaslTesting.User : null;
        });
        bool isExternal = mechanism == "EXTERNAL";

        (_, IIncomingConnection incoming, IConnection accepted) = await tls.ConnectAsync(
            listener,
            client => client.ClientCertificate = isExternal ? tls.Certificates.Client : null,
            options => (options.User, options.Password, options.AllowedMechanisms) = (SaslTesting.User, SaslTesting.Password, [mechanism]));
        await accepted.DisposeAsync();
        ConnectionOptions wrong = tls.Options(listener.Url, client => client.ClientCertificate = isExternal ? tls.Certificates.IssueClient("bob") : null);
        (wrong.User, wrong.Password, wrong.AllowedMechanisms) = (SaslTesting.User, WrongPassword, [mechanism]);
        SaslException refused = await tls.Client.ConnectAsync(wrong, BoundedWaits.Stop).Throws<SaslException, IConnection>();
        await tls.LoggedAsync(5003);

        Assert.Equal((SaslTesting.User, mechanism), (incoming.Identity, incoming.SaslMechanism));
        Assert.Equal(SaslFailure.CredentialsRefused, refused.Failure);
        Assert.Contains(mechanism, refused.Message, StringComparison.Ordinal);
        Assert.All(tls.Log.Lines.Select(static line => line.Text).Append(refused.ToString()), AssertNoSecret);
        string[] frames = [.. tls.Log.Lines.Select(static line => line.Text).Where(static text => text.Contains("@sasl-", StringComparison.Ordinal) && !text.Contains("@sasl-mechanisms", StringComparison.Ordinal))];
        Assert.NotEmpty(frames);
        Assert.All(frames, frame => Assert.DoesNotMatch(ShownPayload(), frame));
    }

    /// <summary>What a mechanism of the application's own sends, in each of the frames that can carry it.</summary>
    [Fact]
    public async Task CustomMechanism_AtTraceLevel_ShowsNoSecret()
    {
        byte[] token = Encoding.UTF8.GetBytes(SaslTesting.Token), password = Encoding.UTF8.GetBytes(SaslTesting.Password);
        int step = 0;
        var server = new ScriptedServerMechanism { OnStep = (_, _) => new ValueTask<SaslServerStep>(step++ == 0 ? SaslServerStep.Challenge(password) : SaslServerStep.Success("script", token)) };
        await using SaslTesting sasl = await SaslTesting.ListenAsync(options => options.CustomMechanisms = [server]);
        ConnectionOptions options = sasl.Options(null);
        options.CustomMechanisms = [new ScriptedMechanism { OnStart = _ => new ValueTask<byte[]?>(token), OnRespond = (_, _) => new ValueTask<byte[]>(password) }];

        await sasl.LogInAsync(options);
        await BoundedWaits.UntilAsync(() => sasl.Log.Lines.Count(line => line.Id == 1002) >= 2);

        string[] texts = [options.ToString(), .. sasl.Log.Lines.Select(line => line.Text)];
        Assert.All(texts, AssertNoSecret);
        Assert.All((string[])["@sasl-init", "@sasl-challenge", "@sasl-response", "@sasl-outcome"], frame => Assert.Contains(texts, text => text.Contains(frame, StringComparison.Ordinal)));
        Assert.All(texts, text => Assert.DoesNotMatch(ShownPayload(), text));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task UrlAndOptions_ShowNoSecret(bool isInUrl)
    {
        await using SaslTesting sasl = await SaslTesting.ListenAsync();
        var options = new ConnectionOptions { Url = sasl.Url, Reconnect = false };
        if (isInUrl)
            options.Url = sasl.Url.Replace("amqp://", $"amqp://bob:{Uri.EscapeDataString(SaslTesting.Password)}@", StringComparison.Ordinal);
        else
            (options.User, options.Password) = ("bob", SaslTesting.Password);

        SaslException exception = await sasl.RefusedAsync(options);
        await BoundedWaits.UntilAsync(() => sasl.Log.Lines.Count(line => line.Id == 1002) >= 2);
        string[] texts = [options.ToString(), ConnectionUrl.Parse(options.Url).ToString(), exception.ToString(), .. sasl.Log.Lines.Select(line => line.Text)];

        Assert.All(texts, AssertNoSecret);
    }

    [Theory]
    [InlineData("amqp://bob:pA55-w0rd=,ü@host:99999")]
    [InlineData("amqp://bob:pA55-w0rd=,ü@:x")]
    [InlineData("amqp:///bob:pA55-w0rd=,ü@host?query")]
    public void MalformedUrl_IsRefusedWithoutShowingIt(string url)
    {
        Exception exception = Assert.ThrowsAny<Exception>(() => new ConnectionOptions { Url = url }.Freeze());

        AssertNoSecret(exception.ToString());
        AssertNoSecret(new ConnectionOptions { Url = url }.ToString());
    }

    /// <summary>PN_TRACE_FRM is read once in a process: the logins above run again in one that has it.</summary>
    [Fact]
    public async Task StandardError_OfEveryMechanism_HasNoSecret()
    {
        string program = typeof(SecretsTests).Assembly.Location;
        var start = new ProcessStartInfo("dotnet", [program, "-method", $"*.{nameof(SecretsTests)}.{nameof(Mechanism_AtTraceLevel_ShowsNoSecret)}"])
        {
            UseShellExecute = false,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            Environment = { ["PN_TRACE_FRM"] = "1" },
        };
        using Process process = Process.Start(start)!;
        try
        {
            Task<string> errors = process.StandardError.ReadToEndAsync(BoundedWaits.Stop);
            string output = await process.StandardOutput.ReadToEndAsync(BoundedWaits.Stop).Bounded();
            string trace = await errors.Bounded();
            await process.WaitForExitAsync(BoundedWaits.Stop).Bounded();

            Assert.True(process.ExitCode == 0, output);
            Assert.Contains("@sasl-init(65)", trace, StringComparison.Ordinal);
            Assert.Contains("bytes hidden", trace, StringComparison.Ordinal);
            AssertNoSecret(trace);
            Assert.DoesNotMatch(ShownPayload(), trace);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill();
        }
    }

    private static void AssertNoSecret(string text)
    {
        foreach (string secret in (string[])[SaslTesting.Password, SaslTesting.Token, WrongPassword, WrongToken])
        {
            byte[] bytes = Encoding.UTF8.GetBytes(secret);
            Assert.DoesNotContain(secret, text, StringComparison.Ordinal);
            Assert.DoesNotContain(Uri.EscapeDataString(secret), text, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain(Convert.ToHexString(bytes), text, StringComparison.OrdinalIgnoreCase);
            foreach (byte[] shifted in (byte[][])[bytes, [0, .. bytes], [0, 0, .. bytes]]) // base 64 of a payload that holds it, at any offset
                Assert.DoesNotContain(Convert.ToBase64String(shifted)[4..^4], text, StringComparison.Ordinal);
        }
    }

    [GeneratedRegex(@"(initial-response|challenge|response|additional-data)=(?!<\d+ bytes hidden>)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ShownPayload();
}
