namespace Messaging.Amqp;

/// <summary>A described value (AMQP 1.0 part 1, 1.2): a value with a descriptor that says what it means.</summary>
/// <param name="Descriptor">Usually a <see cref="Symbol"/> or a <see cref="ulong"/>; other values are legal but reserved. Never null.</param>
/// <param name="Value">The value that is described, see <see cref="AmqpWriter.WriteValue"/> for the types.</param>
public sealed record Described(object Descriptor, object? Value);
