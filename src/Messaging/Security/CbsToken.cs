namespace Messaging;

/// <summary>A token for claims-based security. It has no text form, so that it cannot reach a log.</summary>
public sealed class CbsToken
{
    /// <summary>The token.</summary>
    public required string Value { get; init; }

    /// <summary>Its type: <c>jwt</c>, or <c>servicebus.windows.net:sastoken</c>.</summary>
    public required string Type { get; init; }

    /// <summary>When it expires.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>Says nothing of what it holds.</summary>
    /// <returns><c>(token)</c>.</returns>
    public override string ToString() => "(token)";
}
