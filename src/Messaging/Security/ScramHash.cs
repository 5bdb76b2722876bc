namespace Messaging;

/// <summary>The hash of a SCRAM mechanism (RFC 5802, RFC 7677).</summary>
public enum ScramHash
{
    /// <summary>SCRAM-SHA-1.</summary>
    Sha1,

    /// <summary>SCRAM-SHA-256.</summary>
    Sha256,

    /// <summary>SCRAM-SHA-512.</summary>
    Sha512,
}
