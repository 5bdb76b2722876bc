using System.Buffers;
using System.Net.Security;

namespace Messaging.Security.Gssapi;

/// <summary>Kerberos 5 by the system's own library: MIT's or Heimdal's GSS-API, on Windows SSPI.</summary>
internal sealed class KerberosContext : IGssContext
{
    // "GSSAPI" is no package name of .NET, and "Negotiate" would be SPNEGO, which RFC 4752 (1) excludes
    private const string Package = "Kerberos";

    private readonly NegotiateAuthentication _authentication;

    private KerberosContext(NegotiateAuthentication authentication) => _authentication = authentication;

    public string PeerName => _authentication.RemoteIdentity.Name ?? "";

    public bool IsMutual => _authentication.IsMutuallyAuthenticated;

    /// <summary>A client with the ticket of the process: its ticket cache, or else its client keytab.</summary>
    public static KerberosContext ForClient(string target) => Create(() => new NegotiateAuthentication(new NegotiateAuthenticationClientOptions
    {
        Package = Package,
        TargetName = target,
        RequireMutualAuthentication = true,
        RequiredProtectionLevel = ProtectionLevel.Sign,
    }));

    /// <summary>A server with the keytab of the process, under any name in it.</summary>
    public static KerberosContext ForServer() => Create(() => new NegotiateAuthentication(new NegotiateAuthenticationServerOptions { Package = Package }));

    public byte[]? Step(ReadOnlySpan<byte> token, out NegotiateAuthenticationStatusCode status)
    {
        try
        {
            return _authentication.GetOutgoingBlob(token, out status);
        }
        catch (Exception exception) when (IsMissing(exception))
        {
            throw Missing(exception); // a client loads the library here, a server when it is created
        }
    }

    public byte[] Wrap(ReadOnlySpan<byte> message)
    {
        var wrapped = new ArrayBufferWriter<byte>();
        NegotiateAuthenticationStatusCode status = _authentication.Wrap(message, wrapped, requestEncryption: false, out _);
        return status == NegotiateAuthenticationStatusCode.Completed
            ? wrapped.WrittenSpan.ToArray()
            : throw new InvalidOperationException($"Kerberos could not protect a message of {message.Length} bytes ({status}).");
    }

    public byte[]? Unwrap(ReadOnlySpan<byte> token)
    {
        var message = new ArrayBufferWriter<byte>();
        NegotiateAuthenticationStatusCode status = _authentication.Unwrap(token, message, out _);
        return status == NegotiateAuthenticationStatusCode.Completed ? message.WrittenSpan.ToArray() : null;
    }

    public void Dispose() => _authentication.Dispose();

    private static KerberosContext Create(Func<NegotiateAuthentication> create)
    {
        try
        {
            return new KerberosContext(create());
        }
        catch (Exception exception) when (IsMissing(exception))
        {
            throw Missing(exception);
        }
    }

    private static bool IsMissing(Exception exception) => exception is TypeInitializationException or PlatformNotSupportedException or DllNotFoundException;

    private static PlatformNotSupportedException Missing(Exception inner) =>
        new("Kerberos is not on this machine: install the GSS-API library (Debian: apt-get install libgssapi-krb5-2).", inner);
}
