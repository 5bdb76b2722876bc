namespace Messaging.Amqp;

/// <summary>The bounds of the codec; the encoder has the decoder's, so that what it writes can be read back.</summary>
internal static class AmqpLimits
{
    /// <summary>Containers (lists, maps, arrays, described values) inside each other. A stack overflow would end the process.</summary>
    public const int MaxDepth = 32;

    /// <summary>The most that a reader may be asked to allow; well within the smallest stack that .NET gives a thread.</summary>
    public const int MaxReaderDepth = 512;

    /// <summary>The memory, in bytes, of array elements without bytes of their own (null, true, list0, …) in all arrays of one read: nothing else bounds their number.</summary>
    public const int MaxZeroWidthMemory = 65_536;

    /// <summary>Items for which a collection is made ready before they are read; beyond that it grows with what really comes.</summary>
    public const int TrustedCount = 256;

    /// <summary>The memory of one such element, in bytes: those of the usual types lie in a <c>T[]</c>, others are objects.</summary>
    public static uint ZeroWidthMemory(byte code, bool isDescribed) => (code, isDescribed) switch
    {
        (FormatCode.BooleanTrue or FormatCode.BooleanFalse, false) => sizeof(bool),
        (FormatCode.UInt0, false) => sizeof(uint),
        (FormatCode.ULong0, false) or (FormatCode.Null, _) => sizeof(ulong),
        _ => 40,
    };
}
