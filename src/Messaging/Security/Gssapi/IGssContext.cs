using System.Net.Security;

namespace Messaging.Security.Gssapi;

/// <summary>One side of a GSS-API security context (RFC 2743), as far as SASL needs it.</summary>
internal interface IGssContext : IDisposable
{
    /// <summary>Who the peer is; valid when the context is complete.</summary>
    string PeerName { get; }

    /// <summary>Whether the server, too, has proved who it is.</summary>
    bool IsMutual { get; }

    /// <summary>Takes the peer's token (empty at the client's start) and makes the next one. It may talk to the KDC and block.</summary>
    /// <returns>The token for the peer; null for none.</returns>
    byte[]? Step(ReadOnlySpan<byte> token, out NegotiateAuthenticationStatusCode status);

    /// <summary>Protects a message against change; it is not encrypted.</summary>
    byte[] Wrap(ReadOnlySpan<byte> message);

    /// <summary>The message in a token from <see cref="Wrap"/>; null when it is not the peer's.</summary>
    byte[]? Unwrap(ReadOnlySpan<byte> token);
}
