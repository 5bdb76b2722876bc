using System.Buffers;
using Messaging.Amqp.Framing;

namespace Messaging.Amqp.Engine;

/// <content>From bytes to frames (AMQP 1.0 part 2, 2.3): nothing is believed before it is checked, nothing is allocated for what has not arrived.</content>
internal sealed partial class ConnectionEngine
{
    private const int PerformativePrefix = 256; // holds any ordinary transfer's performative

    private byte[] _scratch = [];
    private uint _frameLimit;
    private long _leftOver; // bytes of the last input that were not consumed

    /// <summary>Consumes whole headers and frames.</summary>
    /// <returns>How far; what follows is an incomplete frame, or waits for an answer of ours (<see cref="IsInputPaused"/>). Everything, once closed.</returns>
    public SequencePosition Receive(in ReadOnlySequence<byte> input, long now)
    {
        _now = Math.Max(_now, now);
        long length = input.Length;
        if (length > _leftOver)
        {
            _lastReceived = _now; // a large frame on a slow line is activity before it is complete
        }

        long consumed = 0;
        try
        {
            consumed = ReceiveAll(in input);
        }
        catch (AmqpCodecException error)
        {
            // The only place where input that does not parse ends: decode-error or invalid-field, with the codec's own words.
            Fail(error.Error ?? new AmqpError(ErrorCondition.DecodeError, error.Message));
        }

        if (IsClosed)
        {
            _leftOver = 0;
            return input.End;
        }

        _leftOver = length - consumed;
        return input.GetPosition(consumed);
    }

    private long ReceiveAll(in ReadOnlySequence<byte> input)
    {
        long consumed = 0;
        ReadOnlySequence<byte> rest = input;
        while (!rest.IsEmpty && !IsClosed && !IsInputPaused)
        {
            long taken = Phase == EnginePhase.Header ? ReceiveHeader(in rest) : ReceiveFrames(rest.First);
            if (taken == 0 && Phase != EnginePhase.Header && !rest.IsSingleSegment && !IsClosed)
            {
                taken = ReceiveScattered(in rest);
            }

            if (taken == 0)
            {
                break;
            }

            consumed += taken;
            rest = rest.Slice(taken);
        }

        return consumed;
    }

    /// <summary>The frames that lie whole in one segment.</summary>
    private int ReceiveFrames(ReadOnlyMemory<byte> segment)
    {
        ReadOnlySpan<byte> span = segment.Span;
        int offset = 0;
        while (FrameHeader.TryRead(span[offset..], out FrameHeader header) && CheckHeader(in header))
        {
            if (header.Size > (uint)(span.Length - offset))
            {
                break;
            }

            int end = offset + (int)header.Size;
            int start = offset + header.BodyOffset;
            offset = end;
            OnFrame(header.Channel, new FrameBody(segment[start..end], span[start..end]));
            if (Phase is EnginePhase.Header or EnginePhase.Closed || IsInputPaused)
            {
                break;
            }
        }

        return offset;
    }

    /// <summary>One frame over several segments: its performative is copied together, its payload is not.</summary>
    private long ReceiveScattered(in ReadOnlySequence<byte> rest)
    {
        Span<byte> start = stackalloc byte[FrameHeader.Length];
        if (rest.Length < FrameHeader.Length)
        {
            return 0;
        }

        rest.Slice(0, FrameHeader.Length).CopyTo(start);
        _ = FrameHeader.TryRead(start, out FrameHeader header);
        if (!CheckHeader(in header) || rest.Length < header.Size)
        {
            return 0;
        }

        ReadOnlySequence<byte> body = rest.Slice(header.BodyOffset, header.Size - header.BodyOffset);
        OnFrame(header.Channel, new FrameBody(in body, CopyPerformative(in body)));
        return header.Size;
    }

    private ReadOnlySpan<byte> CopyPerformative(in ReadOnlySequence<byte> body)
    {
        int length = (int)body.Length;
        if (length > PerformativePrefix)
        {
            ReadOnlySpan<byte> prefix = Copy(in body, PerformativePrefix);
            length = (int)Math.Min(Math.Max(FrameBody.MeasurePerformative(prefix), 0), length);
        }

        return Copy(in body, length);
    }

    private ReadOnlySpan<byte> Copy(in ReadOnlySequence<byte> body, int length)
    {
        if (_scratch.Length < length)
        {
            _scratch = new byte[(int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)length)]; // at most the frame limit, and all of it has arrived
        }

        body.Slice(0, length).CopyTo(_scratch);
        return _scratch.AsSpan(0, length);
    }

    /// <summary>2.3.1 and 2.7.1; a frame is refused by its header, before its body arrives.</summary>
    private bool CheckHeader(in FrameHeader header)
    {
        byte type = Phase == EnginePhase.Sasl ? FrameHeader.SaslType : FrameHeader.AmqpType;
        if (header.Size >= FrameHeader.Length && header.Size <= _frameLimit && header.IsValid && header.Type == type)
        {
            return true;
        }

        FailFrame(in header, type);
        return false;
    }

    private void FailFrame(in FrameHeader header, byte type)
    {
        string text = header.Size switch
        {
            < FrameHeader.Length => $"A frame of {header.Size} bytes is smaller than its header.",
            _ when header.Size > _frameLimit => $"A frame of {header.Size} bytes is larger than the limit of {_frameLimit}.",
            _ when header.Type != type => $"A frame of type {header.Type} where type {type} is due.",
            _ => $"A data offset of {header.DataOffset} words in a frame of {header.Size} bytes.",
        };

        Fail(EngineErrors.Framing(text));
    }
}
