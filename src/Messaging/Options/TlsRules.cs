using System.Security.Cryptography.X509Certificates;

namespace Messaging;

/// <summary>Checks that the TLS options of client and listener have in common. Files are not looked at: they may come later.</summary>
internal static class TlsRules
{
    public static void Mode(TlsMode mode)
    {
        if (!Enum.IsDefined(mode))
            throw new ArgumentOutOfRangeException(nameof(mode), mode, $"Tls.Mode is {mode}; it must be Direct or InBand.");
    }

    public static void Files(string prefix, string? certificate, string? key, string? password)
    {
        Require.NotEmpty(certificate, $"{prefix}.Certificate");
        Require.NotEmpty(key, $"{prefix}.Key");
        if (key is not null && certificate is null)
            throw new ArgumentException($"{prefix}.Key is set without {prefix}.Certificate: set both.", nameof(key));
        if (password is not null && certificate is null)
            throw new ArgumentException($"{prefix}.KeyPassword is set without {prefix}.Certificate: set both.", nameof(password));
    }

    public static void Trust(string prefix, string? ca, X509Certificate2Collection? trusted)
    {
        Require.NotEmpty(ca, $"{prefix}.Ca");
        if (ca is not null && trusted is not null)
            throw new ArgumentException($"{prefix}.Ca and {prefix}.TrustedCertificates are both set: set the one that is meant.", nameof(trusted));
        if (trusted is { Count: 0 })
            throw new ArgumentException($"{prefix}.TrustedCertificates is empty, so nobody would be trusted: leave it null for the system's trust.", nameof(trusted));
    }

    public static X509Certificate2Collection? Copy(X509Certificate2Collection? certificates) => certificates is null ? null : [.. certificates];
}
