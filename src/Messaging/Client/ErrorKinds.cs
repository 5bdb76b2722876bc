using Messaging.Amqp;

namespace Messaging.Client;

/// <summary>What an error condition means for the application: whether trying again can help, and what to do.</summary>
internal static class ErrorKinds
{
    public static bool IsTransient(Symbol condition) =>
        condition == ErrorCondition.ConnectionForced || condition == ErrorCondition.DetachForced
        || condition == ErrorCondition.ResourceLimitExceeded || condition == ErrorCondition.InternalError
        || condition == ErrorCondition.ResourceLocked || condition == ErrorCondition.Stolen;

    public static string Advice(AmqpError? error)
    {
        if (error is null)
            return "Create it again if it is still needed.";
        Symbol condition = error.Condition;
        if (condition == ErrorCondition.NotFound)
            return "Check the address, or create the queue or topic at the server first.";
        if (condition == ErrorCondition.UnauthorizedAccess)
            return "Check what the user may do at the server.";
        if (condition == ErrorCondition.NotImplemented || condition == ErrorCondition.NotAllowed || condition == ErrorCondition.InvalidField)
            return "The server does not support what was asked for: check the options.";
        if (condition == ErrorCondition.MessageSizeExceeded)
            return "Send smaller messages, or raise the limit at the receiving side.";
        return IsTransient(condition) ? "Try again later." : "See the peer's log for more.";
    }
}
