using Messaging.Amqp.Framing;

namespace Messaging.Amqp.Engine;

/// <content>Frames on their way out, and the trace of both directions.</content>
internal sealed partial class ConnectionEngine
{
    private AmqpWriter? _measure;

    /// <summary>Writes a frame that must fit.</summary>
    /// <exception cref="EngineException">It is larger than the peer accepts; nothing was written.</exception>
    internal void Write<T>(ushort channel, in T performative)
        where T : struct, IComposite
    {
        int start = Output.Length;
        FrameWriter.Write(Output, FrameHeader.AmqpType, channel, in performative);
        int size = Output.Length - start;
        if ((uint)size > RemoteMaxFrameSize)
        {
            Output.Truncate(start);
            EngineException.ThrowTooLarge(DescriptorNames.Short(T.Name), size, RemoteMaxFrameSize);
        }

        _lastSent = _now;
        Trace(outgoing: true, channel, in performative);
    }

    /// <summary>Writes a frame, or nothing when it is larger than the peer accepts.</summary>
    internal bool TryWrite<T>(ushort channel, in T performative)
        where T : struct, IComposite
    {
        int start = Output.Length;
        FrameWriter.Write(Output, FrameHeader.AmqpType, channel, in performative);
        if ((uint)(Output.Length - start) > RemoteMaxFrameSize)
        {
            Output.Truncate(start);
            return false;
        }

        _lastSent = _now;
        Trace(outgoing: true, channel, in performative);
        return true;
    }

    internal void WriteTransfer(ushort channel, in Transfer transfer, ReadOnlySpan<byte> payload)
    {
        FrameWriter.WriteTransfer(Output, channel, in transfer, payload);
        _lastSent = _now;
        ForgiveChurn();
        if (Settings.Trace is not null)
        {
            TraceTransfer(outgoing: true, channel, in transfer, payload.Length);
        }
    }

    /// <summary>How many bytes the state takes on the wire.</summary>
    internal int Measure(DeliveryState state)
    {
        _measure ??= new AmqpWriter();
        _measure.Clear();
        DeliveryStates.Write(_measure, state);
        return _measure.Length;
    }

    private void Trace<T>(bool outgoing, ushort channel, in T performative)
        where T : struct, IComposite
    {
        if (Settings.Trace is { } trace)
        {
            trace.Frame(outgoing, channel, Composite.Print(in performative));
        }
    }

    private void TraceTransfer(bool outgoing, ushort channel, in Transfer transfer, long payload) =>
        Settings.Trace?.Frame(outgoing, channel, $"{Composite.Print(in transfer)} ({payload} bytes)");

    private void TraceEmpty(bool outgoing, ushort channel) => Settings.Trace?.Frame(outgoing, channel, "(EMPTY FRAME)");

    private void TraceHeader(bool outgoing, ReadOnlySpan<byte> header)
    {
        if (Settings.Trace is { } trace)
        {
            trace.Frame(outgoing, 0, Describe(header));
        }
    }
}
