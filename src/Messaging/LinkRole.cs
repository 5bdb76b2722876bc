namespace Messaging;

/// <summary>The role of this side on a link (AMQP 1.0 part 2, 2.8.1).</summary>
public enum LinkRole
{
    /// <summary>This side sends.</summary>
    Sender = 0,

    /// <summary>This side receives.</summary>
    Receiver = 1,
}
