using System.Text;
using Messaging.Amqp;
using Messaging.Amqp.Framing;
using Messaging.Client;
using Messaging.Loop;

namespace Messaging.Security;

/// <summary>The client's side: chooses by our own order of strength among what both sides allow, whatever order the server lists.</summary>
internal sealed class SaslClient(ConnectionLoop loop, Credentials? credentials, IReadOnlyCollection<string>? allowed, bool isPlainSafe, string? hostname) : ISaslExchange
{
    private const byte Auth = 1;
    private const byte SysTemp = 4;

    public void OnMechanisms(Symbol[] offered)
    {
        var reasons = new List<string>();
        if (TryChoose(offered, reasons) is not { } mechanism)
        {
            Fail($"The peer offers {List(offered)}; none can be used: {string.Join("; ", reasons)}.", isTransient: false);
            return;
        }

        byte[] response = mechanism == SaslMechanismNames.Plain ? credentials!.ToPlainMessage() : Encoding.UTF8.GetBytes("anonymous");
        loop.Engine.SaslInit(mechanism, response, hostname);
    }

    public void OnChallenge(ReadOnlySpan<byte> challenge) => Fail("The peer sent a challenge, which neither PLAIN nor ANONYMOUS has.", isTransient: false);

    public void OnOutcome(byte code, ReadOnlyMemory<byte> additionalData)
    {
        if (code == 0)
            return;
        string user = credentials is null ? "without a user" : $"of user '{credentials.User}'";
        Fail(
            code == Auth
                ? $"The peer refused the login {user} (outcome 1, auth). Check the user name and the password."
                : $"The peer could not authenticate the login {user} (outcome {code}, {(code == SysTemp ? "a passing fault; try again later" : "a fault at the peer")}).",
            isTransient: code == SysTemp);
    }

    public void OnInit(in SaslInit init) => throw new InvalidOperationException("A client receives no sasl-init.");

    public void OnResponse(ReadOnlySpan<byte> response) => throw new InvalidOperationException("A client receives no sasl-response.");

    private Symbol? TryChoose(Symbol[] offered, List<string> reasons)
    {
        if (IsAllowed(SaslMechanismNames.Plain, offered, reasons) && IsPlainUsable(reasons))
            return SaslMechanismNames.Plain;
        if (IsAllowed(SaslMechanismNames.Anonymous, offered, reasons) && IsAnonymousUsable(reasons))
            return SaslMechanismNames.Anonymous;
        return null;
    }

    private bool IsAllowed(Symbol mechanism, Symbol[] offered, List<string> reasons)
    {
        if (!offered.Contains(mechanism))
            return false;
        if (allowed is null || allowed.Contains(mechanism.Value, StringComparer.OrdinalIgnoreCase))
            return true;
        reasons.Add($"{mechanism} is not among AllowedMechanisms");
        return false;
    }

    private bool IsPlainUsable(List<string> reasons)
    {
        if (credentials is null)
            reasons.Add("PLAIN needs a user and a password");
        else if (!isPlainSafe)
            reasons.Add("PLAIN would show the password on an unencrypted connection: use TLS, or set AllowInsecureMechanisms to allow it");
        else
            return true;
        return false;
    }

    private bool IsAnonymousUsable(List<string> reasons)
    {
        if (credentials is null)
            return true;
        reasons.Add("ANONYMOUS is not used when a user is given");
        return false;
    }

    private void Fail(string why, bool isTransient)
    {
        loop.Stop(new CloseReason(CloseInitiator.Remote, new SaslException(
            $"Connection {loop.Settings.Name}: authentication failed. {why}", new AmqpError(ErrorCondition.UnauthorizedAccess), isTransient)));
        loop.Engine.Close(null);
    }

    private static string List(Symbol[] mechanisms) => mechanisms.Length == 0 ? "no mechanism" : string.Join(", ", mechanisms);
}
