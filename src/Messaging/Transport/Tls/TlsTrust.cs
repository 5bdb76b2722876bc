using System.Security.Cryptography.X509Certificates;

namespace Messaging.Transport;

/// <summary>How a peer's certificate is verified.</summary>
internal static class TlsTrust
{
    /// <summary>Against these and nothing else, or against the system's trust. Missing certificates are not fetched: their address would be of the peer's choice.</summary>
    public static X509ChainPolicy Policy(X509Certificate2Collection? trusted)
    {
        var policy = new X509ChainPolicy { RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true };
        if (trusted is null) return policy;

        policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        policy.CustomTrustStore.AddRange(trusted);
        return policy;
    }
}
