namespace Messaging;

/// <summary>What a listener's SASL exchange does next.</summary>
public sealed class SaslServerStep
{
    private SaslServerStep()
    {
    }

    internal byte Code { get; private init; }

    internal string? Identity { get; private init; }

    internal ReadOnlyMemory<byte> Data { get; private init; }

    internal bool IsChallenge { get; private init; }

    internal string? Reason { get; private init; }

    /// <summary>Asks the client for more.</summary>
    /// <param name="data">The challenge's bytes.</param>
    /// <returns>The step.</returns>
    public static SaslServerStep Challenge(ReadOnlyMemory<byte> data) => new() { IsChallenge = true, Data = data };

    /// <summary>The client is who it says it is.</summary>
    /// <param name="identity">Who; not empty.</param>
    /// <param name="additionalData">The outcome's additional data (AMQP 1.0 part 5, 5.3.3.5): the server's own proof, where the mechanism has one.</param>
    /// <returns>The step.</returns>
    /// <exception cref="ArgumentException"><paramref name="identity"/> is empty.</exception>
    public static SaslServerStep Success(string identity, ReadOnlyMemory<byte> additionalData = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(identity);
        return new SaslServerStep { Identity = identity, Data = additionalData };
    }

    /// <summary>The login is refused (outcome 1, auth): the credentials are wrong, or the message is.</summary>
    /// <param name="reason">Why, for the listener's own log; never a secret. The client does not learn it.</param>
    /// <returns>The step.</returns>
    public static SaslServerStep Refused(string? reason = null) => new() { Code = 1, Reason = reason };

    /// <summary>The login cannot be decided for now (outcome 4, sys-temp).</summary>
    /// <param name="reason">Why, for the listener's own log; never a secret. The client does not learn it.</param>
    /// <returns>The step.</returns>
    public static SaslServerStep Unavailable(string? reason = null) => new() { Code = 4, Reason = reason };

    /// <summary>What it is, without what it holds.</summary>
    /// <returns><c>(challenge)</c>, <c>(success)</c> or <c>(refused)</c>.</returns>
    public override string ToString() => IsChallenge ? "(challenge)" : Code == 0 ? "(success)" : "(refused)";
}
