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

    [Theory]
    [InlineData("error:0A000102:SSL routines::unsupported protocol")]
    [InlineData("Received an unexpected EOF or 0 bytes from the transport stream.")]
    public void Find_AnotherFailure_IsNone(string message) => Assert.Null(TlsAlert.Find(new IOException(message), out _));
}
