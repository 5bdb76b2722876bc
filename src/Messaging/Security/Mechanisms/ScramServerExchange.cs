using System.Security.Cryptography;
using System.Text;
using Messaging.Security.Prep;

namespace Messaging.Security.Mechanisms;

/// <summary>A login by SCRAM at a listener. Our signature goes into the outcome's additional data (AMQP 1.0 part 5, 5.3.3.5).</summary>
/// <param name="users">The users.</param>
/// <param name="hash">The hash.</param>
/// <param name="isPlus">Whether the login is bound to the TLS channel.</param>
/// <param name="binding">The channel binding of a -PLUS mechanism.</param>
/// <param name="isPlusOffered">Whether the -PLUS mechanism was offered.</param>
/// <param name="nonce">Our part of the nonce.</param>
internal sealed class ScramServerExchange(UserKeys users, ScramHash hash, bool isPlus, ReadOnlyMemory<byte> binding, bool isPlusOffered, string nonce) : ISaslServerExchange
{
    private string _header = "";
    private string _clientFirst = "";
    private string _serverFirst = "";
    private string _nonces = "";
    private string _user = "";
    private ScramKeys? _keys;
    private bool _isKnown;

    public async ValueTask<SaslServerStep> StepAsync(ReadOnlyMemory<byte>? response, CancellationToken cancellationToken)
    {
        if (response is not { } bytes)
            return SaslServerStep.Challenge(default); // RFC 4422, 3: a client without an initial response is asked for it
        if (!ScramText.TryDecode(bytes.Span, out string message))
            return SaslServerStep.Refused("the message is not UTF-8");
        if (_keys is not null)
            return Finish(message);
        if (ReadFirst(message) is { } problem)
            return SaslServerStep.Refused(problem);
        (_keys, _isKnown) = await users.FindAsync(_user, hash, cancellationToken).ConfigureAwait(false);
        _serverFirst = $"r={_nonces},s={Convert.ToBase64String(_keys.Salt.Span)},i={_keys.Iterations}";
        return SaslServerStep.Challenge(Encoding.UTF8.GetBytes(_serverFirst));
    }

    public void Dispose()
    {
    }

    /// <returns>What is wrong; null when nothing is.</returns>
    private string? ReadFirst(string message)
    {
        int flagEnd = message.IndexOf(',', StringComparison.Ordinal);
        int headerEnd = flagEnd < 0 ? -1 : message.IndexOf(',', flagEnd + 1);
        if (headerEnd < 0)
            return "the first message has no gs2 header";
        _header = message[..(headerEnd + 1)];
        _clientFirst = message[(headerEnd + 1)..];
        if (CheckFlag(message[..flagEnd]) is { } problem)
            return problem;

        var text = new ScramText(_clientFirst);
        if (!text.TryTake('n', out string escaped) || !text.TryTake('r', out string clientNonce) || !text.TryEnd() || !ScramText.IsNonce(clientNonce))
            return "the first message is not of the form n=…,r=…";
        if (!ScramText.TryUnescape(escaped, out string user) || !SaslPrep.TryPrepare(user, isStored: false, out _user) || _user.Length == 0)
            return "the user name is malformed";
        _nonces = clientNonce + nonce;
        return CheckAuthorization(message[(flagEnd + 1)..headerEnd]);
    }

    /// <summary>RFC 5802, 6.</summary>
    private string? CheckFlag(string flag) => flag switch
    {
        "p=" + Scram.Binding => !isPlus ? "a channel binding with a mechanism that has none" : null,
        _ when isPlus => "a -PLUS mechanism without the channel binding tls-server-end-point",
        "n" => null,
        "y" => isPlusOffered ? "the client saw no -PLUS mechanism though one was offered: somebody between has removed it" : null,
        _ => "the gs2 flag is malformed",
    };

    /// <summary>To act for somebody else is not supported.</summary>
    private string? CheckAuthorization(string attribute)
    {
        if (attribute.Length == 0)
            return null;
        bool isSelf = attribute.StartsWith("a=", StringComparison.Ordinal) && ScramText.TryUnescape(attribute[2..], out string identity)
            && SaslPrep.TryPrepare(identity, isStored: false, out identity) && string.Equals(identity, _user, StringComparison.Ordinal);
        return isSelf ? null : "the client asks to act for somebody else";
    }

    private SaslServerStep Finish(string message)
    {
        int proofStart = message.LastIndexOf(",p=", StringComparison.Ordinal);
        if (proofStart < 0)
            return SaslServerStep.Refused("the last message has no proof");
        var text = new ScramText(message.AsSpan(0, proofStart));
        byte[] bound = [.. Scram.StrictUtf8.GetBytes(_header), .. binding.Span];
        if (!text.TryTake('c', out string channel) || !text.TryTake('r', out string nonces) || !text.TryEnd()
            || !ScramText.TryReadBase64(message[(proofStart + 3)..], out byte[] proof))
        {
            return SaslServerStep.Refused("the last message is not of the form c=…,r=…,p=…");
        }

        if (!string.Equals(channel, Convert.ToBase64String(bound), StringComparison.Ordinal))
            return SaslServerStep.Refused("the channel binding differs: somebody between ends the client's TLS, or has changed the first message");
        if (!string.Equals(nonces, _nonces, StringComparison.Ordinal))
            return SaslServerStep.Refused("the nonce is not that of this login");
        byte[] authMessage = Encoding.UTF8.GetBytes($"{_clientFirst},{_serverFirst},{message[..proofStart]}");
        return IsProved(authMessage, proof)
            ? SaslServerStep.Success(_user, Encoding.ASCII.GetBytes("v=" + Convert.ToBase64String(Scram.Hmac(hash, _keys!.ServerKey.Span, authMessage))))
            : SaslServerStep.Refused("the user is unknown or the password is wrong");
    }

    /// <summary>The same work for an unknown user.</summary>
    private bool IsProved(byte[] authMessage, byte[] proof)
    {
        if (proof.Length != Scram.Length(hash))
            return false;
        byte[] clientKey = Scram.Xor(proof, Scram.Hmac(hash, _keys!.StoredKey.Span, authMessage));
        bool isRight = CryptographicOperations.FixedTimeEquals(Scram.Hash(hash, clientKey), _keys.StoredKey.Span);
        CryptographicOperations.ZeroMemory(clientKey);
        return isRight & _isKnown;
    }
}
