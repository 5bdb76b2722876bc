namespace Messaging.Security.Gssapi;

/// <summary>GSSAPI (RFC 4752) with Kerberos 5, as a client: the ticket logs in, for the service <c>amqp</c> of the URL's host.</summary>
internal sealed class GssapiClientMechanism(Func<string, IGssContext> createContext) : ISaslClientMechanism
{
    public GssapiClientMechanism()
        : this(KerberosContext.ForClient)
    {
    }

    public string Name => "GSSAPI";

    public bool RequiresEncryption => false;

    public ISaslClientExchange? TryStart(SaslClientContext context, out string? problem)
    {
        problem = context.Host.Length == 0 ? "it needs the name of the server's host" : null;
        return problem is null ? new GssapiClientExchange($"amqp/{context.Host}", context.Credentials?.User ?? "", createContext) : null;
    }
}
