using Messaging.Amqp;
using Messaging.Tests.Support;

namespace Messaging.Tests.Client;

/// <summary>Options are checked and copied at the call that takes them.</summary>
public sealed class OptionsTests
{
    private static readonly TimeSpan TooLong = TimeSpan.FromDays(50);

    public static TheoryData<string> Timeouts =>
    [
        nameof(ConnectionOptions.ConnectTimeout), nameof(ConnectionOptions.HandshakeTimeout), nameof(ConnectionOptions.OperationTimeout), nameof(ConnectionOptions.WriteTimeout),
        nameof(RecoveryOptions.MaxDuration), nameof(WatchdogOptions.SenderWithoutCredit), nameof(WatchdogOptions.ReceiverSilence),
    ];

    [Theory]
    [MemberData(nameof(Timeouts))]
    public void Freeze_TimeoutBeyondTimers_IsNamed(string name)
    {
        var options = new ConnectionOptions();
        switch (name)
        {
            case nameof(ConnectionOptions.ConnectTimeout):
                options.ConnectTimeout = TooLong;
                break;
            case nameof(ConnectionOptions.HandshakeTimeout):
                options.HandshakeTimeout = TooLong;
                break;
            case nameof(ConnectionOptions.OperationTimeout):
                options.OperationTimeout = TooLong;
                break;
            case nameof(ConnectionOptions.WriteTimeout):
                options.WriteTimeout = TooLong;
                break;
            case nameof(RecoveryOptions.MaxDuration):
                options.Recovery.MaxDuration = TooLong;
                break;
            case nameof(WatchdogOptions.SenderWithoutCredit):
                options.Watchdog!.SenderWithoutCredit = TooLong;
                break;
            default:
                options.Watchdog!.ReceiverSilence = TooLong;
                break;
        }

        ArgumentOutOfRangeException exception = Assert.Throws<ArgumentOutOfRangeException>(() => options.Freeze());

        Assert.Contains(name, exception.Message, StringComparison.Ordinal);
    }

