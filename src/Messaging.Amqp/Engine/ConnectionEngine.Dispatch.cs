using Messaging.Amqp.Framing;

namespace Messaging.Amqp.Engine;

/// <content>From frames to the connection, a session or a link.</content>
internal sealed partial class ConnectionEngine
{
    private void OnFrame(ushort channel, in FrameBody body)
    {
        if (body.Performative.IsEmpty)
        {
            OnEmptyFrame(channel);
            return;
        }

        ulong code = FrameBody.ReadCode(body.Performative);
        if (Phase == EnginePhase.Sasl)
        {
            DispatchSasl(code, body.Performative);
        }
        else if (code == Codes.Transfer && Phase == EnginePhase.Open)
        {
            DispatchTransfer(channel, in body);
        }
        else
        {
            DispatchAmqp(code, channel, body.Performative);
        }
    }

    /// <summary>Keeps the connection alive on any channel (2.4.5), but not a SASL exchange (5.3.1).</summary>
    private void OnEmptyFrame(ushort channel)
    {
        TraceEmpty(outgoing: false, channel);
        if (Phase == EnginePhase.Sasl)
        {
            FailSasl("An empty frame in the SASL exchange.");
        }
    }

    private void DispatchTransfer(ushort channel, in FrameBody body)
    {
        Session? session = FindSession(channel);
        if (session is null || session.IsDiscarding)
        {
            return;
        }

        AmqpReader reader = new(body.Performative);
        Transfer transfer = TransferReader.Read(ref reader);
        if (Settings.Trace is not null)
        {
            TraceTransfer(outgoing: false, channel, in transfer, body.Payload(reader.Position).Length);
        }

        session.OnTransfer(in transfer, in body, reader.Position);
    }

    private void DispatchAmqp(ulong code, ushort channel, ReadOnlySpan<byte> body)
    {
        AmqpReader reader = new(body);
        switch (code)
        {
            case Codes.Open:
                OnOpen(Read<Open>(ref reader, channel));
                break;
            case Codes.Close:
                OnClose(Read<Close>(ref reader, channel));
                break;
            case < Codes.Begin or > Codes.End:
                Fail(EngineErrors.Decode("A frame whose body is no performative."));
                break;
            case var _ when Phase == EnginePhase.CloseSent:
                break; // 2.4.6, DISCARDING
            case var _ when !_remoteOpenSeen:
                Fail(EngineErrors.IllegalState("The first frame of a connection must be an open."));
                break;
            case Codes.Begin:
                OnBegin(channel, Read<Begin>(ref reader, channel));
                break;
            case Codes.End:
                FindSession(channel)?.OnEnd(Read<End>(ref reader, channel).Error);
                break;
            default:
                DispatchSession(code, channel, body);
                break;
        }
    }

    private void DispatchSession(ulong code, ushort channel, ReadOnlySpan<byte> body)
    {
        Session? session = FindSession(channel);
        if (session is null || session.IsDiscarding)
        {
            return; // 2.5.4: what crossed our end
        }

        AmqpReader reader = new(body);
        switch (code)
        {
            case Codes.Flow:
                session.OnFlow(Read<Flow>(ref reader, channel));
                break;
            case Codes.Disposition:
                session.OnDisposition(Read<Disposition>(ref reader, channel));
                break;
            case Codes.Attach when AttachProbe.HasForeignTerminus(body, out Attach stub):
                session.OnAttach(in stub, body.Length, isForeign: true);
                break;
            case Codes.Attach:
                session.OnAttach(Read<Attach>(ref reader, channel), body.Length);
                break;
            case Codes.Detach:
                session.OnDetach(Read<Detach>(ref reader, channel));
                break;
        }
    }

    private T Read<T>(ref AmqpReader reader, ushort channel = 0)
        where T : struct, IComposite
    {
        T performative = Composite.Read<T>(ref reader);
        Trace(outgoing: false, channel, in performative);
        return performative;
    }
}
