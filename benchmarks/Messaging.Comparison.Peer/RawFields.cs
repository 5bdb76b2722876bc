using System.Buffers.Binary;

namespace Comparison.Peer;

/// <summary>
/// Walks the first fields of a performative's list without making values of them: only the encodings that those fields of
/// transfer and disposition can have (AMQP 1.0 part 1, 1.6), numeric descriptors only. Everything else goes through the library's codec.
/// </summary>
internal ref struct RawFields
{
    private readonly ReadOnlySpan<byte> _data;
    private int _position;
    private int _left;

    /// <param name="performative">From the descriptor's 0x00 on; the payload of a transfer may follow.</param>
    public RawFields(ReadOnlySpan<byte> performative)
    {
        _data = performative;
        switch (performative[3])
        {
            case 0xc0: // list8
                End = 5 + performative[4];
                _left = performative[5];
                _position = 6;
                break;
            case 0xd0: // list32
                End = 8 + (int)BinaryPrimitives.ReadUInt32BigEndian(performative[4..]);
                _left = (int)BinaryPrimitives.ReadUInt32BigEndian(performative[8..]);
                _position = 12;
                break;
            default:
                throw new PeerException($"a list was expected, not format code 0x{performative[3]:x2}");
        }
    }

    /// <summary>Where the list ends and the payload begins.</summary>
    public int End { get; }

    public uint? NextUInt()
    {
        switch (NextCode())
        {
            case 0x40:
                return null;
            case 0x43:
                return 0;
            case 0x52:
                return _data[_position++];
            case 0x70:
                _position += 4;
                return BinaryPrimitives.ReadUInt32BigEndian(_data[(_position - 4)..]);
            default:
                throw Unexpected("uint");
        }
    }

    public bool NextBoolean() => NextCode() switch
    {
        0x41 => true,
        0x40 or 0x42 => false,
        0x56 => _data[_position++] != 0,
        _ => throw Unexpected("boolean"),
    };

    public void SkipBinary()
    {
        int length = NextCode() switch
        {
            0x40 => 0,
            0xa0 => 1 + _data[_position],
            0xb0 => 4 + (int)BinaryPrimitives.ReadUInt32BigEndian(_data[_position..]),
            _ => throw Unexpected("binary"),
        };
        _position += length;
    }

    // Omitted trailing fields are null (1.4).
    private byte NextCode() => _left-- > 0 ? _data[_position++] : (byte)0x40;

    private readonly PeerException Unexpected(string type) =>
        new($"a {type} was expected, not format code 0x{_data[_position - 1]:x2}");
}
