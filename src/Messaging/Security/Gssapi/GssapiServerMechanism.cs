namespace Messaging.Security.Gssapi;

/// <summary>GSSAPI (RFC 4752) with Kerberos 5, as a listener: the keytab checks the client's ticket.</summary>
internal sealed class GssapiServerMechanism(Func<IGssContext> createContext) : ISaslServerMechanism
{
    public GssapiServerMechanism()
        : this(KerberosContext.ForServer)
    {
    }

    public string Name => "GSSAPI";

    public bool RequiresEncryption => false;

    public bool IsUsable(SaslServerContext context) => true;

    public ISaslServerExchange Start(SaslServerContext context) => new GssapiServerExchange(createContext());
}
