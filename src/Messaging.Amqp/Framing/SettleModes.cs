namespace Messaging.Amqp;

/// <summary>How a sender settles its deliveries (AMQP 1.0 part 2, 2.8.2). The default on the wire is <see cref="Mixed"/>.</summary>
public enum SenderSettleMode : byte
{
    /// <summary>Every delivery is sent unsettled: its outcome is reported.</summary>
    Unsettled = 0,

    /// <summary>Every delivery is sent settled: its outcome is never known.</summary>
    Settled = 1,

    /// <summary>The sender decides for each delivery.</summary>
    Mixed = 2,
}

/// <summary>When a receiver settles its deliveries (AMQP 1.0 part 2, 2.8.3). The default on the wire is <see cref="First"/>.</summary>
public enum ReceiverSettleMode : byte
{
    /// <summary>The receiver settles as soon as it has decided the outcome.</summary>
    First = 0,

    /// <summary>The receiver tells the outcome and settles only after the sender has settled.</summary>
    Second = 1,
}
