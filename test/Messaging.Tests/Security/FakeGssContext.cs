using System.Net.Security;
using System.Text;
using Messaging.Security.Gssapi;

namespace Messaging.Tests.Security;

/// <summary>A GSS-API without Kerberos: the tests say what each step gives, and protection is a prefix.</summary>
internal sealed class FakeGssContext(params (byte[]? Token, NegotiateAuthenticationStatusCode Status)[] steps) : IGssContext
{
    private const string Seal = "sealed:";
    private readonly Queue<(byte[]? Token, NegotiateAuthenticationStatusCode Status)> _steps = new(steps);
    private readonly TaskCompletionSource _disposed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public List<byte[]> Taken { get; } = [];

    public string PeerName { get; init; } = "alice@TEST.LOCAL";

    public bool IsMutual { get; init; } = true;

    /// <summary>What a step throws instead.</summary>
    public Exception? Fault { get; init; }

    public int Disposals { get; private set; }

    public Task Disposed => _disposed.Task;

    public static byte[] Protect(params byte[] message) => [.. Encoding.ASCII.GetBytes(Seal), .. message];

    public byte[]? Step(ReadOnlySpan<byte> token, out NegotiateAuthenticationStatusCode status)
    {
        if (Fault is not null)
            throw Fault;
        Taken.Add(token.ToArray());
        (byte[]? answer, status) = _steps.Dequeue();
        return answer;
    }

    public byte[] Wrap(ReadOnlySpan<byte> message) => Protect(message.ToArray());

    public byte[]? Unwrap(ReadOnlySpan<byte> token) => token.StartsWith(Encoding.ASCII.GetBytes(Seal)) ? token[Seal.Length..].ToArray() : null;

    public void Dispose()
    {
        Disposals++;
        _disposed.TrySetResult();
    }
}
