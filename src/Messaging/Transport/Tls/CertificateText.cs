using System.Globalization;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Messaging.Amqp.Framing;

namespace Messaging.Transport;

/// <summary>Says why a peer's certificate is refused. Everything in it may be of an attacker's making, so it is escaped and cut.</summary>
internal static class CertificateText
{
    private const int MostNames = 8;
    private const int LongestName = 200;

    /// <summary>Who it is, for messages.</summary>
    public static string Name(X509Certificate2 certificate) => $"'{Short(certificate.Subject)}', issued by '{Short(certificate.Issuer)}'";

    /// <summary>Everything that is wrong with it.</summary>
    /// <param name="certificate">The peer's certificate.</param>
    /// <param name="chain">What .NET found above it.</param>
    /// <param name="errors">What .NET found wrong.</param>
    /// <param name="host">The name that it must be for; <see langword="null"/> for a client's certificate.</param>
    public static string Problems(X509Certificate2 certificate, X509Chain? chain, SslPolicyErrors errors, string? host)
    {
        var problems = new List<string>();
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
            problems.Add($"it is not for '{Short(host ?? "")}' but for {Names(certificate)}");
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors))
            problems.AddRange(ChainProblems(certificate, chain));
        return problems.Count == 0 ? errors.ToString() : string.Join("; ", problems);
    }

    private static IEnumerable<string> ChainProblems(X509Certificate2 certificate, X509Chain? chain)
    {
        X509ChainStatusFlags all = (chain?.ChainStatus ?? []).Aggregate(X509ChainStatusFlags.NoError, (flags, status) => flags | status.Status);
        if (chain is null || all == X509ChainStatusFlags.NoError)
        {
            yield return "its chain cannot be verified";
            yield break;
        }

        foreach (X509ChainElement element in chain.ChainElements.Where(element => element.ChainElementStatus.Any(status => status.Status == X509ChainStatusFlags.NotTimeValid)))
            yield return Time(element.Certificate, element == chain.ChainElements[0]);
        if (all.HasFlag(X509ChainStatusFlags.UntrustedRoot))
            yield return chain.ChainElements.Count == 1 ? "it is self-signed and not among the trusted ones" : $"its root '{Short(chain.ChainElements[^1].Certificate.Subject)}' is not trusted";
        if (all.HasFlag(X509ChainStatusFlags.PartialChain))
            yield return $"no trusted authority is known above '{Short(chain.ChainElements is [.., { Certificate: var last }] ? last.Issuer : certificate.Issuer)}'";
        if (all.HasFlag(X509ChainStatusFlags.NotValidForUsage))
            yield return "it was not issued for this use (extended key usage)";
        const X509ChainStatusFlags Told = X509ChainStatusFlags.NotTimeValid | X509ChainStatusFlags.UntrustedRoot | X509ChainStatusFlags.PartialChain | X509ChainStatusFlags.NotValidForUsage;
        if ((all & ~Told) != 0)
            yield return $"its chain is not valid: {all & ~Told}";
    }

    private static string Time(X509Certificate2 certificate, bool isLeaf)
    {
        string who = isLeaf ? "it" : $"the authority '{Short(certificate.Subject)}' above it";
        DateTime from = certificate.NotBefore.ToUniversalTime(), to = certificate.NotAfter.ToUniversalTime();
        return TimeProvider.System.GetUtcNow().UtcDateTime < from // the clock by which .NET has just judged
            ? string.Create(CultureInfo.InvariantCulture, $"{who} is not yet valid: it begins at {from:u}")
            : string.Create(CultureInfo.InvariantCulture, $"{who} has expired: it ended at {to:u}");
    }

    private static string Names(X509Certificate2 certificate)
    {
        var names = new List<string>();
        foreach (X509SubjectAlternativeNameExtension extension in certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>())
        {
            names.AddRange(extension.EnumerateDnsNames().Take(MostNames));
            names.AddRange(extension.EnumerateIPAddresses().Take(MostNames).Select(address => address.ToString()));
        }

        if (names.Count == 0) names.Add(certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false));
        string shown = string.Join(", ", names.Take(MostNames).Select(name => $"'{Short(name)}'"));
        return names.Count > MostNames ? shown + " and others" : shown;
    }

    private static string Short(string text) => PeerText.Escape(text.Length > LongestName ? text[..LongestName] + "..." : text);
}
