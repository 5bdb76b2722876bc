using System.Buffers;
using System.IO.Pipelines;
using Messaging.Amqp;
using Messaging.Amqp.Framing;
using Messaging.Transport;

namespace Messaging.Testing;

/// <summary>A peer whose every frame the test writes, and reads, itself.</summary>
internal sealed partial class RawPeer(ITransport transport) : IAsyncDisposable
{
    private int _empty;

    public ITransport Transport { get; } = transport;

    /// <summary>Connects to a listener.</summary>
    public static async Task<RawPeer> ConnectAsync(string url) =>
        new(await TransportFactory.ConnectAsync(ConnectionUrl.Parse(url), new TransportSettings(), BoundedWaits.Stop).Bounded());

    public Task SendAsync<T>(T performative, ushort channel = 0, byte type = FrameHeader.AmqpType)
        where T : struct, IComposite => SendRawAsync(Frame(performative, channel, type));

    public Task SendSaslAsync<T>(T performative)
        where T : struct, IComposite => SendAsync(performative, 0, FrameHeader.SaslType);

    public async Task SendRawAsync(ReadOnlyMemory<byte> bytes) => await Transport.Output.WriteAsync(bytes, BoundedWaits.Stop).Bounded();

    public Task SendTransferAsync(uint id, byte[] payload, bool more = false, bool settled = false, bool aborted = false, uint handle = 0, bool first = true, byte[]? tag = null) =>
        SendRawAsync(TransferFrame(id, payload, more, settled, aborted, handle, first, tag));

    public static byte[] Frame<T>(T performative, ushort channel = 0, byte type = FrameHeader.AmqpType)
        where T : struct, IComposite
    {
        using var writer = new AmqpWriter();
        FrameWriter.Write(writer, type, channel, performative);
        return writer.WrittenSpan.ToArray();
    }

    /// <summary>A frame with any bytes as its body.</summary>
    public static byte[] Frame(byte[] body, ushort channel = 0, byte type = FrameHeader.AmqpType)
    {
        byte[] frame = [0, 0, 0, 0, 2, type, (byte)(channel >> 8), (byte)channel, .. body];
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(frame, frame.Length);
        return frame;
    }

    public static byte[] TransferFrame(uint id, byte[] payload, bool more = false, bool settled = false, bool aborted = false, uint handle = 0, bool first = true, byte[]? tag = null, ushort channel = 0)
    {
        using var writer = new AmqpWriter();
        var transfer = new Transfer { Handle = handle, DeliveryId = first ? id : null, Settled = settled ? true : null, More = more, Aborted = aborted };
        if (first)
        {
            transfer.DeliveryTag = tag ?? BitConverter.GetBytes(id);
            transfer.HasDeliveryTag = true;
        }

        FrameWriter.WriteTransfer(writer, channel, in transfer, payload);
        return writer.WrittenSpan.ToArray();
    }

    public static byte[] Encode(Message message)
    {
        using var writer = new AmqpWriter();
        MessageEncoder.Encode(message, writer);
        return writer.WrittenSpan.ToArray();
    }

    /// <summary>The next frame that is not empty, which must be of this kind.</summary>
    public async Task<T> ReadAsync<T>()
    {
        RawFrame? frame = await ReadAsync();
        Assert.NotNull(frame);
        return Assert.IsType<T>(frame.Body);
    }

    /// <summary>The next frame of this kind; others before it are skipped.</summary>
    public async Task<T> ReadUntilAsync<T>()
    {
        while (true)
        {
            RawFrame? frame = await ReadAsync();
            Assert.True(frame is not null, $"The stream ended before a {typeof(T).Name} came.");
            if (frame.Body is T wanted)
                return wanted;
        }
    }

    /// <summary>The next frame that is not empty; null at the end of the stream.</summary>
    public async Task<RawFrame?> ReadAsync()
    {
        while (true)
        {
            ReadResult result = await Transport.Input.ReadAsync(BoundedWaits.Stop).Bounded();
            if (TryTake(result.Buffer, out RawFrame? frame, out SequencePosition consumed))
            {
                Transport.Input.AdvanceTo(consumed);
                if (frame!.Body is not null)
                    return frame;
                _empty++;
                continue;
            }

            Transport.Input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
            if (result.IsCompleted)
                return null;
        }
    }

    /// <summary>The empty frames before the next one that is not; that one is read too.</summary>
    public async Task<int> CountEmptyAsync()
    {
        int before = _empty;
        await ReadAsync();
        return _empty - before;
    }

    /// <summary>Reads to the end of the stream, an abrupt one included.</summary>
    /// <returns>The frames that came before it.</returns>
    public async Task<List<object>> ReadToEndAsync()
    {
        List<object> frames = [];
        try
        {
            while (await ReadAsync() is { } frame)
                frames.Add(frame.Body!);
        }
        catch (MessagingConnectionException)
        {
            // A reset ends the stream too.
        }

        return frames;
    }

    /// <summary>Ends our direction in order: the other side reads an end of file.</summary>
    public ValueTask FinishAsync() => Transport.DisposeAsync();

    public async ValueTask DisposeAsync()
    {
        Transport.Abort();
        await Transport.DisposeAsync();
    }

    private static bool TryTake(in ReadOnlySequence<byte> buffer, out RawFrame? frame, out SequencePosition consumed)
    {
        frame = null;
        consumed = buffer.Start;
        if (buffer.Length < FrameHeader.Length)
            return false;
        byte[] start = buffer.Slice(0, FrameHeader.Length).ToArray();
        if (start.AsSpan().StartsWith("AMQP"u8))
        {
            frame = new RawFrame(0, start[4] switch { 0 => "AMQP", 3 => "SASL", _ => "other" });
            consumed = buffer.GetPosition(FrameHeader.Length);
            return true;
        }

        _ = FrameHeader.TryRead(start, out FrameHeader header);
        if (buffer.Length < header.Size)
            return false;
        byte[] body = buffer.Slice(header.BodyOffset, header.Size - header.BodyOffset).ToArray();
        frame = new RawFrame(header.Channel, RawFrame.ReadBody(body));
        consumed = buffer.GetPosition(header.Size);
        return true;
    }
}
