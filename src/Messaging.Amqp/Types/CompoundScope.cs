namespace Messaging.Amqp;

/// <summary>Where a list or map began; given by <see cref="AmqpWriter.BeginList"/> and <see cref="AmqpWriter.BeginMap"/>, taken by the matching end.</summary>
public readonly struct CompoundScope
{
    internal CompoundScope(int start) => Start = start;

    internal int Start { get; }
}
