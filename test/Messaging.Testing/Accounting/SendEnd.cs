namespace Messaging.Testing.Accounting;

/// <summary>How the sending of a message ended, as far as its producer knows.</summary>
public enum SendEnd
{
    /// <summary>The producer still waits.</summary>
    Pending,

    /// <summary>The peer took it: it must be received.</summary>
    Accepted,

    /// <summary>Definitely not delivered: it must not be received.</summary>
    Failed,

    /// <summary>Nobody knows: it may be received, or not, or twice.</summary>
    Unknown,
}
