using System.Buffers.Binary;

namespace Messaging.Amqp.Framing;

// The hand-written form of the one frame that is written for every message. A property test holds it equal, byte for byte, to the description in Transfer.
internal static partial class FrameWriter
{
    private const int TransferFieldsOffset = FrameHeader.Length + 6;

    // handle, delivery-id, tag, message-format, settled, more, rcv-settle-mode, state, resume, aborted, batchable: the whole list always fits a list8.
    private const int MaxTransferFields = 5 + 5 + (2 + DeliveryTags.MaxLength) + 5 + 1 + 1 + 2 + 1 + 1 + 1 + 1;

    /// <summary>The most bytes that a transfer frame without a state has before its payload.</summary>
    public const int MaxTransferOverhead = TransferFieldsOffset + MaxTransferFields;

    /// <summary>Writes a transfer with its payload.</summary>
    /// <exception cref="ArgumentException">The tag has more than 32 bytes, or the state holds a value that AMQP cannot express. The buffer is as it was before.</exception>
    public static void WriteTransfer(AmqpWriter output, ushort channel, in Transfer transfer, ReadOnlySpan<byte> payload)
    {
        if (transfer.State is not null)
        {
            Write(output, FrameHeader.AmqpType, channel, transfer, payload);
            return;
        }

        DeliveryTags.CheckOurs(transfer.DeliveryTag);
        int start = output.Length;
        Span<byte> frame = output.Reserve(MaxTransferOverhead + payload.Length);
        ShortFields fields = new(frame.Slice(TransferFieldsOffset, MaxTransferFields));
        PutFields(ref fields, transfer);

        int overhead = TransferFieldsOffset + fields.Length;
        WriteHeader(frame, overhead + payload.Length, FrameHeader.AmqpType, channel);
        frame[8] = FormatCode.Described;
        frame[9] = FormatCode.SmallULong;
        frame[10] = (byte)Codes.Transfer;
        frame[11] = FormatCode.List8;
        frame[12] = (byte)(fields.Length + 1);
        frame[13] = (byte)fields.Count;
        payload.CopyTo(frame[overhead..]);
        output.Truncate(start + overhead + payload.Length);
    }

    private static void PutFields(ref ShortFields fields, in Transfer transfer)
    {
        fields.UInt(transfer.Handle);
        fields.UInt(transfer.DeliveryId);
        fields.Binary(transfer.DeliveryTag, transfer.HasDeliveryTag);
        fields.UInt(transfer.MessageFormat);
        fields.Boolean(transfer.Settled);
        fields.Flag(transfer.More);
        if (transfer.RcvSettleMode is null && !(transfer.Resume | transfer.Aborted | transfer.Batchable))
            return;

        fields.UByte((byte?)transfer.RcvSettleMode);
        fields.Null();
        fields.Flag(transfer.Resume);
        fields.Flag(transfer.Aborted);
        fields.Flag(transfer.Batchable);
    }

    /// <summary>The fields of a list in a span that is large enough for them; it ends after the last one that is not null.</summary>
    private ref struct ShortFields(Span<byte> room)
    {
        private readonly Span<byte> _room = room;
        private int _position;
        private int _fields;

        /// <summary>Bytes up to the last field that is not null.</summary>
        public int Length { get; private set; }

        /// <summary>Fields up to the last one that is not null.</summary>
        public int Count { get; private set; }

        public void Null()
        {
            _room[_position++] = FormatCode.Null;
            _fields++;
        }

        public void UInt(uint? value)
        {
            if (value is null)
                Null();
            else
                UInt(value.GetValueOrDefault());
        }

        public void UInt(uint value)
        {
            if (value > byte.MaxValue)
            {
                BinaryPrimitives.WriteUInt32BigEndian(_room[(_position + 1)..], value);
                _room[_position] = FormatCode.UInt;
                _position += 5;
            }
            else if (value == 0)
            {
                _room[_position++] = FormatCode.UInt0;
            }
            else
            {
                _room[_position] = FormatCode.SmallUInt;
                _room[_position + 1] = (byte)value;
                _position += 2;
            }

            Used();
        }

        public void UByte(byte? value)
        {
            if (value is null)
            {
                Null();
                return;
            }

            _room[_position] = FormatCode.UByte;
            _room[_position + 1] = value.GetValueOrDefault();
            _position += 2;
            Used();
        }

        public void Boolean(bool? value)
        {
            if (value is null)
            {
                Null();
                return;
            }

            _room[_position++] = value.GetValueOrDefault() ? FormatCode.BooleanTrue : FormatCode.BooleanFalse;
            Used();
        }

        /// <summary>A boolean whose default is false.</summary>
        public void Flag(bool value)
        {
            if (!value)
            {
                Null();
                return;
            }

            _room[_position++] = FormatCode.BooleanTrue;
            Used();
        }

        public void Binary(ReadOnlySpan<byte> value, bool present)
        {
            if (!present)
            {
                Null();
                return;
            }

            _room[_position] = FormatCode.Binary8;
            _room[_position + 1] = (byte)value.Length;
            value.CopyTo(_room[(_position + 2)..]);
            _position += 2 + value.Length;
            Used();
        }

        private void Used()
        {
            Count = ++_fields;
            Length = _position;
        }
    }
}
