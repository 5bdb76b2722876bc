using System.Buffers.Binary;
using Messaging.Amqp;
using Messaging.Amqp.Framing;

namespace Comparison.Peer;

/// <summary>
/// One client. A turn: read everything there is, walk the frames, answer with one write, then write the batches that
/// the client's credit allows. The rare frames are handed to <see cref="PeerHandshake"/>.
/// </summary>
internal sealed class PeerConnection
{
    private const int HeaderLength = 8;
    private const byte TransferCode = (byte)Codes.Transfer;
    private const byte DispositionCode = (byte)Codes.Disposition;

    private readonly PeerStream _stream;
    private readonly PeerHandshake _handshake = new();
    private readonly AmqpWriter _output = new(64 * 1024);

    public PeerConnection(PeerStream stream) => _stream = stream;

    public void Run()
    {
        bool sent = false;
        while (true)
        {
            // As long as batches go out, only what is already there is read: never blocked while there is something to send.
            if ((!sent || _stream.HasMoreToRead) && !ReadTurn())
            {
                return;
            }
            sent = SendBatches();
        }
    }

    private bool ReadTurn()
    {
        int heartbeat = _handshake.HeartbeatInterval;
        bool? read = heartbeat == 0 ? _stream.Read() : _stream.Read(heartbeat);
        if (read == false)
        {
            return false;
        }
        if (read is null)
        {
            FrameWriter.WriteEmpty(_output);
        }
        ProcessInput();
        foreach (PeerSession session in _handshake.Sessions)
        {
            session.EndTurn(_output);
        }
        _stream.Write(_output.WrittenSpan);
        _output.Clear();
        return !_handshake.IsClosed;
    }

    private bool SendBatches()
    {
        bool any = false;
        foreach (PeerSession session in _handshake.Sessions)
        {
            any |= session.SendBatches(_stream);
        }
        return any;
    }

    private void ProcessInput()
    {
        ReadOnlySpan<byte> input = _stream.Input;
        int consumed = 0;
        while (input.Length - consumed >= HeaderLength && !_handshake.IsClosed)
        {
            ReadOnlySpan<byte> rest = input[consumed..];
            int size = _handshake.ExpectsHeader ? HeaderLength : checked((int)BinaryPrimitives.ReadUInt32BigEndian(rest));
            if (size < HeaderLength || size > PeerHandshake.MaxFrameSize)
            {
                throw new PeerException($"frame of {size} bytes");
            }
            if (rest.Length < size)
            {
                break;
            }
            if (_handshake.ExpectsHeader)
            {
                _handshake.OnHeader(rest[..size], _output);
            }
            else
            {
                OnFrame(rest[..size]);
            }
            consumed += size;
        }
        _stream.Consume(consumed);
    }

    private void OnFrame(ReadOnlySpan<byte> frame)
    {
        int offset = frame[4] * 4;
        if (frame.Length == offset)
        {
            return; // a heartbeat
        }
        ReadOnlySpan<byte> performative = frame[offset..];
        ushort channel = BinaryPrimitives.ReadUInt16BigEndian(frame[6..]);
        // 0x00 0x53 CODE: a described value with a smallulong descriptor, which is how every client writes these two.
        switch (performative[1] == 0x53 ? performative[2] : 0)
        {
            case TransferCode:
                _handshake.Session(channel).OnTransfer(performative, _output);
                break;
            case DispositionCode:
                _handshake.Session(channel).OnDisposition(performative);
                break;
            default:
                _handshake.OnFrame(channel, performative, _output);
                break;
        }
    }
}
