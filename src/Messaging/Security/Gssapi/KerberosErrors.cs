using System.Net.Security;

namespace Messaging.Security.Gssapi;

/// <summary>What Kerberos says is a code without details; these texts add what it mostly means and how to find out.</summary>
internal static class KerberosErrors
{
    /// <summary>A client gets no token for its service.</summary>
    public static SaslException NoToken(string target, NegotiateAuthenticationStatusCode status) => status switch
    {
        NegotiateAuthenticationStatusCode.UnknownCredentials => new SaslException(
            SaslFailure.MechanismFailed,
            $"GSSAPI: there is no Kerberos ticket to log in to '{target}' with. Get one with kinit, or name a client keytab in KRB5_CLIENT_KTNAME; klist shows what is there."),
        NegotiateAuthenticationStatusCode.CredentialsExpired => new SaslException(
            SaslFailure.MechanismFailed,
            $"GSSAPI: the Kerberos ticket has expired. Get a new one with kinit, then '{target}' can be asked for again.", isTransient: true),
        NegotiateAuthenticationStatusCode.Unsupported => new SaslException(
            SaslFailure.MechanismFailed,
            "GSSAPI: this machine has no Kerberos. Install the GSS-API library (Debian: apt-get install libgssapi-krb5-2)."),

        // one code for what passes (no KDC, clocks, an expired ticket) and what does not (an unknown service): tried again
        _ => new SaslException(
            SaslFailure.MechanismFailed,
            $"GSSAPI: Kerberos gave no ticket for the service '{target}' ({status}). Mostly the KDC does not know that service (the URL's host must be as in the service's principal), "
            + "no KDC answers, the ticket has expired (kinit), or the clocks are more than 5 minutes apart. "
            + $"'kvno {target}' says which, and so does KRB5_TRACE=/dev/stderr.",
            isTransient: true),
    };

    /// <summary>What answers is not the server that the ticket is for.</summary>
    public static SaslException WrongServer(string target, string why) =>
        new(SaslFailure.ServerNotAuthentic, $"GSSAPI: the server is not '{target}', or its keytab is out of date: {why}.");

    /// <summary>A listener cannot check tickets at all.</summary>
    public static InvalidOperationException NoKeytab() =>
        new("GSSAPI: the listener has no keytab that it can read, so no ticket can be checked. Export one for amqp/HOST and name it in KRB5_KTNAME (default /etc/krb5.keytab).");
}
