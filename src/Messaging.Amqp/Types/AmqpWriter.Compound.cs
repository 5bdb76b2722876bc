using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;

namespace Messaging.Amqp;

// Lists, maps and array headers, AMQP 1.0 part 1, 1.6.22 to 1.6.24.
// The 1-byte header is written first, since almost everything on the hot path fits it; what grows beyond 254 bytes is moved up once.
public sealed partial class AmqpWriter
{
    private const int NarrowHeader = 3;
    private const int WideHeader = 9;
    private const int Widening = 0x10;

    /// <summary>Begins a list (1.6.22); its items are written next, then <see cref="EndList"/>.</summary>
    /// <returns>The scope for <see cref="EndList"/>.</returns>
    public CompoundScope BeginList() => Begin(FormatCode.List8);

    /// <summary>Ends a list and settles its shortest form: list0, list8 or list32.</summary>
    /// <param name="scope">What <see cref="BeginList"/> returned. Scopes end in the reverse order of their beginning.</param>
    /// <param name="count">Items written since then.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is negative or above the bytes written, or 0 although bytes were written.</exception>
    public void EndList(in CompoundScope scope, int count)
    {
        if (count == 0 && _position == scope.Start + NarrowHeader)
        {
            _buffer[scope.Start] = FormatCode.List0;
            _position = scope.Start + 1;
            return;
        }

        End(scope, count);
    }

    /// <summary>Begins a map (1.6.23); its keys and values are written next in turn, then <see cref="EndMap"/>.</summary>
    /// <returns>The scope for <see cref="EndMap"/>.</returns>
    public CompoundScope BeginMap() => Begin(FormatCode.Map8);

    /// <summary>Ends a map and settles its shortest form: map8 or map32.</summary>
    /// <param name="scope">What <see cref="BeginMap"/> returned.</param>
    /// <param name="count">Items written since then, keys and values each counted, as on the wire: twice the pairs.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is negative, odd, or above the bytes written, or 0 although bytes were written.</exception>
    public void EndMap(in CompoundScope scope, int count)
    {
        if ((count & 1) != 0)
            ThrowBadCount(count);
        End(scope, count);
    }

    private CompoundScope Begin(byte code)
    {
        int start = _position;
        Reserve(NarrowHeader)[0] = code;
        return new CompoundScope(start);
    }

    private void End(in CompoundScope scope, int count)
    {
        int content = _position - scope.Start - NarrowHeader;
        if (content < 0 || (uint)count > (uint)content || (count == 0 && content != 0))
            ThrowBadCount(count);
        SettleHeader(scope.Start, count);
    }

    // Content stands behind a 3-byte header at start whose code is in place: fill in size and count, widening the header when they need it.
    private void SettleHeader(int start, int count)
    {
        int content = _position - start - NarrowHeader;
        if (content < byte.MaxValue && count <= byte.MaxValue)
        {
            _buffer[start + 2] = (byte)count;
            _buffer[start + 1] = (byte)(content + 1);
            return;
        }

        Reserve(WideHeader - NarrowHeader);
        Span<byte> whole = _buffer.AsSpan(start);
        whole.Slice(NarrowHeader, content).CopyTo(whole[WideHeader..]);
        whole[0] += Widening;
        BinaryPrimitives.WriteInt32BigEndian(whole[1..], content + 4);
        BinaryPrimitives.WriteInt32BigEndian(whole[5..], count);
    }

    // For arrays whose content size is known before it is written; ensures the room for all of it.
    private void PutArrayHeader(byte elementCode, int count, long content)
    {
        if (content <= byte.MaxValue - 2 && count <= byte.MaxValue)
        {
            Ensure(NarrowHeader + 1 + (int)content);
            Span<byte> narrow = Reserve(NarrowHeader + 1);
            narrow[0] = FormatCode.Array8;
            narrow[1] = (byte)(content + 2);
            narrow[2] = (byte)count;
            narrow[3] = elementCode;
            return;
        }

        Ensure32(WideHeader + 1 + content);
        Span<byte> wide = Reserve(WideHeader + 1);
        wide[0] = FormatCode.Array32;
        BinaryPrimitives.WriteInt32BigEndian(wide[1..], (int)(content + 5));
        BinaryPrimitives.WriteInt32BigEndian(wide[5..], count);
        wide[9] = elementCode;
    }

    [DoesNotReturn]
    private static void ThrowBadCount(int count) =>
        throw new ArgumentOutOfRangeException(nameof(count), count, "The count must be that of the items written since the begin, an even one for a map.");
}
