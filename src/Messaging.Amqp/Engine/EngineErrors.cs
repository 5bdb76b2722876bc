namespace Messaging.Amqp.Engine;

/// <summary>The errors with which we close, end or detach when the peer breaks the protocol. Never holds bytes from the wire.</summary>
internal static class EngineErrors
{
    private const int MaxTransactionId = 32; // part 4, 4.5.7

    public static AmqpError Framing(string description) => new(ErrorCondition.FramingError, description);

    public static AmqpError Decode(string description) => new(ErrorCondition.DecodeError, description);

    public static AmqpError IllegalState(string description) => new(ErrorCondition.IllegalState, description);

    public static AmqpError InvalidField(string description) => new(ErrorCondition.InvalidField, description);

    public static AmqpError NotAllowed(string description) => new(ErrorCondition.NotAllowed, description);

    public static AmqpError UnattachedHandle(string performative, uint handle) =>
        new(ErrorCondition.UnattachedHandle, $"{performative} on handle {handle}, which is not attached.");

    public static AmqpError IdleTimeout(uint milliseconds) =>
        new(ErrorCondition.ResourceLimitExceeded, $"Nothing was received for {milliseconds} ms (local idle time-out).");

    /// <summary>The error without what may make it too large for a frame: keeps the beginnings of the condition and of the text, so that any peer's frame (512, 2.7.1) holds it.</summary>
    public static AmqpError? Shorten(AmqpError? error)
    {
        const int MaxCondition = 80; // none that is in use is nearly that long
        const int MaxDescription = 100; // at most 300 bytes of UTF-8
        if (error is null)
        {
            return null;
        }

        return new AmqpError(Cut(error.Condition.Value, MaxCondition)!, Cut(error.Description, MaxDescription));
    }

    /// <summary>The same for a delivery state. The id of a transaction cannot be cut: a state with one longer than the standard allows is left out.</summary>
    public static DeliveryState? Shorten(DeliveryState? state) => state switch
    {
        Rejected rejected => new Rejected(Shorten(rejected.Error)),
        Modified modified => modified with { MessageAnnotations = null },
        Declared { TransactionId.Length: > MaxTransactionId } or TransactionalState { TransactionId.Length: > MaxTransactionId } => null,
        TransactionalState { Outcome: { } outcome } transactional => transactional with { Outcome = (Outcome?)Shorten(outcome) },
        _ => state,
    };

    /// <summary>The beginning of a text; half of a surrogate pair at its end could not be written.</summary>
    private static string? Cut(string? text, int length) =>
        text?.Length > length ? text[..(char.IsHighSurrogate(text[length - 1]) ? length - 1 : length)] : text;
}
