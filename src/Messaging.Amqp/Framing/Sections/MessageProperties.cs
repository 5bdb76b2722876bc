namespace Messaging.Amqp.Framing;

/// <summary>The properties section: standard, immutable properties of a message (AMQP 1.0 part 3, 3.2.4).</summary>
internal struct MessageProperties : IComposite
{
    public static ulong Code => Codes.Properties;

    public static Symbol Name => "amqp:properties:list";

    /// <summary>A string, ulong, <see cref="Guid"/> or <c>byte[]</c>.</summary>
    public object? MessageId;

    public byte[]? UserId;
    public string? To;
    public string? Subject;
    public string? ReplyTo;

    /// <summary>A string, ulong, <see cref="Guid"/> or <c>byte[]</c>.</summary>
    public object? CorrelationId;

    public Symbol? ContentType;
    public Symbol? ContentEncoding;
    public AmqpTimestamp? AbsoluteExpiryTime;
    public AmqpTimestamp? CreationTime;
    public string? GroupId;
    public uint? GroupSequence;
    public string? ReplyToGroupId;

    public void Visit<TVisitor>(ref TVisitor visitor)
        where TVisitor : struct, IFieldVisitor, allows ref struct
    {
        visitor.MessageId("message-id", ref MessageId);
        visitor.Binary("user-id", ref UserId);
        visitor.String("to", ref To);
        visitor.String("subject", ref Subject);
        visitor.String("reply-to", ref ReplyTo);
        visitor.MessageId("correlation-id", ref CorrelationId);
        visitor.Symbol("content-type", ref ContentType);
        visitor.Symbol("content-encoding", ref ContentEncoding);
        visitor.Timestamp("absolute-expiry-time", ref AbsoluteExpiryTime);
        visitor.Timestamp("creation-time", ref CreationTime);
        visitor.String("group-id", ref GroupId);
        visitor.UInt("group-sequence", ref GroupSequence);
        visitor.String("reply-to-group-id", ref ReplyToGroupId);
    }
}
