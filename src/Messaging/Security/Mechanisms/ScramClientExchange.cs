using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Messaging.Amqp.Framing;

namespace Messaging.Security.Mechanisms;

/// <summary>A client's login by SCRAM. It has succeeded only when the server has shown by its signature that it knows the password too.</summary>
internal sealed class ScramClientExchange(ScramHash hash, string user, byte[] password, string header, ReadOnlyMemory<byte> binding, string nonce) : ISaslClientExchange
{
    private readonly string _first = $"n={ScramText.Escape(user)},r={nonce}";
    private byte[]? _signature;
    private bool _isVerified;

    public ValueTask<byte[]?> StartAsync(CancellationToken cancellationToken) => new(Encoding.UTF8.GetBytes(header + _first));

    public ValueTask<byte[]> RespondAsync(ReadOnlyMemory<byte> challenge, CancellationToken cancellationToken)
    {
        if (_isVerified)
            throw Violation("The peer sent one more challenge after its signature.");
        if (!ScramText.TryDecode(challenge.Span, out string message))
            throw Violation("The peer's challenge is not UTF-8.");
        if (_signature is null)
            return new ValueTask<byte[]>(Prove(message));
        Verify(message);
        return new ValueTask<byte[]>([]);
    }

    public void Complete(ReadOnlyMemory<byte> additionalData)
    {
        if (_isVerified)
            return;
        if (_signature is null)
            throw new SaslException(SaslFailure.ServerNotAuthentic, "The peer reports success before it has proved that it knows the password.");
        if (additionalData.IsEmpty || !ScramText.TryDecode(additionalData.Span, out string message))
            throw new SaslException(SaslFailure.ServerNotAuthentic, "The peer reports success without the signature that would prove that it knows the password.");
        Verify(message);
    }

    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(password);
        CryptographicOperations.ZeroMemory(_signature);
    }

    /// <summary>Answers the server's first message with the proof, and keeps the signature that the server must show.</summary>
    private byte[] Prove(string serverFirst)
    {
        ThrowIfError(serverFirst);
        (string bothNonces, byte[] salt, int iterations) = Read(serverFirst);
        byte[] bound = [.. Encoding.ASCII.GetBytes(header), .. binding.Span];
        string withoutProof = $"c={Convert.ToBase64String(bound)},r={bothNonces}";
        byte[] authMessage = Encoding.UTF8.GetBytes($"{_first},{serverFirst},{withoutProof}");
        byte[] salted = Scram.Salt(hash, password, salt, iterations);
        byte[] clientKey = Scram.ClientKey(hash, salted);
        byte[] clientSignature = Scram.Hmac(hash, Scram.Hash(hash, clientKey), authMessage);
        _signature = Scram.Hmac(hash, Scram.ServerKey(hash, salted), authMessage);
        string proof = Convert.ToBase64String(Scram.Xor(clientKey, clientSignature));
        CryptographicOperations.ZeroMemory(salted);
        CryptographicOperations.ZeroMemory(clientKey);
        return Encoding.UTF8.GetBytes($"{withoutProof},p={proof}");
    }

    private (string Nonce, byte[] Salt, int Iterations) Read(string message)
    {
        if (message.StartsWith("m=", StringComparison.Ordinal))
            throw Violation("The peer demands an extension that is not known to this side.");
        var text = new ScramText(message);
        if (!text.TryTake('r', out string bothNonces) || !text.TryTake('s', out string salt) || !text.TryTake('i', out string iterations) || !text.TryEnd())
            throw Violation("The peer's first message is not of the form r=…,s=…,i=….");
        if (!ScramText.IsNonce(bothNonces) || !bothNonces.StartsWith(nonce, StringComparison.Ordinal) || bothNonces.Length == nonce.Length)
            throw new SaslException(SaslFailure.ServerNotAuthentic, "The peer's nonce does not begin with ours and go on: its answer is not to this login.");
        if (!ScramText.TryReadBase64(salt, out byte[] saltBytes))
            throw Violation("The peer's salt is empty or not in base 64.");
        if (!ScramText.TryReadNumber(iterations, out int count) || count is < Scram.LeastIterations or > Scram.MostIterations)
        {
            throw Violation(string.Create(
                CultureInfo.InvariantCulture,
                $"The peer asks for '{PeerText.Escape(iterations)}' iterations; {Scram.LeastIterations} to {Scram.MostIterations} are taken. Fewer would make the password easy to guess, more would take too long."));
        }

        return (bothNonces, saltBytes, count);
    }

    private void Verify(string serverFinal)
    {
        ThrowIfError(serverFinal);
        var text = new ScramText(serverFinal);
        if (!text.TryTake('v', out string verifier) || !text.TryEnd() || !ScramText.TryReadBase64(verifier, out byte[] signature))
            throw Violation("The peer's last message is not of the form v=….");
        if (!CryptographicOperations.FixedTimeEquals(signature, _signature))
            throw new SaslException(SaslFailure.ServerNotAuthentic, "The peer's signature is wrong: it does not know the password, or somebody has changed the exchange on its way.");
        _isVerified = true;
    }

    /// <summary>RFC 5802, 7, server-error-value.</summary>
    private static void ThrowIfError(string message)
    {
        var text = new ScramText(message);
        if (!text.TryTake('e', out string error))
            return;
        SaslFailure failure = error switch
        {
            "invalid-proof" or "unknown-user" or "invalid-username-encoding" => SaslFailure.CredentialsRefused,
            "no-resources" => SaslFailure.ServerUnavailable,
            _ when error.Contains("channel-binding", StringComparison.Ordinal) => SaslFailure.ServerNotAuthentic,
            _ => SaslFailure.ServerFault,
        };
        throw new SaslException(failure, $"The peer refused the login: {PeerText.Escape(error)}.");
    }

    private static SaslException Violation(string what) => new(SaslFailure.ProtocolViolation, what);
}
