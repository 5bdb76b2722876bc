using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Messaging.Transport;

/// <summary>Takes the verdict on one peer's certificate in one handshake and keeps the reason: SslStream's own exceptions do not tell it.</summary>
/// <param name="whose">"server" or "client".</param>
/// <param name="host">The name that it must be for; <see langword="null"/> for a client's.</param>
/// <param name="isWanted">Whether the peer must show one.</param>
/// <param name="isVerified">Whether one that is shown must be valid.</param>
internal sealed class CertificateCheck(string whose, string? host, bool isWanted, bool isVerified)
{
    /// <summary>Why the peer was refused.</summary>
    public string? Refusal { get; private set; }

    public bool Check(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (certificate is null)
        {
            if (isWanted) Refusal = $"the {whose} shows no certificate";
        }
        else if (isVerified && errors != SslPolicyErrors.None)
        {
            Refusal = $"the {whose}'s certificate is refused: {errors}"; // stands if the certificate is too broken to be described
            Refusal = Describe(certificate, chain, errors) ?? Refusal;
        }

        return Refusal is null;
    }

    private string? Describe(X509Certificate certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        try
        {
            using X509Certificate2 copy = X509CertificateLoader.LoadCertificate(certificate.GetRawCertData());
            return $"the {whose}'s certificate ({CertificateText.Name(copy)}) is refused: {CertificateText.Problems(copy, chain, errors, host)}";
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}
