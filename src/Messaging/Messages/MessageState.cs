namespace Messaging;

/// <summary>How far a message is decoded. Bits are only added, and only by the holder of the message's gate.</summary>
[Flags]
internal enum MessageState
{
    None = 0,

    /// <summary>The section boundaries are known and their order is legal.</summary>
    Scanned = 1,

    /// <summary>Header and annotations (what a broker replaces) are in fields.</summary>
    HeadDecoded = 2,

    /// <summary>Properties, application properties and footer are in fields.</summary>
    TailDecoded = 4,

    /// <summary>The body is in its field.</summary>
    BodyDecoded = 8,

    /// <summary>The bytes of the body are gone; whatever was not decoded from them cannot be.</summary>
    BodyGone = 16,

    /// <summary>The bare message is fixed (<see cref="Message.FromEncoded"/>): it is sent byte by byte and cannot be changed.</summary>
    Sealed = 32,

    AllDecoded = Scanned | HeadDecoded | TailDecoded | BodyDecoded,
}

/// <summary>The header's booleans, and which of its numbers were given.</summary>
[Flags]
internal enum HeaderFlags : byte
{
    None = 0,
    Durable = 1,
    FirstAcquirer = 2,
    HasTtl = 4,
}
