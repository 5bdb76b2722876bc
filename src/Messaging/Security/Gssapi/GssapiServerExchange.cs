using System.Net.Security;

namespace Messaging.Security.Gssapi;

/// <summary>A client's login by GSSAPI (RFC 4752, 3.2): tokens until both sides know each other, the offer of no security layer, the client's choice of it.</summary>
internal sealed class GssapiServerExchange(IGssContext context) : ISaslServerExchange
{
    private const string Anonymous = "WELLKNOWN/ANONYMOUS@"; // a ticket that the KDC gives to anybody (RFC 8062)

    private Expected _expected;

    /// <summary>What the client's next message is.</summary>
    private enum Expected : byte
    {
        /// <summary>Its first token, or an initial response without anything in it.</summary>
        Start,
        Token,

        /// <summary>The empty response to our last token.</summary>
        Nothing,
        Choice,
        NoMore,
    }

    public ValueTask<SaslServerStep> StepAsync(ReadOnlyMemory<byte>? response, CancellationToken cancellationToken) => new(Step(response.GetValueOrDefault().Span));

    public void Dispose() => context.Dispose();

    private SaslServerStep Step(ReadOnlySpan<byte> response) => _expected switch
    {
        Expected.Start when response.IsEmpty => AskForToken(),
        Expected.Start or Expected.Token when !response.IsEmpty => Accept(response),
        Expected.Nothing when response.IsEmpty => Offer(),
        Expected.Choice => Decide(response),
        _ => Refuse("the client sent a message out of its order"),
    };

    /// <summary>The client begins (3.1): one without an initial response is asked for its token by an empty challenge.</summary>
    private SaslServerStep AskForToken()
    {
        _expected = Expected.Token;
        return SaslServerStep.Challenge(default);
    }

    private SaslServerStep Accept(ReadOnlySpan<byte> token)
    {
        _expected = Expected.Token;
        byte[]? answer = context.Step(token, out NegotiateAuthenticationStatusCode status);
        switch (status)
        {
            case NegotiateAuthenticationStatusCode.ContinueNeeded when answer is not null:
                return SaslServerStep.Challenge(answer);
            case NegotiateAuthenticationStatusCode.Completed when answer is { Length: > 0 }:
                _expected = Expected.Nothing;
                return SaslServerStep.Challenge(answer);
            case NegotiateAuthenticationStatusCode.Completed:
                return Offer();
            case NegotiateAuthenticationStatusCode.UnknownCredentials:
                throw KerberosErrors.NoKeytab();
            default:
                return Refuse($"the ticket is not valid here ({status}): it is not for a service in the keytab, the keytab is out of date, or the clocks are more than 5 minutes apart");
        }
    }

    private SaslServerStep Offer()
    {
        _expected = Expected.Choice;
        return SaslServerStep.Challenge(context.Wrap(SecurityLayer.Offer));
    }

    private SaslServerStep Decide(ReadOnlySpan<byte> response)
    {
        _expected = Expected.NoMore;
        string principal = context.PeerName;
        if (principal.Length == 0 || principal.StartsWith(Anonymous, StringComparison.Ordinal))
            return Refuse("the ticket names nobody");
        if (context.Unwrap(response) is not { } choice || !SecurityLayer.TryReadChoice(choice, out string authorization))
            return Refuse("the client's choice of a security layer is not one that was offered");
        if (!IsSame(authorization, principal))
            return Refuse("the client asks to act for somebody else than its ticket names");
        return SaslServerStep.Success(principal);
    }

    /// <summary>Acting for somebody else is not supported; <c>alice</c> is the same as <c>alice@REALM</c> to those clients that leave the realm out.</summary>
    private static bool IsSame(string authorization, string principal)
    {
        if (authorization.Length == 0 || string.Equals(authorization, principal, StringComparison.Ordinal))
            return true;
        int realm = principal.LastIndexOf('@');
        return realm > 0 && principal.AsSpan(0, realm).SequenceEqual(authorization);
    }

    private SaslServerStep Refuse(string reason)
    {
        _expected = Expected.NoMore;
        return SaslServerStep.Refused(reason);
    }
}
