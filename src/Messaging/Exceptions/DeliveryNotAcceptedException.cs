using Messaging.Amqp;
using Messaging.Client;

namespace Messaging;

/// <summary>The peer settled a message otherwise than by accepting it: see the three kinds.</summary>
public abstract class DeliveryNotAcceptedException : MessagingException
{
    private protected DeliveryNotAcceptedException(string message, Outcome outcome, AmqpError? error, bool isTransient)
        : base(message, error, isTransient) => Outcome = outcome;

    /// <summary>The peer's outcome.</summary>
    public Outcome Outcome { get; }

    internal static DeliveryNotAcceptedException For(Outcome outcome, string link) => outcome switch
    {
        Rejected rejected => new DeliveryRejectedException(rejected, link),
        Modified modified => new DeliveryModifiedException(modified, link),
        _ => new DeliveryReleasedException(outcome, link),
    };
}

/// <summary>The peer rejected the message as invalid (AMQP 1.0 part 3, 3.4.3): sending it again will not help.</summary>
public sealed class DeliveryRejectedException : DeliveryNotAcceptedException
{
    internal DeliveryRejectedException(Rejected outcome, string link)
        : base(ErrorKinds.Sentence($"{link}: the peer rejected the message{(outcome.Error is { } error ? $": {error}" : "")}", "Sending the same message again will not help."), outcome, outcome.Error, isTransient: false)
    {
    }
}

/// <summary>The peer released the message unprocessed (AMQP 1.0 part 3, 3.4.4): no queue took it, or its consumer went away.</summary>
public sealed class DeliveryReleasedException : DeliveryNotAcceptedException
{
    internal DeliveryReleasedException(Outcome outcome, string link)
        : base($"{link}: the peer released the message without processing it. It may be sent again; check that the address leads to a queue.", outcome, error: null, isTransient: true)
    {
    }
}

/// <summary>The peer gave the message back modified (AMQP 1.0 part 3, 3.4.5).</summary>
public sealed class DeliveryModifiedException : DeliveryNotAcceptedException
{
    internal DeliveryModifiedException(Modified outcome, string link)
        : base($"{link}: the peer gave the message back (delivery-failed={outcome.DeliveryFailed}, undeliverable-here={outcome.UndeliverableHere}). {(outcome.UndeliverableHere ? "This link cannot deliver it." : "It may be sent again.")}", outcome, error: null, isTransient: !outcome.UndeliverableHere)
    {
    }
}
