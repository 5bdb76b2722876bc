using Messaging.Amqp;
using Messaging.Amqp.Framing;
using Messaging.Loop;

namespace Messaging.Security;

/// <summary>The listener's side: runs the mechanism that the client chose of those offered.</summary>
internal sealed class SaslListener(ConnectionLoop loop, IReadOnlyList<ISaslServerMechanism> offered) : SaslExchange(loop)
{
    private const byte Ok = 0;
    private const byte Auth = 1;
    private const byte Sys = 2;
    private const byte SysTemp = 4;

    private ISaslServerExchange? _exchange;

    /// <summary>Who has logged in.</summary>
    public string Identity { get; private set; } = "anonymous";

    /// <summary>How; null without the SASL layer.</summary>
    public string? Mechanism { get; private set; }

    public override void OnInit(in SaslInit init)
    {
        Mechanism = init.Mechanism.Value;
        (byte[]? response, string? hostname) = (init.InitialResponse, init.Hostname);
        Run(token => StartAsync(response, hostname, token), Answer);
    }

    public override void OnResponse(ReadOnlySpan<byte> response)
    {
        byte[] copy = response.ToArray();
        Run(token => _exchange!.StepAsync(copy, token), Answer);
    }

    protected override void OnFault(Exception exception)
    {
        byte code = exception is SaslException { Failure: var failure }
            ? failure switch
            {
                SaslFailure.CredentialsRefused or SaslFailure.ProtocolViolation => Auth,
                SaslFailure.ServerUnavailable or SaslFailure.CredentialsUnavailable => SysTemp,
                _ => Sys,
            }
            : Sys;
        if (code != Auth)
            SecurityLog.AuthenticatorFailed(Loop.Settings.Logger, Name, Mechanism, exception);
        Refuse(code, exception is SaslException ? exception.Message : "it threw");
    }

    protected override void Release() => _exchange?.Dispose();

    private ValueTask<SaslServerStep> StartAsync(byte[]? response, string? hostname, CancellationToken cancellationToken)
    {
        ISaslServerMechanism mechanism = offered.First(mechanism => string.Equals(mechanism.Name, Mechanism, StringComparison.Ordinal));
        _exchange = mechanism.Start(ServerContext.Of(Transport, hostname, [.. offered.Select(static other => other.Name)]));
        return _exchange.StepAsync(response is null ? default(ReadOnlyMemory<byte>?) : response.AsMemory(), cancellationToken);
    }

    private void Answer(SaslServerStep step)
    {
        if (step.Data.Length > MaxLength)
        {
            OnFault(new SaslException(SaslFailure.MechanismFailed, $"The mechanism {Mechanism} made a message of {step.Data.Length} bytes; the limit is {MaxLength}."));
        }
        else if (step.IsChallenge)
        {
            Engine.SaslChallenge(step.Data.Span);
        }
        else if (step.Code != Ok)
        {
            Refuse(step.Code, step.Reason);
        }
        else
        {
            Identity = step.Identity!;
            SecurityLog.Authenticated(Loop.Settings.Logger, Name, Mechanism!);
            Engine.SaslOutcome(Ok, step.Data.Span);
            Stop();
        }
    }

    private void Refuse(byte code, string? reason)
    {
        SecurityLog.Refused(Loop.Settings.Logger, Name, Mechanism, code, reason ?? "no reason given");
        Engine.SaslOutcome(code);
        Loop.Stop(new CloseReason(CloseInitiator.Local, new SaslException(
            code == Auth ? SaslFailure.CredentialsRefused : SaslFailure.MechanismFailed,
            $"Connection {Name}: the peer's login by {Mechanism} was refused (outcome {code}).",
            new AmqpError(ErrorCondition.UnauthorizedAccess))));
    }
}
