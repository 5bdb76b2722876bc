namespace Messaging.Amqp;

/// <summary>A descriptor as it was read: numeric or symbolic (AMQP 1.0 part 1, 1.2), never both.</summary>
public readonly record struct Descriptor
{
    /// <summary>Makes a numeric descriptor.</summary>
    /// <param name="code">domain-id &lt;&lt; 32 | descriptor-id.</param>
    public Descriptor(ulong code) => Code = code;

    /// <summary>Makes a symbolic descriptor.</summary>
    /// <param name="name">domain:name.</param>
    public Descriptor(Symbol name)
    {
        Name = name;
        IsSymbolic = true;
    }

    /// <summary>The numeric descriptor; 0 when it is symbolic.</summary>
    public ulong Code { get; }

    /// <summary>The symbolic descriptor; the empty symbol when it is numeric.</summary>
    public Symbol Name { get; }

    /// <summary>Whether <see cref="Name"/> is the one that was sent.</summary>
    public bool IsSymbolic { get; }

    /// <summary>Whether the descriptor is the given pair's code or its name.</summary>
    /// <param name="code">The numeric form.</param>
    /// <param name="name">The symbolic form.</param>
    public bool Is(ulong code, Symbol name) => IsSymbolic ? Name == name : Code == code;

    /// <summary>The name, or the code in hexadecimal.</summary>
    public override string ToString() => IsSymbolic ? Name.Value : $"0x{Code:x}";
}
