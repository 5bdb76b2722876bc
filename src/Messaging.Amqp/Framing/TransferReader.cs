using System.Buffers.Binary;

namespace Messaging.Amqp.Framing;

/// <summary>Reads the performative of a transfer frame; the payload is what remains in the reader.</summary>
/// <remarks>
/// Hand-written for the short forms that every implementation sends. Whatever else is legal, and all that is not, goes through the description,
/// which also names the field in an error. A property test holds both equal.
/// </remarks>
internal static class TransferReader
{
    /// <summary>Reads the descriptor and the list.</summary>
    /// <exception cref="AmqpCodecException">amqp:decode-error or amqp:invalid-field, naming the field.</exception>
    public static Transfer Read(ref AmqpReader reader)
    {
        ReadOnlySpan<byte> unread = reader.Unread;
        if (unread is not [FormatCode.Described, FormatCode.SmallULong, (byte)Codes.Transfer, ..])
            return Composite.Read<Transfer>(ref reader);

        reader.Position += 3;
        return ReadFields(ref reader);
    }

    /// <summary>Reads the list of a transfer whose descriptor has been read.</summary>
    /// <exception cref="AmqpCodecException">amqp:decode-error or amqp:invalid-field, naming the field.</exception>
    public static Transfer ReadFields(ref AmqpReader reader)
    {
        ReadOnlySpan<byte> unread = reader.Unread;
        if (unread is not [FormatCode.List8, byte size, byte count, ..] || size == 0 || size + 2 > unread.Length)
            return Composite.ReadFields<Transfer>(ref reader);

        ShortFields fields = new(unread[3..(size + 2)], count);
        Transfer transfer = default;
        if (!TryGetFields(ref fields, ref transfer))
            return Composite.ReadFields<Transfer>(ref reader);

        reader.Position += size + 2;
        return transfer;
    }

    private static bool TryGetFields(ref ShortFields fields, ref Transfer transfer)
    {
        uint? handle = fields.UInt();
        transfer.Handle = handle.GetValueOrDefault();
        transfer.DeliveryId = fields.UInt();
        transfer.DeliveryTag = fields.Tag(out transfer.HasDeliveryTag);
        transfer.MessageFormat = fields.UInt();
        transfer.Settled = fields.Boolean();
        transfer.More = fields.Boolean().GetValueOrDefault();
        if (!fields.AtEnd)
        {
            fields.Absent();
            fields.Absent();
            transfer.Resume = fields.Boolean().GetValueOrDefault();
            transfer.Aborted = fields.Boolean().GetValueOrDefault();
            transfer.Batchable = fields.Boolean().GetValueOrDefault();
        }

        return handle is not null && fields.AtEnd;
    }

    /// <summary>The fields of a list8. A field that is not in the usual form ends the reading short of the end.</summary>
    private ref struct ShortFields(ReadOnlySpan<byte> rest, int count)
    {
        private ReadOnlySpan<byte> _rest = rest;
        private int _count = count;

        /// <summary>Whether all fields were read, and all bytes with them.</summary>
        public readonly bool AtEnd => _count == 0 && _rest.IsEmpty;

        public uint? UInt()
        {
            if (!Next())
                return null;

            switch (_rest)
            {
                case [FormatCode.SmallUInt, byte small, ..]:
                    return Take(2, (uint)small);
                case [FormatCode.UInt, _, _, _, _, ..]:
                    return Take(5, BinaryPrimitives.ReadUInt32BigEndian(_rest[1..]));
                case [FormatCode.UInt0, ..]:
                    return Take(1, 0u);
                default:
                    Null();
                    return null;
            }
        }

        public bool? Boolean()
        {
            if (!Next())
                return null;

            switch (_rest)
            {
                case [FormatCode.BooleanTrue, ..]:
                    return Take(1, true);
                case [FormatCode.BooleanFalse, ..]:
                    return Take(1, false);
                default:
                    Null();
                    return null;
            }
        }

        public ReadOnlySpan<byte> Tag(out bool present)
        {
            present = false;
            if (!Next())
                return default;

            if (_rest is [FormatCode.Binary8, <= DeliveryTags.MaxLength and byte length, ..] && length + 2 <= _rest.Length)
            {
                ReadOnlySpan<byte> tag = _rest.Slice(2, length);
                present = Take(2 + length, true);
                return tag;
            }

            Null();
            return default;
        }

        /// <summary>A field that is usually null.</summary>
        public void Absent()
        {
            if (Next())
                Null();
        }

        private bool Next() => _count > 0 && _count-- > 0;

        private T Take<T>(int bytes, T value)
        {
            _rest = _rest[bytes..];
            return value;
        }

        private void Null()
        {
            if (_rest is [FormatCode.Null, ..])
            {
                _rest = _rest[1..];
                return;
            }

            // Below zero for good: neither another field nor the end.
            _count = -1;
        }
    }
}
