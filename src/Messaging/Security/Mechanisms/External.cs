using System.Security.Cryptography.X509Certificates;

namespace Messaging.Security.Mechanisms;

/// <summary>EXTERNAL (RFC 4422, appendix A) on a client: the server takes the identity from the certificate that TLS has shown it.</summary>
internal sealed class ExternalClient : ISaslClientMechanism
{
    public string Name => "EXTERNAL";

    public bool RequiresEncryption => false;

    public ISaslClientExchange? TryStart(SaslClientContext context, out string? problem)
    {
        problem = context.HasClientCertificate ? null : "needs a client certificate";
        return problem is null ? new OneMessage(Name, []) : null;
    }
}

/// <summary>EXTERNAL on a listener.</summary>
/// <param name="identify">Gives the identity behind a certificate, or none.</param>
internal sealed class ExternalServer(Func<X509Certificate2, string?>? identify) : ISaslServerMechanism
{
    private const string CommonName = "2.5.4.3";

    public string Name => "EXTERNAL";

    public bool RequiresEncryption => false;

    public bool IsUsable(SaslServerContext context) => context.ClientCertificate is not null;

    public ISaslServerExchange Start(SaslServerContext context) => new Exchange(context.ClientCertificate!, identify ?? Identify);

    /// <summary>The subject's common name, else the whole subject.</summary>
    private static string? Identify(X509Certificate2 certificate)
    {
        X500RelativeDistinguishedName? name = certificate.SubjectName.EnumerateRelativeDistinguishedNames()
            .FirstOrDefault(static part => !part.HasMultipleElements && part.GetSingleElementType().Value == CommonName);
        return name?.GetSingleElementValue() ?? certificate.Subject;
    }

    private sealed class Exchange(X509Certificate2 certificate, Func<X509Certificate2, string?> identify) : ISaslServerExchange
    {
        /// <summary>The message is the authorization identity; clients that send none at all mean the same as an empty one.</summary>
        public ValueTask<SaslServerStep> StepAsync(ReadOnlyMemory<byte>? response, CancellationToken cancellationToken)
        {
            if (identify(certificate) is not { Length: > 0 } identity)
                return new(SaslServerStep.Refused("the certificate gives no identity"));
            ReadOnlyMemory<byte> asked = response ?? default;
            bool isSelf = asked.IsEmpty || asked.Span.SequenceEqual(Scram.StrictUtf8.GetBytes(identity));
            return new(isSelf ? SaslServerStep.Success(identity) : SaslServerStep.Refused("the client asks to act for somebody else than its certificate names"));
        }

        public void Dispose()
        {
        }
    }
}
