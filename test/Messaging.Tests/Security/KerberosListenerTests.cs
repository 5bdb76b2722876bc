using Messaging.Amqp.Framing;
using Messaging.Tests.Support;

namespace Messaging.Tests.Security;

/// <summary>A listener that offers GSSAPI, and clients that know better or worse. None of it needs a KDC.</summary>
public sealed class KerberosListenerTests
{
    private static readonly ListenerOptions WithKerberos = new() { AllowKerberos = true, AllowAnonymous = false };

    [Theory]
    [InlineData(100)]
    [InlineData(48_000)] // what Windows makes at most (MaxTokenSize)
    public async Task Init_NotATicket_IsAnsweredWithAnOutcome(int length)
    {
        await using TestPair pair = await TestPair.ListenAsync(WithKerberos);
        await using RawPeer peer = await RawPeer.ConnectAsync(pair.Listener.Url);
        await peer.SendRawAsync(FrameWriter.SaslHeader.ToArray());
        await peer.SendSaslAsync(new SaslInit { Mechanism = "GSSAPI", InitialResponse = new byte[length] });

        SaslOutcome outcome = await peer.ReadUntilAsync<SaslOutcome>();

        Assert.NotEqual(0, outcome.Code);
    }

    [Fact]
    public async Task Connect_GssapiNotNamed_SaysThatItMustBe()
    {
        await using TestPair pair = await TestPair.ListenAsync(WithKerberos);

        SaslException exception = await pair.Client
            .ConnectAsync(new ConnectionOptions { Url = pair.Listener.Url, Reconnect = false }, BoundedWaits.Stop).Throws<SaslException, IConnection>();

        Assert.Equal(SaslFailure.NoCommonMechanism, exception.Failure);
        Assert.Contains("GSSAPI is used only when AllowedMechanisms names it", exception.Message, StringComparison.Ordinal);
    }
}
