using Messaging.Security.Mechanisms;
using NSubstitute;

namespace Messaging.Tests.Security;

/// <summary>Which mechanism a client takes, whatever order the server lists.</summary>
public sealed class MechanismChoiceTests
{
    private static readonly string[] ByStrength =
    [
        "EXTERNAL", "GSSAPI", "SCRAM-SHA-512-PLUS", "SCRAM-SHA-512", "SCRAM-SHA-256-PLUS", "SCRAM-SHA-256", "SCRAM-SHA-1-PLUS", "SCRAM-SHA-1", "OAUTHBEARER", "XOAUTH2", "PLAIN",
    ];

    [Fact]
    public void Make_EverythingPossible_GoesDownOurOwnOrder()
    {
        var options = new ConnectionOptions { AllowedMechanisms = ByStrength }; // GSSAPI is used only when it is named
        for (int first = 0; first < ByStrength.Length; first++)
        {
            string[] offered = [.. ByStrength[first..].Reverse(), "ANONYMOUS", "GSSAPI-OF-ANOTHER"];

            MechanismChoice choice = MechanismChoice.Make(options, SaslDialog.Client("user", "pencil", "token", SaslDialog.Binding, certificate: true, offered: offered));

            Assert.Equal(ByStrength[first], choice.Mechanism);
        }
    }

    [Theory]
    [InlineData("PLAIN SCRAM-SHA-1 SCRAM-SHA-256", "SCRAM-SHA-256")] // clear text, no certificate, no token
    [InlineData("ANONYMOUS SCRAM-SHA-1 EXTERNAL SCRAM-SHA-512-PLUS OAUTHBEARER", "SCRAM-SHA-1")]
    public void Make_SomeCannotBeUsed_TakesTheStrongestThatCan(string offered, string expected) =>
        Assert.Equal(expected, MechanismChoice.Make(new ConnectionOptions(), SaslDialog.Client(offered: offered.Split(' '))).Mechanism);

    [Fact]
    public void Make_NoCredentials_IsAnonymous() =>
        Assert.Equal("ANONYMOUS", MechanismChoice.Make(new ConnectionOptions(), SaslDialog.Client(null, null, offered: ["PLAIN", "SCRAM-SHA-256", "ANONYMOUS"])).Mechanism);

    [Fact]
    public void Make_LoginDoesNotGoToAServerThatAnotherHasNamed_IsNotAnonymousUnawares()
    {
        SaslClientContext context = SaslDialog.Client(null, null, offered: ["PLAIN", "ANONYMOUS"]);
        ConnectionOptions named = new ConnectionOptions { User = "alice" }.ForNamed("amqp://b.example", null, isTrusted: false);

        SaslException exception = Assert.Throws<SaslException>(() => MechanismChoice.Make(named, context));

        Assert.Equal(SaslFailure.NoCommonMechanism, exception.Failure);
        Assert.Contains("list the server in Failover", exception.Message, StringComparison.Ordinal);
        named = new ConnectionOptions { User = "alice", AllowedMechanisms = ["PLAIN", "ANONYMOUS"] }.ForNamed("amqp://b.example", null, isTrusted: false);
        Assert.Equal("ANONYMOUS", MechanismChoice.Make(named, context).Mechanism);
    }

    [Theory]
    [InlineData("scram-sha-1", "SCRAM-SHA-1")]
    [InlineData("PLAIN ANONYMOUS", "PLAIN")]
    [InlineData("SCRAM-SHA-512-PLUS SCRAM-SHA-1", "SCRAM-SHA-1")] // -PLUS alone does not mean the form without
    public void Make_AllowedMechanisms_LimitTheChoice(string allowed, string expected)
    {
        var options = new ConnectionOptions { AllowedMechanisms = allowed.Split(' '), AllowInsecureMechanisms = true };

        Assert.Equal(expected, MechanismChoice.Make(options, SaslDialog.Client(offered: ["ANONYMOUS", "PLAIN", "SCRAM-SHA-1", "SCRAM-SHA-512"])).Mechanism);
    }

