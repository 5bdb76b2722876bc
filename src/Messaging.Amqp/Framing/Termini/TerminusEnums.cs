namespace Messaging.Amqp;

/// <summary>What of a terminus survives the loss of its node's memory (AMQP 1.0 part 3, 3.5.5).</summary>
public enum TerminusDurability : byte
{
    /// <summary>Nothing. The default.</summary>
    None = 0,

    /// <summary>The existence and the configuration of the terminus, not the state of its deliveries.</summary>
    Configuration = 1,

    /// <summary>The configuration and the state of the unsettled deliveries.</summary>
    UnsettledState = 2,
}

/// <summary>The event from which the expiry of a terminus is counted (AMQP 1.0 part 3, 3.5.6).</summary>
public enum TerminusExpiryPolicy : byte
{
    /// <summary>When its link is detached.</summary>
    LinkDetach = 0,

    /// <summary>When its session ends. The default.</summary>
    SessionEnd = 1,

    /// <summary>When its connection closes.</summary>
    ConnectionClose = 2,

    /// <summary>Never: the terminus stays until its link is closed.</summary>
    Never = 3,
}
