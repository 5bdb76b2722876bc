using Messaging.Amqp;

namespace Messaging.Client;

/// <summary>What an error condition means for the application: whether trying again can help, and what to do.</summary>
internal static class ErrorKinds
{
    public static bool IsTransient(Symbol condition) =>
        condition == ErrorCondition.ConnectionForced || condition == ErrorCondition.DetachForced
        || condition == ErrorCondition.ResourceLimitExceeded || condition == ErrorCondition.InternalError
        || condition == ErrorCondition.ResourceLocked || condition == ErrorCondition.Stolen;

    /// <summary>Whether a link that the peer detached may be attached again: the peer has only suspended it, or says that the fault passes. Never when another one has taken the link: the two would steal it from each other for ever.</summary>
    public static bool IsLinkRecoverable(bool closed, AmqpError? error) =>
        error is null ? !closed : IsTransient(error.Condition) && error.Condition != ErrorCondition.Stolen;

    /// <summary>What happened, and what to do.</summary>
    public static string WithAdvice(string said, AmqpError? error) => Sentence(said, Advice(error));

    /// <summary>What a peer said ends with a period or not.</summary>
    public static string Sentence(string said, string next) => $"{said.TrimEnd('.')}. {next}";

    public static string Advice(AmqpError? error)
    {
        if (error is null)
            return "Create it again if it is still needed.";
        Symbol condition = error.Condition;
        if (condition == ErrorCondition.ConnectionRedirect)
            return "It is followed unless it names no network-host, would lead from TLS to clear text, or RecoveryOptions.MaxRedirects is reached: connect to that server instead.";
        if (condition == ErrorCondition.LinkRedirect)
            return "Creating a link follows it, unless it would lead from TLS to clear text or RecoveryOptions.MaxRedirects is reached; a link that was attached already does not move: create it again.";
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
