using Messaging.Transport;

namespace Messaging.Tests.Transport.Tls;

/// <summary>The forms in which .NET tells that the peer sent an alert.</summary>
public sealed class TlsAlertTests
{
    [Theory]
    [InlineData("error:0A00045C:SSL routines::tlsv13 alert certificate required", "certificate_required", false)]
    [InlineData("error:0A000418:SSL routines::tlsv1 alert unknown ca", "unknown_ca", false)]
    [InlineData("error:0A000438:SSL routines::tlsv1 alert internal error", "internal_error", true)]
    [InlineData("Authentication failed because the remote party sent a TLS alert: 'CertificateRequired'.", "certificate_required", false)]
    [InlineData("Authentication failed because the remote party sent a TLS alert: 'UnknownCA'.", "unknown_ca", false)]
    [InlineData("Authentication failed because the remote party sent a TLS alert: 'UserCanceled'.", "UserCanceled", false)]
    public void Find_Alert_IsNamed(string message, string name, bool isTransient)
    {
        string? found = TlsAlert.Find(new IOException("outer", new InvalidOperationException(message)), out bool transient);

        Assert.StartsWith($"the peer ended TLS with '{name}'. ", found, StringComparison.Ordinal);
        Assert.Equal(isTransient, transient);
    }

    /// <summary>After the first bytes of AMQP nobody judges certificates any more: the stream is broken, and a new one may do better.</summary>
    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task Lost_ByAnAlert_IsTransientOnceAmqpHasBegun(bool isFirst, bool isTransient)
    {
        (ITransport near, ITransport far) = InProcessTransport.CreatePair();
        var security = new TransportSecurity { Description = "TLS 1.3" };

        MessagingException error = TlsErrors.Lost(near, security, new IOException("error:0A0003FC:SSL routines::sslv3 alert bad record mac"), isFirst);

        Assert.Contains("alert 20", error.Message, StringComparison.Ordinal);
        Assert.Equal(isTransient, error.IsTransient);
        await near.DisposeAsync();
        await far.DisposeAsync();
    }

    [Theory]
    [InlineData("error:0A000102:SSL routines::unsupported protocol")]
    [InlineData("Received an unexpected EOF or 0 bytes from the transport stream.")]
    public void Find_AnotherFailure_IsNone(string message) => Assert.Null(TlsAlert.Find(new IOException(message), out _));
}
