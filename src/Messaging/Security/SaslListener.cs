using System.Text;
using Messaging.Amqp;
using Messaging.Amqp.Framing;
using Messaging.Loop;
using Microsoft.Extensions.Logging;

namespace Messaging.Security;

/// <summary>The listener's side: ANONYMOUS and PLAIN. A password is checked off the loop; the input waits meanwhile.</summary>
internal sealed class SaslListener(ConnectionLoop loop, Func<string, string, CancellationToken, ValueTask<bool>>? authenticatePlain) : ISaslExchange
{
    private const byte Ok = 0;
    private const byte Auth = 1;
    private const byte Sys = 2;

    private readonly CancellationTokenSource _ended = new();

    /// <summary>Who has logged in.</summary>
    public string Identity { get; private set; } = "anonymous";

    /// <summary>How; null without the SASL layer.</summary>
    public string? Mechanism { get; private set; }

    public void OnInit(in SaslInit init)
    {
        Mechanism = init.Mechanism.Value;
        if (init.Mechanism == SaslMechanismNames.Anonymous)
            loop.Engine.SaslOutcome(Ok);
        else if (TryParsePlain(init.InitialResponse, out string user, out string password))
            _ = CheckAsync(user, password);
        else
            Refuse(Auth);
    }

    public void OnMechanisms(Symbol[] offered) => throw new InvalidOperationException("A listener receives no sasl-mechanisms.");

    public void OnChallenge(ReadOnlySpan<byte> challenge) => throw new InvalidOperationException("A listener receives no sasl-challenge.");

    public void OnOutcome(byte code, ReadOnlyMemory<byte> additionalData) => throw new InvalidOperationException("A listener receives no sasl-outcome.");

    public void OnResponse(ReadOnlySpan<byte> response) => Refuse(Auth);

    /// <summary>RFC 4616: [authzid] NUL authcid NUL passwd, in UTF-8. Acting for somebody else is not supported.</summary>
    private static bool TryParsePlain(byte[]? response, out string user, out string password)
    {
        user = password = "";
        string[] parts = Encoding.UTF8.GetString(response ?? []).Split('\0');
        if (parts.Length != 3 || parts[1].Length == 0 || (parts[0].Length > 0 && !string.Equals(parts[0], parts[1], StringComparison.Ordinal)))
            return false;
        (user, password) = (parts[1], parts[2]);
        return true;
    }

    private async Task CheckAsync(string user, string password)
    {
        byte code = Sys;
        try
        {
            code = await Task.Run(() => authenticatePlain!(user, password, _ended.Token).AsTask()).ConfigureAwait(false) ? Ok : Auth;
        }
        catch (OperationCanceledException) when (_ended.IsCancellationRequested)
        {
            return;
        }
        catch (Exception exception)
        {
            SecurityLog.AuthenticatorFailed(loop.Settings.Logger, loop.Settings.Name, exception);
        }

        await loop.InvokeAsync(() => Answer(code, user)).ContinueWith(static _ => { }, TaskScheduler.Default).ConfigureAwait(false);
    }

    /// <summary>The connection has ended: an authenticator that still runs may give up.</summary>
    public void Stop() => _ended.Cancel();

    private void Answer(byte code, string user)
    {
        if (code != Ok)
        {
            Refuse(code);
            return;
        }

        Identity = user;
        loop.Engine.SaslOutcome(Ok);
    }

    private void Refuse(byte code)
    {
        loop.Engine.SaslOutcome(code);
        loop.Stop(new CloseReason(CloseInitiator.Local, new SaslException(
            $"Connection {loop.Settings.Name}: the peer's login by {Mechanism} was refused (outcome {code}).", new AmqpError(ErrorCondition.UnauthorizedAccess))));
    }
}

internal static partial class SecurityLog
{
    [LoggerMessage(EventId = 5001, Level = LogLevel.Error, Message = "Connection {Connection}: the authenticator threw; the login was refused")]
    public static partial void AuthenticatorFailed(ILogger logger, string connection, Exception exception);
}
