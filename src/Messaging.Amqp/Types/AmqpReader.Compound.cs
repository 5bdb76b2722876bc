using System.Diagnostics.CodeAnalysis;

namespace Messaging.Amqp;

// Lists and maps, AMQP 1.0 part 1, 1.6.22 and 1.6.23, and moving over values.
public ref partial struct AmqpReader
{
    /// <summary>Reads the start of a list (1.6.22); its items come next.</summary>
    /// <remarks>The header does not count towards the depth: what reads typed fields has a depth of its own. Finish with <see cref="EndCompound"/>.</remarks>
    /// <param name="endPosition">The position behind the last item.</param>
    /// <returns>How many items there are, never more than bytes up to <paramref name="endPosition"/>.</returns>
    public int ReadListHeader(out int endPosition)
    {
        byte code = Next();
        switch (code)
        {
            case FormatCode.List8: return GetCompoundHeader(wide: false, out endPosition);
            case FormatCode.List32: return GetCompoundHeader(wide: true, out endPosition);
            case FormatCode.List0: break;
            default: ThrowUnexpected(code, "a list"); break;
        }

        endPosition = _position;
        return 0;
    }

    /// <summary>Reads the start of a map (1.6.23); its keys and values come next in turn.</summary>
    /// <remarks>As <see cref="ReadListHeader"/>. That the keys are distinct is for the caller to check.</remarks>
    /// <param name="endPosition">The position behind the last value.</param>
    /// <returns>How many items there are, keys and values each counted, as on the wire: twice the pairs, always even.</returns>
    public int ReadMapHeader(out int endPosition)
    {
        byte code = Next();
        if (code is not (FormatCode.Map8 or FormatCode.Map32))
            ThrowUnexpected(code, "a map");
        return GetMapHeader(code == FormatCode.Map32, out endPosition);
    }

    /// <summary>Leaves a list or map: checks that its items did not run past its end, and skips those that were not read.</summary>
    /// <param name="endPosition">What the header gave.</param>
    public void EndCompound(int endPosition)
    {
        if (_position > endPosition || (uint)endPosition > (uint)_data.Length)
            ThrowBadEnd();
        _position = endPosition;
    }

    /// <summary>Moves over one value of any type.</summary>
    /// <remarks>Sizes and counts are checked against the bytes that remain; what is inside lists, maps, arrays and strings is jumped over unseen.</remarks>
    public void Skip() => Skip(0);

    private void Skip(int depth)
    {
        byte code = Next();
        while (code == FormatCode.Described)
        {
            if (depth++ >= _maxDepth)
                ThrowTooDeep();
            Skip(depth);
            code = Next();
        }

        if (!FormatCode.IsPrimitive(code))
            ThrowUnexpected(code, "a value");
        switch (code >> 4)
        {
            case 0x4: break;
            case 0x5: Take(1); break;
            case 0x6: Take(2); break;
            case 0x7: Take(4); break;
            case 0x8: Take(8); break;
            case 0x9: Take(16); break;
            case 0xa or 0xb: GetVariable(wide: code >= 0xb0); break;
            case 0xc or 0xd:
                GetCompoundHeader(wide: code >= 0xd0, out int end);
                _position = end;
                break;
            default: GetVariable(wide: code >= 0xf0); break;
        }
    }

    private int GetCompoundHeader(bool wide, out int end)
    {
        int size = TakeSize(wide);
        end = _position + size;
        uint count = wide ? Take32() : Next();
        int items = end - _position;
        if (items < 0)
            ThrowBadEnd();
        if (count > (uint)items)
            ThrowCount(count, items);
        return (int)count;
    }

    private int GetMapHeader(bool wide, out int end)
    {
        int count = GetCompoundHeader(wide, out end);
        if ((count & 1) != 0)
            ThrowOddMap();
        return count;
    }

    [DoesNotReturn]
    private static void ThrowBadEnd() => AmqpCodecException.ThrowDecodeError("The size and the content of a list, map or array do not agree.");

    [DoesNotReturn]
    private static void ThrowOddMap() => AmqpCodecException.ThrowDecodeError("A map has a key without a value.");
}
