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

    /// <summary>.NET looks at its own revocation option only where there is no policy: what Configure has set there goes into ours, unless Configure has put another one in its place.</summary>
    public static void TakeRevocation(X509ChainPolicy own, X509ChainPolicy? configured, X509RevocationMode mode)
    {
        if (ReferenceEquals(own, configured) && mode != X509RevocationMode.NoCheck)
            own.RevocationMode = mode;
    }
}
