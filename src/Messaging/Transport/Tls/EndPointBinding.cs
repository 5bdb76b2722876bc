using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Messaging.Transport;

/// <summary>The channel binding <c>tls-server-end-point</c> (RFC 5929, 4.1): the server's certificate, hashed with the hash of its own signature.</summary>
internal static class EndPointBinding
{
    private const string RsaPss = "1.2.840.113549.1.1.10";

    /// <summary>The binding; empty when the certificate's signature has no single hash, as with Ed25519, or one that .NET does not know: then there is no binding.</summary>
    public static ReadOnlyMemory<byte> Of(X509Certificate2 certificate)
    {
        string? algorithm = certificate.SignatureAlgorithm.Value;
        return Hash(algorithm == RsaPss ? PssHash(certificate.RawDataMemory) : algorithm) switch
        {
            "SHA256" => SHA256.HashData(certificate.RawDataMemory.Span),
            "SHA384" => SHA384.HashData(certificate.RawDataMemory.Span),
            "SHA512" => SHA512.HashData(certificate.RawDataMemory.Span),
            _ => ReadOnlyMemory<byte>.Empty,
        };
    }

    /// <summary>MD5 and SHA-1 count as SHA-256, says the RFC.</summary>
    private static string? Hash(string? oid) => oid switch
    {
        "1.2.840.113549.1.1.4" or "1.2.840.113549.1.1.5" or "1.3.14.3.2.29" or "1.2.840.10045.4.1" or "1.2.840.10040.4.3" or "1.3.14.3.2.26" => "SHA256",
        "1.2.840.113549.1.1.11" or "1.2.840.10045.4.3.2" or "2.16.840.1.101.3.4.3.2" or "2.16.840.1.101.3.4.2.1" => "SHA256",
        "1.2.840.113549.1.1.12" or "1.2.840.10045.4.3.3" or "2.16.840.1.101.3.4.3.3" or "2.16.840.1.101.3.4.2.2" => "SHA384",
        "1.2.840.113549.1.1.13" or "1.2.840.10045.4.3.4" or "2.16.840.1.101.3.4.3.4" or "2.16.840.1.101.3.4.2.3" => "SHA512",
        _ => null,
    };

    /// <summary>The hash that RSASSA-PSS names in its parameters (RFC 4055, 3.1); SHA-1 when it names none.</summary>
    private static string? PssHash(ReadOnlyMemory<byte> certificate)
    {
        const string Sha1 = "1.3.14.3.2.26";
        try
        {
            AsnReader fields = new AsnReader(certificate, AsnEncodingRules.DER).ReadSequence();
            fields.ReadEncodedValue(); // tbsCertificate
            AsnReader algorithm = fields.ReadSequence();
            algorithm.ReadObjectIdentifier();
            AsnReader parameters = algorithm.ReadSequence();
            var tag = new Asn1Tag(TagClass.ContextSpecific, 0);
            if (!parameters.HasData || !parameters.PeekTag().HasSameClassAndValue(tag)) return Sha1;
            return parameters.ReadSequence(tag).ReadSequence().ReadObjectIdentifier();
        }
        catch (AsnContentException)
        {
            return null;
        }
    }
}
