using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Unicode;

namespace Messaging.Amqp;

// The variable-width primitives, AMQP 1.0 part 1, 1.6.19 to 1.6.21, and descriptors.
public ref partial struct AmqpReader
{
    /// <summary>Reads binary (1.6.19) into an array of its own.</summary>
    public byte[] ReadBinary() => ReadBinarySpan().ToArray();

    /// <summary>Reads binary (1.6.19) without copying it.</summary>
    /// <returns>A view of the reader's data.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ReadOnlySpan<byte> ReadBinarySpan()
    {
        byte code = Next();
        return code == FormatCode.Binary8 ? Take(Next()) : GetBinary32(code);
    }

    /// <summary>Reads a string (1.6.20). Malformed UTF-8 is refused.</summary>
    public string ReadString()
    {
        byte code = Next();
        if (code is not (FormatCode.String8 or FormatCode.String32))
            ThrowUnexpected(code, "a string");
        return GetString(code == FormatCode.String32);
    }

    /// <summary>Reads a symbol (1.6.21). Short ones that were read before are not allocated again. Bytes beyond ASCII are refused.</summary>
    public Symbol ReadSymbol()
    {
        byte code = Next();
        if (code is not (FormatCode.Symbol8 or FormatCode.Symbol32))
            ThrowUnexpected(code, "a symbol");
        return GetSymbol(code == FormatCode.Symbol32);
    }

    /// <summary>Reads a field of several symbols (1.4): an array of symbols, one symbol alone, or null, which means none.</summary>
    public Symbol[] ReadSymbols()
    {
        switch (PeekFormatCode())
        {
            case FormatCode.Null:
                _position++;
                return [];
            case FormatCode.Array8:
            case FormatCode.Array32:
                if (GetArray(Next() == FormatCode.Array32, 0) is Symbol[] symbols)
                    return symbols;
                AmqpCodecException.ThrowDecodeError("Expected an array of symbols, found another array.");
                return [];
            default:
                return [ReadSymbol()];
        }
    }

    /// <summary>Reads 0x00 and the descriptor, if they come next (1.2); the described value comes after.</summary>
    /// <param name="descriptor">The numeric or symbolic descriptor.</param>
    /// <returns>False when a value without descriptor comes; nothing was read then.</returns>
    /// <exception cref="AmqpCodecException">Also for a descriptor of another type, which part 1, 1.2 reserves.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryReadDescriptor(out Descriptor descriptor)
    {
        if (PeekFormatCode() != FormatCode.Described)
        {
            descriptor = default;
            return false;
        }

        _position++;
        byte code = Next();
        descriptor = code == FormatCode.SmallULong ? new Descriptor(Next()) : GetDescriptor(code);
        return true;
    }

    private Descriptor GetDescriptor(byte code) => code switch
    {
        FormatCode.Symbol8 => new Descriptor(GetSymbol(wide: false)),
        FormatCode.Symbol32 => new Descriptor(GetSymbol(wide: true)),
        _ => new Descriptor(GetULong(code)),
    };

    private ReadOnlySpan<byte> GetBinary32(byte code)
    {
        if (code != FormatCode.Binary32)
            ThrowUnexpected(code, "binary");
        return GetVariable(wide: true);
    }

    private ReadOnlySpan<byte> GetVariable(bool wide) => Take(TakeSize(wide));

    private string GetString(bool wide)
    {
        ReadOnlySpan<byte> bytes = GetVariable(wide);
        if (Ascii.IsValid(bytes))
            return Encoding.Latin1.GetString(bytes); // the same text, and widening needs no counting pass
        if (!Utf8.IsValid(bytes))
            ThrowBadUtf8();
        return Encoding.UTF8.GetString(bytes);
    }

    private Symbol GetSymbol(bool wide)
    {
        ReadOnlySpan<byte> bytes = GetVariable(wide);
        if (!Ascii.IsValid(bytes))
            ThrowBadAscii();
        return SymbolCache.Get(bytes);
    }

    [DoesNotReturn]
    private static void ThrowBadUtf8() => AmqpCodecException.ThrowDecodeError("A string is not well-formed UTF-8.");

    [DoesNotReturn]
    private static void ThrowBadAscii() => AmqpCodecException.ThrowDecodeError("A symbol has bytes beyond ASCII.");
}
