using Messaging.Amqp.Framing;
using Messaging.Security.Gssapi;

namespace Messaging.Security.Mechanisms;

/// <summary>The mechanism that a client logs in with.</summary>
internal readonly record struct MechanismChoice(string Mechanism, ISaslClientExchange Exchange)
{
    /// <summary>Takes the first of ours that the server offers, the options allow and the credentials make possible: the order of the server's offer counts for nothing.</summary>
    /// <param name="options">What is allowed.</param>
    /// <param name="context">The offer, the credentials and the connection.</param>
    /// <param name="onTrying">Told the name of each that is tried, in case it throws.</param>
    /// <exception cref="SaslException">None. The message says for each that is offered why not.</exception>
    public static MechanismChoice Make(ConnectionOptions options, SaslClientContext context, Action<string>? onTrying = null)
    {
        var problems = new List<string>();
        foreach (ISaslClientMechanism mechanism in options.CustomMechanisms.Concat(ClientMechanisms.Ranked))
        {
            if (!context.OfferedMechanisms.Contains(mechanism.Name, StringComparer.Ordinal))
                continue;
            onTrying?.Invoke(mechanism.Name);
            if (TryStart(mechanism, options, context, out string? problem) is { } exchange)
                return new MechanismChoice(mechanism.Name, exchange);
            problems.Add($"{mechanism.Name} {problem}");
        }

        throw new SaslException(SaslFailure.NoCommonMechanism, Explain(options, context, problems));
    }

    private static ISaslClientExchange? TryStart(ISaslClientMechanism mechanism, ConnectionOptions options, SaslClientContext context, out string? problem)
    {
        if (options.AllowedMechanisms is null && mechanism is GssapiClientMechanism)
            problem = "is used only when AllowedMechanisms names it";
        else if (options is { AllowedMechanisms: null, IsLoginMissing: true } && mechanism is AnonymousClient)
            problem = "is not used at a server to which the login of this connection does not go, because another one has named it or the login is that of a URL: list the server in Failover and set User, or name ANONYMOUS in AllowedMechanisms";
        else if (!Scram.IsAllowed(mechanism.Name, options.AllowedMechanisms))
            problem = "is not among AllowedMechanisms";
        else if (mechanism.RequiresEncryption && !context.IsEncrypted && !options.AllowInsecureMechanisms)
            problem = "would show the password or token on an unencrypted connection: use amqps, or set AllowInsecureMechanisms to allow it";
        else
            return mechanism.TryStart(context, out problem);
        return null;
    }

    private static string Explain(ConnectionOptions options, SaslClientContext context, List<string> problems)
    {
        if (context.OfferedMechanisms.Count == 0)
            return "The peer offers no mechanism: it lets nobody log in on this connection. See its configuration; it may ask for TLS.";
        IEnumerable<string> known = options.CustomMechanisms.Concat(ClientMechanisms.Ranked).Select(static mechanism => mechanism.Name);
        problems.AddRange(context.OfferedMechanisms.Except(known, StringComparer.Ordinal).Select(static name => $"{name} is not known to this side"));
        return PeerText.Escape($"The peer offers {string.Join(", ", context.OfferedMechanisms)}; none can be used: {string.Join("; ", problems)}.");
    }
}
