namespace Messaging.Security;

/// <summary>Where the credentials of an attempt come from: the provider, else the options, else the URL.</summary>
internal sealed class CredentialSource(ConnectionOptions options, TimeProvider time)
{
    /// <summary>Whether other credentials may be had after a refusal.</summary>
    public bool CanRenew => options.CredentialProvider is not null;

    /// <summary>Asks for them; called once at the beginning of each attempt, before the network is.</summary>
    /// <exception cref="MessagingException">The provider failed.</exception>
    public async ValueTask<SaslCredentials?> GetAsync(ConnectionUrl url, bool wereRefused, CancellationToken cancellationToken)
    {
        if (options.CredentialProvider is not { } provider)
            return FromOptions(url);
        using var timeout = new CancellationTokenSource(options.OperationTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            var request = new CredentialRequest { Url = url, WereRefused = wereRefused };
            return await provider.GetCredentialsAsync(request, either.Token).AsTask().WaitOrLeaveAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new SaslException(SaslFailure.CredentialsUnavailable, $"Connection {url}: the credential provider took longer than OperationTimeout, {options.OperationTimeout}.");
        }
        catch (Exception exception) when (exception is not MessagingException && !(exception is OperationCanceledException && cancellationToken.IsCancellationRequested))
        {
            // Neither its text nor the exception itself goes on: a token service's answer may stand in it.
            throw new SaslException(SaslFailure.CredentialsUnavailable, $"Connection {url}: the credential provider failed ({exception.GetType().Name}).");
        }
    }

    private SaslCredentials? FromOptions(ConnectionUrl url) =>
        (options.User ?? url.User) is { Length: > 0 } user
            ? new SaslCredentials { User = user, Password = options.Password ?? url.Password }
            : null;
}
