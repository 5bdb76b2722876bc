using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Unicode;

namespace Messaging.Amqp;

// The variable-width primitives, AMQP 1.0 part 1, 1.6.19 to 1.6.21, and descriptors.
public sealed partial class AmqpWriter
{
    // A UTF-16 unit needs at most 3 bytes of UTF-8: up to here the 1-byte length is certain before encoding.
    private const int CertainlyShort = byte.MaxValue / 3;
    private const int EncodedInOnePass = 4096;

    /// <summary>Writes binary (1.6.19).</summary>
    /// <param name="value">The bytes; may be empty.</param>
    public void WriteBinary(ReadOnlySpan<byte> value)
    {
        PutVariableHeader(FormatCode.Binary8, value.Length, value.Length);
        value.CopyTo(_buffer.AsSpan(_position));
        _position += value.Length;
    }

    /// <summary>Writes the start of a binary (1.6.19); the caller then writes exactly that many bytes with <see cref="WriteRaw"/> or <see cref="GetSpan"/>.</summary>
    /// <param name="length">Bytes that follow.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="length"/> is negative.</exception>
    public void WriteBinaryHeader(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        PutVariableHeader(FormatCode.Binary8, length, 0);
    }

    /// <summary>Writes a string (1.6.20) as UTF-8.</summary>
    /// <param name="value">Well-formed UTF-16; may be empty.</param>
    /// <exception cref="ArgumentException"><paramref name="value"/> has a surrogate without its partner. Nothing was written.</exception>
    public void WriteString(ReadOnlySpan<char> value)
    {
        if (value.Length > CertainlyShort)
        {
            WriteLongString(value);
            return;
        }

        Ensure(2 + (value.Length * 3));
        Span<byte> room = _buffer.AsSpan(_position);
        int length = Encode(value, room[2..]);
        room[0] = FormatCode.String8;
        room[1] = (byte)length;
        _position += 2 + length;
    }

    /// <summary>Writes a symbol (1.6.21).</summary>
    /// <param name="value">The symbol; may be empty.</param>
    public void WriteSymbol(Symbol value)
    {
        string text = value.Value;
        PutVariableHeader(FormatCode.Symbol8, text.Length, text.Length);
        PutAscii(text);
    }

    /// <summary>Writes an array of symbols (1.6.24), also when there are none or just one.</summary>
    /// <param name="values">The symbols.</param>
    public void WriteSymbols(ReadOnlySpan<Symbol> values)
    {
        long content = 0;
        int longest = 0;
        foreach (Symbol value in values)
        {
            int length = value.Value.Length;
            content += length;
            longest = Math.Max(longest, length);
        }

        bool shortElements = longest <= byte.MaxValue;
        content += (long)values.Length * (shortElements ? 1 : 4);
        PutArrayHeader(shortElements ? FormatCode.Symbol8 : FormatCode.Symbol32, values.Length, content);
        foreach (Symbol value in values)
        {
            string text = value.Value;
            PutLength(text.Length, shortElements);
            PutAscii(text);
        }
    }

    /// <summary>Writes 0x00 and a numeric descriptor (1.2); the described value comes next.</summary>
    /// <param name="code">The numeric descriptor.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WriteDescriptor(ulong code)
    {
        if (code is 0 or > byte.MaxValue)
        {
            PutByte(FormatCode.Described);
            WriteULong(code);
            return;
        }

        Span<byte> room = Reserve(3);
        room[2] = (byte)code;
        room[1] = FormatCode.SmallULong;
        room[0] = FormatCode.Described;
    }

    /// <summary>Writes 0x00 and a symbolic descriptor (1.2); the described value comes next.</summary>
    /// <param name="name">The symbolic descriptor.</param>
    public void WriteDescriptor(Symbol name)
    {
        PutByte(FormatCode.Described);
        WriteSymbol(name);
    }

    private void WriteLongString(ReadOnlySpan<char> value)
    {
        if (value.Length > EncodedInOnePass)
        {
            // Room for the worst case would waste up to two thirds of a large buffer, so count first.
            int exact = Encoding.UTF8.GetByteCount(value);
            Ensure32(5L + exact);
        }
        else
        {
            Ensure(5 + (value.Length * 3));
        }

        int header = value.Length > byte.MaxValue ? 5 : 2;
        Span<byte> room = _buffer.AsSpan(_position);
        int length = Encode(value, room[header..]);
        if (length > byte.MaxValue)
        {
            if (header == 2)
                room.Slice(2, length).CopyTo(room[5..]);
            room[0] = FormatCode.String32;
            BinaryPrimitives.WriteInt32BigEndian(room[1..], length);
            _position += 5 + length;
            return;
        }

        room[0] = FormatCode.String8;
        room[1] = (byte)length;
        _position += 2 + length;
    }

    // Strict: UTF-8 has no form for a lone surrogate (Unicode 6.0, D92), and replacing it would change what the application said.
    private static int Encode(ReadOnlySpan<char> value, Span<byte> room)
    {
        if (Utf8.FromUtf16(value, room, out _, out int written, replaceInvalidSequences: false) != OperationStatus.Done)
            ThrowLoneSurrogate(value);
        return written;
    }

    private void PutVariableHeader(byte shortCode, int length, int room)
    {
        if (length <= byte.MaxValue)
        {
            Ensure(2 + room);
            _buffer[_position] = shortCode;
            _buffer[_position + 1] = (byte)length;
            _position += 2;
            return;
        }

        Ensure32(5L + room);
        _buffer[_position] = (byte)(shortCode + 0x10);
        BinaryPrimitives.WriteInt32BigEndian(_buffer.AsSpan(_position + 1), length);
        _position += 5;
    }

    private void PutLength(int length, bool narrow)
    {
        if (narrow)
            PutByte((byte)length);
        else
            BinaryPrimitives.WriteInt32BigEndian(Reserve(4), length);
    }

    private void PutAscii(string text)
    {
        Ascii.FromUtf16(text, Reserve(text.Length), out _);
    }

    private void Ensure32(long count)
    {
        if (_buffer.Length - _position < count)
            Grow(count);
    }

    [DoesNotReturn]
    private static void ThrowLoneSurrogate(ReadOnlySpan<char> value) =>
        throw new ArgumentException($"The string has a surrogate without its partner, which UTF-8 cannot represent. Send it as binary, or repair it first (it has {value.Length} UTF-16 units).", nameof(value));
}
