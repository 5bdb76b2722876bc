using Messaging.Amqp;
using Messaging.Client;
using Messaging.Loop;
using Messaging.Security.Mechanisms;

namespace Messaging.Security;

/// <summary>The client's side: chooses by our own order of strength among what both sides allow, whatever order the server lists, and runs the mechanism.</summary>
internal sealed class SaslClient(ConnectionLoop loop, ConnectionOptions options, ConnectionUrl url, SaslCredentials? credentials) : SaslExchange(loop)
{
    private const byte Ok = 0;
    private const byte Auth = 1;
    private const byte SysTemp = 4;

    private string? _mechanism;
    private ISaslClientExchange? _exchange;

    public override void OnMechanisms(Symbol[] offered) => Run(token => StartAsync(offered, token), Init);

    public override void OnChallenge(ReadOnlySpan<byte> challenge)
    {
        byte[] copy = challenge.ToArray();
        Run(token => RespondAsync(copy, token), response => Engine.SaslResponse(response));
    }

    public override void OnOutcome(byte code, ReadOnlyMemory<byte> additionalData)
    {
        if (code != Ok)
        {
            Fail(Refusal(code));
            return;
        }

        try
        {
            _exchange!.Complete(additionalData);
        }
        catch (Exception exception)
        {
            OnFault(exception);
            return;
        }

        SecurityLog.Authenticated(Loop.Settings.Logger, Name, _mechanism!);
        Stop();
    }

    protected override void OnFault(Exception exception) => Fail(exception switch
    {
        SaslException own => own,
        MessagingException other => new SaslException(SaslFailure.MechanismFailed, other.Message, other.Error, other.IsTransient, other),
        // The text of an exception that is not ours may hold anything, the secret included.
        _ => new SaslException(
            SaslFailure.MechanismFailed,
            $"The mechanism {_mechanism} failed ({exception.GetType().Name}).",
            isTransient: exception is IOException or TimeoutException or TaskCanceledException or System.Net.Sockets.SocketException or HttpRequestException),
    });

    protected override void Release() => _exchange?.Dispose();

    private async ValueTask<byte[]?> StartAsync(Symbol[] offered, CancellationToken cancellationToken)
    {
        _exchange = MechanismChoice.Make(options, Context(offered), name => _mechanism = name).Exchange; // the last one tried is the one taken
        byte[]? response = await _exchange.StartAsync(cancellationToken).ConfigureAwait(false);
        RequireLength(response?.Length ?? 0);
        return response;
    }

    private void Init(byte[]? response) => Engine.SaslInit(_mechanism!, response, ClientRole.Hostname(options, url));

    private async ValueTask<byte[]> RespondAsync(byte[] challenge, CancellationToken cancellationToken)
    {
        byte[] response = await _exchange!.RespondAsync(challenge, cancellationToken).ConfigureAwait(false) ?? [];
        RequireLength(response.Length);
        return response;
    }

    private SaslClientContext Context(Symbol[] offered) => new()
    {
        Host = url.Host,
        VirtualHost = ClientRole.Hostname(options, url),
        Port = url.Port,
        Credentials = credentials,
        IsEncrypted = Transport.IsSecure || Transport.IsInProcess,
        HasClientCertificate = Transport.Security?.HasLocalCertificate == true,
        ServerEndPointBinding = Transport.Security?.ServerEndPointBinding ?? default,
        OfferedMechanisms = [.. offered.Select(static mechanism => mechanism.Value)],
    };

    private SaslException Refusal(byte code)
    {
        string who = credentials?.User is { } user ? $"the login of user '{user}'" : "the login";
        string how = $"by {_mechanism}{(_exchange?.Explanation is { } said ? $": {said}" : "")}";
        return code switch
        {
            Auth => new SaslException(SaslFailure.CredentialsRefused, $"The peer refused {who} {how} (outcome 1, auth). Check the credentials, and what the user may do at the server."),
            SysTemp => new SaslException(SaslFailure.ServerUnavailable, $"The peer could not decide about {who} {how} (outcome 4, a passing fault). Try again later."),
            _ => new SaslException(SaslFailure.ServerFault, $"The peer could not decide about {who} {how} (outcome {code}, a fault at the peer). See its log."),
        };
    }

    /// <summary>Ends the connection; a mechanism does not know which one it is, so that its words are given the name here.</summary>
    private void Fail(SaslException why)
    {
        Loop.Stop(new CloseReason(CloseInitiator.Remote, new SaslException(
            why.Failure,
            $"Connection {Name}: authentication failed. {why.Message}",
            why.Error ?? new AmqpError(ErrorCondition.UnauthorizedAccess),
            why.IsTransient,
            why.InnerException)));
        Engine.Close(null);
    }
}
