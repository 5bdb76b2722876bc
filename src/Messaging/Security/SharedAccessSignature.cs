using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Messaging;

/// <summary>Makes the tokens of Azure Service Bus and Event Hubs from the name and key of a shared access policy.</summary>
public static class SharedAccessSignature
{
    /// <summary>The <see cref="CbsToken.Type"/> of these tokens.</summary>
    public const string TokenType = "servicebus.windows.net:sastoken";

    /// <summary>Signs a resource: HMAC-SHA256 of its percent-encoded URI and the expiry, as Azure documents it for Service Bus.</summary>
    /// <param name="resourceUri">What the token is for, such as <c>amqps://example.servicebus.windows.net/queue</c>: the audience that a <see cref="CbsOptions.TokenProvider"/> is given.</param>
    /// <param name="keyName">The policy, such as <c>RootManageSharedAccessKey</c>.</param>
    /// <param name="key">The policy's key as the portal shows it. Never logged.</param>
    /// <param name="lifetime">How long the token is valid; above zero. It counts in whole seconds.</param>
    /// <param name="timeProvider">The clock; <see langword="null"/> for the system's.</param>
    /// <returns>The token.</returns>
    /// <exception cref="ArgumentException">A text is empty, or the lifetime is not above zero.</exception>
    public static CbsToken Create(string resourceUri, string keyName, string key, TimeSpan lifetime, TimeProvider? timeProvider = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(resourceUri);
        ArgumentException.ThrowIfNullOrEmpty(keyName);
        ArgumentException.ThrowIfNullOrEmpty(key);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(lifetime, TimeSpan.Zero);

        DateTimeOffset now = (timeProvider ?? TimeProvider.System).GetUtcNow();
        var expiresAt = DateTimeOffset.FromUnixTimeSeconds((now + lifetime).ToUnixTimeSeconds());
        string resource = Uri.EscapeDataString(resourceUri);
        string expiry = expiresAt.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        byte[] signature = HMACSHA256.HashData(Encoding.UTF8.GetBytes(key), Encoding.UTF8.GetBytes($"{resource}\n{expiry}"));
        return new CbsToken
        {
            Value = $"SharedAccessSignature sr={resource}&sig={Uri.EscapeDataString(Convert.ToBase64String(signature))}&se={expiry}&skn={Uri.EscapeDataString(keyName)}",
            Type = TokenType,
            ExpiresAt = expiresAt,
        };
    }
}
