namespace Messaging;

/// <summary>Makes credential providers out of functions.</summary>
public static class CredentialProvider
{
    /// <summary>A provider that calls a function at every attempt to connect.</summary>
    /// <param name="get">Gives the credentials; see <see cref="ICredentialProvider.GetCredentialsAsync"/>.</param>
    /// <returns>The provider.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="get"/> is <see langword="null"/>.</exception>
    public static ICredentialProvider Create(Func<CredentialRequest, CancellationToken, ValueTask<SaslCredentials?>> get)
    {
        ArgumentNullException.ThrowIfNull(get);
        return new Function(get);
    }

    private sealed class Function(Func<CredentialRequest, CancellationToken, ValueTask<SaslCredentials?>> get) : ICredentialProvider
    {
        public ValueTask<SaslCredentials?> GetCredentialsAsync(CredentialRequest request, CancellationToken cancellationToken) => get(request, cancellationToken);
    }
}
