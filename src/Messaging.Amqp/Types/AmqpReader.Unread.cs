namespace Messaging.Amqp;

public ref partial struct AmqpReader
{
    /// <summary>The bytes not read yet, for hand-written parsers, which move by <see cref="Position"/>.</summary>
    internal readonly ReadOnlySpan<byte> Unread => _data[_position..];
}
