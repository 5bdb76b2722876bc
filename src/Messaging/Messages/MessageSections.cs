using Messaging.Amqp;
using Messaging.Amqp.Framing;

namespace Messaging;

/// <summary>The sections that most messages do not have, kept apart so that a message is small.</summary>
internal sealed class MessageSections
{
    public IDictionary<Symbol, object?>? DeliveryAnnotations;
    public IDictionary<Symbol, object?>? MessageAnnotations;
    public IDictionary<string, object?>? ApplicationProperties;
    public IDictionary<Symbol, object?>? Footer;

    /// <summary>The view of the pooled block that the application asked for.</summary>
    public PayloadView? View;
}

/// <summary>The properties section on the heap.</summary>
internal sealed class PropertiesBox
{
    public MessageProperties Value;

    /// <summary>Whether no field is set: then the section is not written.</summary>
    public bool IsEmpty => Value is
    {
        MessageId: null, UserId: null, To: null, Subject: null, ReplyTo: null, CorrelationId: null, ContentType: null, ContentEncoding: null,
        AbsoluteExpiryTime: null, CreationTime: null, GroupId: null, GroupSequence: null, ReplyToGroupId: null,
    };
}
