using Messaging.Amqp;
using Messaging.Amqp.Framing;

namespace Messaging;

/// <content>The properties section: standard properties that no intermediary changes (AMQP 1.0 part 3, 3.2.4).</content>
public sealed partial class Message
{
    private static readonly MessageProperties NoProperties;

    /// <summary>Identifies the message; the producer makes it unique.</summary>
    /// <value>A <see cref="string"/>, <see cref="ulong"/>, <see cref="Guid"/> or <c>byte[]</c>; default: null.</value>
    /// <exception cref="ArgumentException">The value has another type.</exception>
    public object? MessageId
    {
        get => Properties.MessageId;
        set => ChangeProperties().MessageId = BodyTypes.CheckId(value, nameof(MessageId));
    }

    /// <summary>Who produced the message; intermediaries may check it against the authenticated user.</summary>
    /// <value>Any bytes, usually a user name in UTF-8; default: null.</value>
    public byte[]? UserId
    {
        get => Properties.UserId;
        set => ChangeProperties().UserId = value;
    }

    /// <summary>The address of the node that the message is for; needed on a sender without an address (anonymous terminus).</summary>
    /// <value>Default: null.</value>
    public string? To
    {
        get => Properties.To;
        set => ChangeProperties().To = value;
    }

    /// <summary>A short summary of content and purpose.</summary>
    /// <value>Default: null.</value>
    public string? Subject
    {
        get => Properties.Subject;
        set => ChangeProperties().Subject = value;
    }

    /// <summary>The address of the node for replies.</summary>
    /// <value>Default: null.</value>
    public string? ReplyTo
    {
        get => Properties.ReplyTo;
        set => ChangeProperties().ReplyTo = value;
    }

    /// <summary>Relates the message to another, in a reply usually to the <see cref="MessageId"/> of the request.</summary>
    /// <value>A <see cref="string"/>, <see cref="ulong"/>, <see cref="Guid"/> or <c>byte[]</c>; default: null.</value>
    /// <exception cref="ArgumentException">The value has another type.</exception>
    public object? CorrelationId
    {
        get => Properties.CorrelationId;
        set => ChangeProperties().CorrelationId = BodyTypes.CheckId(value, nameof(CorrelationId));
    }

    /// <summary>The MIME type (RFC 2046) of a data body; leave it null for other bodies.</summary>
    /// <value>ASCII; default: null.</value>
    /// <exception cref="ArgumentException">The value is not ASCII.</exception>
    public string? ContentType
    {
        get => Properties.ContentType?.Value;
        set => ChangeProperties().ContentType = ToSymbol(value);
    }

    /// <summary>How the bytes of a data body are encoded on top of their content type, such as <c>gzip</c>. The SDK does not apply it.</summary>
    /// <value>ASCII, not <c>identity</c> (leave it null instead); default: null.</value>
    /// <exception cref="ArgumentException">The value is not ASCII.</exception>
    public string? ContentEncoding
    {
        get => Properties.ContentEncoding?.Value;
        set => ChangeProperties().ContentEncoding = ToSymbol(value);
    }

    /// <summary>When the message expires.</summary>
    /// <value>Milliseconds, finer parts are dropped; read with offset zero, and clamped to the range of <see cref="DateTimeOffset"/>; default: null.</value>
    public DateTimeOffset? AbsoluteExpiryTime
    {
        get => Properties.AbsoluteExpiryTime?.ToClampedDateTimeOffset();
        set => ChangeProperties().AbsoluteExpiryTime = value;
    }

    /// <summary>When the message was created; the SDK does not set it by itself.</summary>
    /// <value>Milliseconds, finer parts are dropped; read with offset zero, and clamped to the range of <see cref="DateTimeOffset"/>; default: null.</value>
    public DateTimeOffset? CreationTime
    {
        get => Properties.CreationTime?.ToClampedDateTimeOffset();
        set => ChangeProperties().CreationTime = value;
    }

    /// <summary>The group that the message belongs to.</summary>
    /// <value>Default: null.</value>
    public string? GroupId
    {
        get => Properties.GroupId;
        set => ChangeProperties().GroupId = value;
    }

    /// <summary>The position in the group: an RFC 1982 serial number, which wraps round from 4,294,967,295 to 0.</summary>
    /// <value>Default: null.</value>
    public uint? GroupSequence
    {
        get => Properties.GroupSequence;
        set => ChangeProperties().GroupSequence = value;
    }

    /// <summary>The group that replies to the message belong to.</summary>
    /// <value>Default: null.</value>
    public string? ReplyToGroupId
    {
        get => Properties.ReplyToGroupId;
        set => ChangeProperties().ReplyToGroupId = value;
    }

    private ref readonly MessageProperties Properties
    {
        get
        {
            EnsureTail();
            if (_properties is { } properties)
                return ref properties.Value;
            return ref NoProperties;
        }
    }

    private ref MessageProperties ChangeProperties()
    {
        ThrowIfSealed();
        EnsureTail();
        return ref (_properties ??= new PropertiesBox()).Value;
    }

    private static Symbol? ToSymbol(string? value) => value is null ? default(Symbol?) : new Symbol(value);
}
