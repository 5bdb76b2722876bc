namespace Messaging;

/// <summary>Whether a listener asks clients for a certificate.</summary>
public enum ClientCertificateMode
{
    /// <summary>No.</summary>
    None,

    /// <summary>Yes, and goes on without one. One that is shown must be valid.</summary>
    Optional,

    /// <summary>Yes, and refuses without a valid one.</summary>
    Required,
}