    [Theory]
    [InlineData("PLAIN", "PLAIN would show the password or token", "AllowInsecureMechanisms")]
    [InlineData("OAUTHBEARER", "OAUTHBEARER would show the password or token", "AllowInsecureMechanisms")]
    [InlineData("XOAUTH2", "XOAUTH2 would show the password or token", "AllowInsecureMechanisms")]
    [InlineData("EXTERNAL", "EXTERNAL needs a client certificate", "The peer offers EXTERNAL;")]
    [InlineData("ANONYMOUS", "ANONYMOUS is not used when credentials are given", "none can be used")]
    [InlineData("SCRAM-SHA-256-PLUS", "SCRAM-SHA-256-PLUS needs TLS", "none can be used")]
    [InlineData("NTLM", "NTLM is not known to this side", "The peer offers NTLM;")]
    [InlineData("PLAIN ANONYMOUS", "PLAIN would show", "ANONYMOUS is not used")]
    [InlineData("N\u000AFORGED", "\\u000aFORGED", "none can be used")] // the peer's text cannot forge a log line
    [InlineData("", "offers no mechanism", "lets nobody log in")]
    public void Make_NoneUsable_SaysWhyForEach(string offered, string says, string saysToo)
    {
        var context = SaslDialog.Client("user", "pencil", "token", offered: offered.Split(' ', StringSplitOptions.RemoveEmptyEntries));

        SaslException exception = Assert.Throws<SaslException>(() => MechanismChoice.Make(new ConnectionOptions(), context));

        Assert.Equal(SaslFailure.NoCommonMechanism, exception.Failure);
        Assert.False(exception.IsTransient);
        Assert.Contains(says, exception.Message, StringComparison.Ordinal);
        Assert.Contains(saysToo, exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("pencil", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Make_NotAllowed_NamesTheOption()
    {
        var options = new ConnectionOptions { AllowedMechanisms = ["SCRAM-SHA-512"] };

        SaslException exception = Assert.Throws<SaslException>(() => MechanismChoice.Make(options, SaslDialog.Client(offered: "SCRAM-SHA-1")));

        Assert.Contains("SCRAM-SHA-1 is not among AllowedMechanisms", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Make_CustomMechanisms_GoFirst()
    {
        ISaslClientMechanism custom = Substitute.For<ISaslClientMechanism>();
        custom.Name.Returns("X-TOKEN");
        custom.TryStart(Arg.Any<SaslClientContext>(), out Arg.Any<string?>()).Returns(Substitute.For<ISaslClientExchange>());
        var options = new ConnectionOptions { CustomMechanisms = [custom] };

        Assert.Equal("X-TOKEN", MechanismChoice.Make(options, SaslDialog.Client(certificate: true, offered: [.. ByStrength, "X-TOKEN"])).Mechanism);
        Assert.Equal("EXTERNAL", MechanismChoice.Make(options, SaslDialog.Client(certificate: true, offered: ByStrength)).Mechanism);
    }

    [Theory]
    [InlineData(false, false, false)]
    [InlineData(false, true, true)]
    [InlineData(true, false, true)]
    public void Make_CustomMechanismThatShowsASecret_NeedsEncryptionOrTheSwitch(bool isEncrypted, bool isAllowed, bool isTaken)
    {
        ISaslClientMechanism custom = Substitute.For<ISaslClientMechanism>();
        custom.Name.Returns("X-TICKET");
        custom.RequiresEncryption.Returns(true);
        custom.TryStart(Arg.Any<SaslClientContext>(), out Arg.Any<string?>()).Returns(Substitute.For<ISaslClientExchange>());
        var options = new ConnectionOptions { CustomMechanisms = [custom], AllowInsecureMechanisms = isAllowed };
        var context = new SaslClientContext { Host = "a.example", IsEncrypted = isEncrypted, OfferedMechanisms = ["X-TICKET"] };

        if (isTaken)
            Assert.Equal("X-TICKET", MechanismChoice.Make(options, context).Mechanism);
        else
            Assert.Contains("X-TICKET would show", Assert.Throws<SaslException>(() => MechanismChoice.Make(options, context)).Message, StringComparison.Ordinal);
        custom.Received(isTaken ? 1 : 0).TryStart(Arg.Any<SaslClientContext>(), out Arg.Any<string?>());
    }

    [Theory]
    [InlineData("")]
    [InlineData("PLAIN ANONYMOUS")]
    [InlineData("SCRAM-SHA-1024-PLUS-PLUS")]
    [InlineData("PLÄIN")]
    public void Freeze_MalformedName_IsRefused(string name)
    {
        ISaslClientMechanism custom = Substitute.For<ISaslClientMechanism>();
        custom.Name.Returns(name);
        ISaslServerMechanism server = Substitute.For<ISaslServerMechanism>();
        server.Name.Returns(name);

        Assert.Contains("AllowedMechanisms", Assert.Throws<ArgumentException>(() => new ConnectionOptions { AllowedMechanisms = [name] }.Freeze()).Message, StringComparison.Ordinal);
        Assert.Contains("AllowedMechanisms", Assert.Throws<ArgumentException>(() => new ListenerOptions { AllowedMechanisms = [name] }.Freeze()).Message, StringComparison.Ordinal);
        Assert.Contains("CustomMechanisms", Assert.Throws<ArgumentException>(() => new ConnectionOptions { CustomMechanisms = [custom] }.Freeze()).Message, StringComparison.Ordinal);
        Assert.Contains("CustomMechanisms", Assert.Throws<ArgumentException>(() => new ListenerOptions { CustomMechanisms = [server] }.Freeze()).Message, StringComparison.Ordinal);
    }
}
