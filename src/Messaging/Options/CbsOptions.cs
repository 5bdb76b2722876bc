namespace Messaging;

/// <summary>Claims-based security: tokens for each node, put to <c>$cbs</c> before its link is attached and renewed before they expire, as Azure Service Bus asks for it (AMQP Claims-based Security 1.0, working draft).</summary>
public sealed class CbsOptions
{
    /// <summary>Gives a token for an audience, such as <c>amqps://example.servicebus.windows.net/queue</c>; see <see cref="SharedAccessSignature"/> for Azure's own.</summary>
    /// <value>Must be set.</value>
    /// <remarks>
    /// Called on the thread pool, once for each audience before its first link is attached, and again before the token expires for as long as links use it.
    /// On an unencrypted connection it is not called, and the link fails, unless <see cref="ConnectionOptions.AllowInsecureMechanisms"/> is set.
    /// What it throws fails the link that is being made, as a <see cref="LinkException"/> that may pass and names its type only, or as the <see cref="MessagingException"/> that it is; so does a token that has expired. A failed
    /// renewal is logged and tried again, after 1, 2, 4 … 30 seconds, until the token expires. The token is cancelled at the operation time-out, or when the connection ends.
    /// </remarks>
    public required Func<string, CancellationToken, ValueTask<CbsToken>> TokenProvider { get; set; }

    /// <summary>Makes the audience of an address.</summary>
    /// <value><see langword="null"/>: the connection's scheme and host, and the address: <c>amqps://host/address</c>.</value>
    /// <remarks>Links without an address (dynamic nodes, the anonymous terminus) need no token.</remarks>
    public Func<string, string>? Audience { get; set; }

    /// <summary>How long before its end a token is renewed; a token that lives less than twice as long is renewed at half of its life.</summary>
    /// <value>5 minutes. Above zero and at most 49 days.</value>
    public TimeSpan RenewBefore { get; set; } = TimeSpan.FromMinutes(5);

    internal CbsOptions Freeze()
    {
        ArgumentNullException.ThrowIfNull(TokenProvider);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(RenewBefore, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(RenewBefore, TimeSpan.FromDays(49));
        return (CbsOptions)MemberwiseClone();
    }
}
