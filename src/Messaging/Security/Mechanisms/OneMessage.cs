namespace Messaging.Security.Mechanisms;

/// <summary>An exchange of one message: no challenge may come, and the server has nothing to prove.</summary>
internal sealed class OneMessage(string mechanism, byte[] message) : ISaslClientExchange
{
    public ValueTask<byte[]?> StartAsync(CancellationToken cancellationToken) => new(message);

    public ValueTask<byte[]> RespondAsync(ReadOnlyMemory<byte> challenge, CancellationToken cancellationToken) =>
        throw new SaslException(SaslFailure.ProtocolViolation, $"The peer sent a challenge, which {mechanism} does not have.");

    public void Complete(ReadOnlyMemory<byte> additionalData)
    {
    }

    public void Dispose() => System.Security.Cryptography.CryptographicOperations.ZeroMemory(message);
}
