namespace Messaging.Security.Mechanisms;

/// <summary>ANONYMOUS (RFC 4505) on a client: only when no credentials are given, so that nobody who gave some is anonymous unawares.</summary>
internal sealed class AnonymousClient : ISaslClientMechanism
{
    public string Name => "ANONYMOUS";

    public bool RequiresEncryption => false;

    public ISaslClientExchange? TryStart(SaslClientContext context, out string? problem)
    {
        problem = context.Credentials is null ? null : "is not used when credentials are given: leave them out, or name ANONYMOUS in AllowedMechanisms";
        return problem is null ? new OneMessage(Name, "anonymous"u8.ToArray()) : null;
    }
}

/// <summary>ANONYMOUS (RFC 4505) on a listener; the client's trace information is not looked at.</summary>
internal sealed class AnonymousServer : ISaslServerMechanism, ISaslServerExchange
{
    public string Name => "ANONYMOUS";

    public bool RequiresEncryption => false;

    public bool IsUsable(SaslServerContext context) => true;

    public ISaslServerExchange Start(SaslServerContext context) => this;

    public ValueTask<SaslServerStep> StepAsync(ReadOnlyMemory<byte>? response, CancellationToken cancellationToken) => new(SaslServerStep.Success("anonymous"));

    public void Dispose()
    {
    }
}