    /// <summary>Nobody is anonymous unawares.</summary>
    [Theory]
    [InlineData("amqps://a.example", null, null, false)]
    [InlineData("amqps://alice@a.example", null, null, true)]
    [InlineData("amqps://a.example", "amqps://alice@b.example", null, true)]
    [InlineData("amqps://a.example", null, "alice", true)]
    public void Freeze_PasswordWithoutUser_IsRefused(string url, string? failover, string? user, bool isGood)
    {
        var options = new ConnectionOptions { Url = url, User = user, Password = "s3cret" };
        if (failover is not null)
            options.Failover = [failover];

        Exception? error = Record.Exception(() => options.Freeze());

        Assert.Equal(isGood, error is null);
        if (!isGood)
            Assert.Contains("Password is set, and no User for it", Assert.IsType<ArgumentException>(error).Message, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", error?.ToString() ?? "", StringComparison.Ordinal);
    }

    [Fact]
    public void Freeze_LongestTimeout_IsTaken() => Assert.Equal(TimeSpan.FromDays(49), new ConnectionOptions { OperationTimeout = TimeSpan.FromDays(49) }.Freeze().OperationTimeout);

    [Theory]
    [InlineData("ws://alice:secret@example.com", "The URL ws://alice:***@example.com:80 is for WebSockets")]
    [InlineData("wss://example.com", "The URL wss://example.com:443 is for WebSockets")]
    public void Freeze_WebSocket_SaysWhatIsSupported(string url, string problem)
    {
        Action[] freezes =
        [
            () => new ConnectionOptions { Url = url }.Freeze(),
            () => new ConnectionOptions { Failover = [url] }.Freeze(),
            () => new ListenerOptions { Url = url }.Freeze(),
        ];

        foreach (Action freeze in freezes)
        {
            FormatException exception = Assert.Throws<FormatException>(freeze);
            Assert.StartsWith(problem, exception.Message, StringComparison.Ordinal);
            Assert.Contains("not supported yet. Supported are the schemes amqp, amqps (TLS) and inproc", exception.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Freeze_ListenerUrlWithAUser_IsRefusedWithoutThePassword()
    {
        FormatException exception = Assert.Throws<FormatException>(() => new ListenerOptions { Url = "amqp://alice:secret@localhost" }.Freeze());

        Assert.StartsWith("The URL amqp://alice:***@localhost:5672 has a user", exception.Message, StringComparison.Ordinal);
        Assert.Contains("ListenerOptions.Users", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", exception.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void IsAnonymousAllowed_AWayToLogInIsSet_IsNot()
    {
        Assert.True(new ListenerOptions().IsAnonymousAllowed);
        Assert.False(new ListenerOptions { CertificateIdentity = static _ => "alice" }.IsAnonymousAllowed);
        Assert.False(new ListenerOptions { AllowKerberos = true }.IsAnonymousAllowed);
        Assert.False(new ListenerOptions { Users = new InMemoryUserStore(4096) }.IsAnonymousAllowed);
        Assert.False(new ListenerOptions { AuthenticatePlain = static (_, _, _) => new ValueTask<bool>(true) }.IsAnonymousAllowed);
        Assert.False(new ListenerOptions { AuthenticateToken = static (_, _) => new ValueTask<string?>("alice") }.IsAnonymousAllowed);
        Assert.False(new ListenerOptions { Tls = new ListenerTlsOptions { ClientCertificate = ClientCertificateMode.Required } }.IsAnonymousAllowed);
        Assert.True(new ListenerOptions { CertificateIdentity = static _ => "alice", AllowAnonymous = true }.IsAnonymousAllowed);
    }

    [Fact]
    public void Freeze_EnumValueThatDoesNotExist_IsNamed()
    {
        Assert.Equal("SettleMode", Assert.Throws<ArgumentOutOfRangeException>(() => new SenderOptions { SettleMode = (SenderSettleMode)9 }.Freeze()).ParamName);
        Assert.Equal("ReceiverSettleMode", Assert.Throws<ArgumentOutOfRangeException>(() => new SenderOptions { ReceiverSettleMode = (ReceiverSettleMode)9 }.Freeze()).ParamName);
        Assert.Equal("OnConnectionLoss", Assert.Throws<ArgumentOutOfRangeException>(() => new SenderOptions { OnConnectionLoss = (ConnectionLossBehavior)9 }.Freeze()).ParamName);
        Assert.Equal("SenderSettleMode", Assert.Throws<ArgumentOutOfRangeException>(() => new ReceiverOptions { SenderSettleMode = (SenderSettleMode)9 }.Freeze()).ParamName);
        Assert.Equal("SettleMode", Assert.Throws<ArgumentOutOfRangeException>(() => new ReceiverOptions { SettleMode = (ReceiverSettleMode)9 }.Freeze()).ParamName);
    }

    [Fact]
    public void Freeze_NullList_IsNamed()
    {
        Assert.Equal("DesiredCapabilities", Assert.Throws<ArgumentNullException>(() => new SenderOptions { DesiredCapabilities = null! }.Freeze()).ParamName);
        Assert.Equal("OfferedCapabilities", Assert.Throws<ArgumentNullException>(() => new ReceiverOptions { OfferedCapabilities = null! }.Freeze()).ParamName);
        Assert.Equal("OfferedCapabilities", Assert.Throws<ArgumentNullException>(() => new IncomingSenderOptions { OfferedCapabilities = null! }.Freeze()).ParamName);
        Assert.Equal("OfferedCapabilities", Assert.Throws<ArgumentNullException>(() => new IncomingReceiverOptions { OfferedCapabilities = null! }.Freeze()).ParamName);
        Assert.Equal("DesiredCapabilities", Assert.Throws<ArgumentNullException>(() => new ConnectionOptions { DesiredCapabilities = null! }.Freeze()).ParamName);
        Assert.Equal("Failover", Assert.Throws<ArgumentNullException>(() => new ConnectionOptions { Failover = [null!] }.Freeze()).ParamName);
        Assert.Equal("OfferedCapabilities", Assert.Throws<ArgumentNullException>(() => new ListenerOptions { OfferedCapabilities = null! }.Freeze()).ParamName);
    }

    [Fact]
    public void Freeze_ListsAndMaps_AreCopied()
    {
        var properties = new Dictionary<Symbol, object?> { ["a"] = 1 };
        List<Symbol> capabilities = ["a"];
        List<string> mechanisms = ["PLAIN"];
        ConnectionOptions connection = new ConnectionOptions { Properties = properties, OfferedCapabilities = capabilities, DesiredCapabilities = capabilities, AllowedMechanisms = mechanisms }.Freeze();
        SenderOptions sender = new SenderOptions { Properties = properties, OfferedCapabilities = capabilities, DesiredCapabilities = capabilities }.Freeze();
        ReceiverOptions receiver = new ReceiverOptions { Properties = properties, OfferedCapabilities = capabilities, DesiredCapabilities = capabilities }.Freeze();
        ListenerOptions listener = new ListenerOptions { Properties = properties, OfferedCapabilities = capabilities, AllowedMechanisms = mechanisms }.Freeze();

        properties["b"] = new object();
        capabilities.Add("b");
        mechanisms.Clear();

        Assert.All([connection.Properties!, sender.Properties!, receiver.Properties!, listener.Properties!], copy => Assert.Equal(1, Assert.Single(copy).Value));
        Assert.All(
            [connection.OfferedCapabilities, connection.DesiredCapabilities, sender.OfferedCapabilities, sender.DesiredCapabilities, receiver.OfferedCapabilities, receiver.DesiredCapabilities, listener.OfferedCapabilities],
            copy => Assert.Equal(["a"], copy));
        Assert.Equal(["PLAIN"], connection.AllowedMechanisms);
        Assert.Equal(["PLAIN"], listener.AllowedMechanisms);
    }

    /// <summary>A filter is kept for every attach to come: what the application does with its lists and maps afterwards must not change it, or make it one that cannot be sent.</summary>
    [Fact]
    public void Freeze_WhatIsInsideTerminiAndMaps_IsCopied()
    {
        List<object?> inner = [1];
        byte[] bytes = [1];
        var map = new Dictionary<Symbol, object?> { ["f"] = new Described((Symbol)"d", inner), ["b"] = bytes };
        var source = new Source { Address = "q", Dynamic = true, Filter = map, DynamicNodeProperties = map };
        var target = new Target { Address = "q", Dynamic = true, DynamicNodeProperties = map };
        var unsettled = new Dictionary<ReadOnlyMemory<byte>, DeliveryState?> { [new byte[] { 1 }] = new Modified { MessageAnnotations = map } };
        SenderOptions sender = new SenderOptions { Source = source, Target = target, Properties = map }.Freeze();
        ReceiverOptions receiver = new ReceiverOptions { Source = source, Target = target, Properties = map }.Freeze();
        IncomingSenderOptions incomingSender = new IncomingSenderOptions { Source = source, Target = target, Properties = map, Unsettled = unsettled }.Freeze();
        IncomingReceiverOptions incomingReceiver = new IncomingReceiverOptions { Source = source, Target = target, Properties = map, Unsettled = unsettled }.Freeze();
        ConnectionOptions connection = new ConnectionOptions { Properties = map }.Freeze();
        ListenerOptions listener = new ListenerOptions { Properties = map }.Freeze();

        inner.Add(new object());
        bytes[0] = 9;
        map["g"] = new object();
        unsettled.Clear();

        IReadOnlyDictionary<Symbol, object?>?[] copies =
        [
            .. new[] { sender.Source!, receiver.Source, incomingSender.Source!, incomingReceiver.Source! }.SelectMany(copy => new[] { copy.Filter, copy.DynamicNodeProperties }),
            .. new[] { sender.Target, receiver.Target!, incomingSender.Target!, incomingReceiver.Target! }.Select(copy => copy.DynamicNodeProperties),
            .. new[] { incomingSender.Unsettled!, incomingReceiver.Unsettled! }.Select(copy => ((Modified)Assert.Single(copy).Value!).MessageAnnotations),
            sender.Properties, receiver.Properties, incomingSender.Properties, incomingReceiver.Properties, connection.Properties, listener.Properties,
        ];
        Assert.All(copies, copy =>
        {
            Assert.Equal(["f", "b"], copy!.Keys);
            Assert.Equal([1], Assert.IsType<List<object?>>(Assert.IsType<Described>(copy["f"]).Value));
            Assert.Equal([1], Assert.IsType<byte[]>(copy["b"]));
        });
        Assert.All([sender.Source!.Address, receiver.Target!.Address], address => Assert.Equal("q", address));
    }

    [Fact]
    public async Task CreateSender_NullCapabilities_ThrowsAndTheConnectionLives()
    {
        await using TestPair pair = await TestPair.OpenAsync();

        await BoundedWaits.Run(() => pair.Connection.CreateSenderAsync("q", new SenderOptions { DesiredCapabilities = null! }, BoundedWaits.Stop).AsTask()).Throws<ArgumentNullException>();

        (ISender sender, _) = await pair.SendingLinkAsync();
        Assert.Equal(LinkState.Attached, sender.State);
    }
}
