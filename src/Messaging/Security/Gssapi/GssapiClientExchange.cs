using System.Net.Security;

namespace Messaging.Security.Gssapi;

/// <summary>A login by GSSAPI: tokens until both sides know each other, then the choice of no security layer (RFC 4752, 3.1).</summary>
internal sealed class GssapiClientExchange(string target, string authorization, Func<string, IGssContext> createContext) : ISaslClientExchange
{
    private IGssContext? _context;
    private Task<byte[]>? _start;
    private Expected _expected;

    /// <summary>What the server's next message is.</summary>
    private enum Expected : byte
    {
        Token,
        Layers,
        Success,
    }

    /// <remarks>Asking the KDC blocks a thread, for half a minute when no KDC answers; the login's own limit ends the waiting.</remarks>
    public async ValueTask<byte[]?> StartAsync(CancellationToken cancellationToken)
    {
        _start = Task.Run(Start, cancellationToken);
        return await _start.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    public ValueTask<byte[]> RespondAsync(ReadOnlyMemory<byte> challenge, CancellationToken cancellationToken) => new(_expected switch
    {
        Expected.Token => Advance(challenge.Span),
        Expected.Layers => Choose(challenge.Span),
        _ => throw KerberosErrors.WrongServer(target, "it sent a challenge after the mechanism's last one"),
    });

    public void Complete(ReadOnlyMemory<byte> additionalData)
    {
        if (_expected != Expected.Success)
            throw KerberosErrors.WrongServer(target, "it said that the login succeeded before it had proved who it is");
    }

    public void Dispose()
    {
        // a thread that still waits for the KDC uses the context
        _ = _start?.ContinueWith(
            start =>
            {
                _ = start.Exception;
                _context?.Dispose();
            },
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
    }

    private byte[] Start()
    {
        try
        {
            _context = createContext(target);
            return Advance([]);
        }
        catch (PlatformNotSupportedException exception)
        {
            throw new SaslException(SaslFailure.MechanismFailed, $"GSSAPI: {exception.Message}", innerException: exception);
        }
    }

    private byte[] Advance(ReadOnlySpan<byte> token)
    {
        byte[]? answer = _context!.Step(token, out NegotiateAuthenticationStatusCode status);
        if (status == NegotiateAuthenticationStatusCode.ContinueNeeded && answer is not null)
            return answer;
        if (status != NegotiateAuthenticationStatusCode.Completed)
            throw token.IsEmpty ? KerberosErrors.NoToken(target, status) : KerberosErrors.WrongServer(target, $"its token is not one for us ({status})");
        if (!_context.IsMutual)
            throw KerberosErrors.WrongServer(target, "it did not prove who it is");

        _expected = Expected.Layers;
        return answer ?? []; // an empty response asks for the security layers
    }

    private byte[] Choose(ReadOnlySpan<byte> token)
    {
        byte[] offer = _context!.Unwrap(token) ?? throw KerberosErrors.WrongServer(target, "its list of security layers is not protected by the ticket's key");
        bool allowsNone = SecurityLayer.AllowsNone(offer) ?? throw KerberosErrors.WrongServer(target, "its list of security layers is malformed");
        if (!allowsNone)
        {
            throw new SaslException(
                SaslFailure.NoCommonMechanism,
                $"GSSAPI: the server '{target}' demands a security layer of Kerberos, which is not supported. Let it go without one, and use TLS for encryption.");
        }

        _expected = Expected.Success;
        return _context.Wrap(SecurityLayer.Choose(authorization));
    }
}
