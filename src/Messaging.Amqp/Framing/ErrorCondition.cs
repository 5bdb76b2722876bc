namespace Messaging.Amqp;

/// <summary>The error conditions that the standard names, for <see cref="AmqpError.Condition"/>. Peers may send others.</summary>
public static class ErrorCondition
{
    /// <summary><c>amqp:internal-error</c> (part 2, 2.8.15): an internal error occurred; operator intervention may be needed.</summary>
    public static Symbol InternalError { get; } = "amqp:internal-error";

    /// <summary><c>amqp:not-found</c> (part 2, 2.8.15): the peer tried to work with a node that does not exist.</summary>
    public static Symbol NotFound { get; } = "amqp:not-found";

    /// <summary><c>amqp:unauthorized-access</c> (part 2, 2.8.15): the peer lacks the permission for what it tried.</summary>
    public static Symbol UnauthorizedAccess { get; } = "amqp:unauthorized-access";

    /// <summary><c>amqp:decode-error</c> (part 2, 2.8.15): bytes could not be decoded.</summary>
    public static Symbol DecodeError { get; } = "amqp:decode-error";

    /// <summary><c>amqp:resource-limit-exceeded</c> (part 2, 2.8.15): the peer used more of a resource than it may.</summary>
    public static Symbol ResourceLimitExceeded { get; } = "amqp:resource-limit-exceeded";

    /// <summary><c>amqp:not-allowed</c> (part 2, 2.8.15): the peer tried something that the state of things does not allow.</summary>
    public static Symbol NotAllowed { get; } = "amqp:not-allowed";

    /// <summary><c>amqp:invalid-field</c> (part 2, 2.8.15): a field is missing or has a value that is not allowed.</summary>
    public static Symbol InvalidField { get; } = "amqp:invalid-field";

    /// <summary><c>amqp:not-implemented</c> (part 2, 2.8.15): the peer asked for something that is not implemented.</summary>
    public static Symbol NotImplemented { get; } = "amqp:not-implemented";

    /// <summary><c>amqp:resource-locked</c> (part 2, 2.8.15): somebody else has the resource locked.</summary>
    public static Symbol ResourceLocked { get; } = "amqp:resource-locked";

    /// <summary><c>amqp:precondition-failed</c> (part 2, 2.8.15): a precondition does not hold.</summary>
    public static Symbol PreconditionFailed { get; } = "amqp:precondition-failed";

    /// <summary><c>amqp:resource-deleted</c> (part 2, 2.8.15): the resource in use was deleted by the server.</summary>
    public static Symbol ResourceDeleted { get; } = "amqp:resource-deleted";

    /// <summary><c>amqp:illegal-state</c> (part 2, 2.8.15): the frame is not permitted in the current state.</summary>
    public static Symbol IllegalState { get; } = "amqp:illegal-state";

    /// <summary><c>amqp:frame-size-too-small</c> (part 2, 2.8.15): the frame does not fit the negotiated maximum size.</summary>
    public static Symbol FrameSizeTooSmall { get; } = "amqp:frame-size-too-small";

    /// <summary><c>amqp:connection:forced</c> (part 2, 2.8.16): an operator closed the connection; trying again later may work.</summary>
    public static Symbol ConnectionForced { get; } = "amqp:connection:forced";

    /// <summary><c>amqp:connection:framing-error</c> (part 2, 2.8.16): a frame is malformed.</summary>
    public static Symbol FramingError { get; } = "amqp:connection:framing-error";

    /// <summary><c>amqp:connection:redirect</c> (part 2, 2.8.16): the container is no longer here; the error's info says where it is.</summary>
    public static Symbol ConnectionRedirect { get; } = "amqp:connection:redirect";

    /// <summary><c>amqp:session:window-violation</c> (part 2, 2.8.17): the peer sent more transfers than the session window allows.</summary>
    public static Symbol WindowViolation { get; } = "amqp:session:window-violation";

    /// <summary><c>amqp:session:errant-link</c> (part 2, 2.8.17): input came for a link that was detached with an error.</summary>
    public static Symbol ErrantLink { get; } = "amqp:session:errant-link";

    /// <summary><c>amqp:session:handle-in-use</c> (part 2, 2.8.17): an attach used a handle that is already in use.</summary>
    public static Symbol HandleInUse { get; } = "amqp:session:handle-in-use";

    /// <summary><c>amqp:session:unattached-handle</c> (part 2, 2.8.17): a frame other than attach used a handle that is not attached.</summary>
    public static Symbol UnattachedHandle { get; } = "amqp:session:unattached-handle";

    /// <summary><c>amqp:link:detach-forced</c> (part 2, 2.8.18): an operator detached the link; trying again later may work.</summary>
    public static Symbol DetachForced { get; } = "amqp:link:detach-forced";

    /// <summary><c>amqp:link:transfer-limit-exceeded</c> (part 2, 2.8.18): the peer sent more messages than the link credit allows.</summary>
    public static Symbol TransferLimitExceeded { get; } = "amqp:link:transfer-limit-exceeded";

    /// <summary><c>amqp:link:message-size-exceeded</c> (part 2, 2.8.18): the message is larger than the link's max-message-size.</summary>
    public static Symbol MessageSizeExceeded { get; } = "amqp:link:message-size-exceeded";

    /// <summary><c>amqp:link:redirect</c> (part 2, 2.8.18): the address is elsewhere; the error's info says where.</summary>
    public static Symbol LinkRedirect { get; } = "amqp:link:redirect";

    /// <summary><c>amqp:link:stolen</c> (part 2, 2.8.18): the link has been attached elsewhere.</summary>
    public static Symbol Stolen { get; } = "amqp:link:stolen";

    /// <summary><c>amqp:transaction:unknown-id</c> (part 4, 4.5.8): the transaction id names no transaction.</summary>
    public static Symbol TransactionUnknownId { get; } = "amqp:transaction:unknown-id";

    /// <summary><c>amqp:transaction:rollback</c> (part 4, 4.5.8): the transaction was rolled back.</summary>
    public static Symbol TransactionRollback { get; } = "amqp:transaction:rollback";

    /// <summary><c>amqp:transaction:timeout</c> (part 4, 4.5.8): the transaction took too long.</summary>
    public static Symbol TransactionTimeout { get; } = "amqp:transaction:timeout";
}
