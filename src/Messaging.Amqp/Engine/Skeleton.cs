// API skeleton; replaced by the real files.
using System.Buffers;
using Messaging.Amqp.Framing;

namespace Messaging.Amqp.Engine;

internal sealed class ConnectionEngine(EngineSettings settings, IEngineEvents events)
{
    public EngineSettings Settings => settings;
    public IEngineEvents Events => events;
    public AmqpWriter Output { get; set; } = new();
    public EnginePhase Phase => default;
    public bool IsOpen => default;
    public bool IsClosed => default;
    /// Receive stopped before the end of its input because an answer of ours is due first (SaslChallenge/SaslOutcome, or Open/Refuse on a listener).
    /// The owner gives the answer, then calls Receive again with the unconsumed bytes: they are complete frames, no new input needs to arrive.
    public bool IsInputPaused => default;
    public Open RemoteOpen => default;
    public uint RemoteMaxFrameSize => default;              // the peer's, clamped to >= 512; 512 before its open
    public void Start(long now) => throw new NotImplementedException();
    public SequencePosition Receive(in ReadOnlySequence<byte> input, long now) => throw new NotImplementedException(); // once IsClosed: discards everything
    public void EndOfInput() => throw new NotImplementedException();
    public long Tick(long now) => throw new NotImplementedException();      // absolute deadline (same clock) or long.MaxValue
    public void SaslInit(Symbol mechanism, byte[]? initialResponse, string? hostname) => throw new NotImplementedException();
    public void SaslResponse(ReadOnlySpan<byte> response) => throw new NotImplementedException();
    public void SaslChallenge(ReadOnlySpan<byte> challenge) => throw new NotImplementedException();
    public void SaslOutcome(byte code, ReadOnlySpan<byte> additionalData = default) => throw new NotImplementedException(); // code != 0: the engine is closed afterwards
    public void Open() => throw new NotImplementedException();
    public void Refuse(AmqpError error) => throw new NotImplementedException();
    public void Close(AmqpError? error) => throw new NotImplementedException(); // before the opens: just IsClosed, no event; after: OnClosed comes with the peer's close
    public Session BeginSession(object? owner) => throw new NotImplementedException();
    public bool HasPendingSends => default;
    public void PumpSends(int outputLimit) => throw new NotImplementedException();
    public void FlushDispositions() => throw new NotImplementedException();
}

internal sealed class Session
{
    public object? Owner { get; set; }
    public ConnectionEngine Connection => null!;
    public ushort Channel => default;                       // ours
    public bool IsBegun => default;                         // both begins seen and no end
    public void Begin() => throw new NotImplementedException();
    public void Refuse(AmqpError error) => throw new NotImplementedException();
    public void End(AmqpError? error) => throw new NotImplementedException();   // OnSessionEnded comes with the peer's end
    public SendingLink AttachSender(in Attach attach, object? owner) => throw new NotImplementedException();    // InvalidOperationException at handle-max; EngineException (a MessagingException) when too large for the peer's frames
    public ReceivingLink AttachReceiver(in Attach attach, object? owner) => throw new NotImplementedException();
}

internal abstract class Link
{
    public object? Owner { get; set; }
    public Session Session => null!;
    public string Name => null!;
    public bool IsAttached => default;                      // both attaches seen, no detach, session and connection live
    public bool IsRefused => default;                       // the peer answered with a null terminus
    public ulong RemoteMaxMessageSize => default;           // bytes, 0 = none
    public Attach LocalAttach => default;                   // as sent
    public Attach RemoteAttach => default;                  // as received: Source, Target, settle modes, capabilities, properties, unsettled
    public void Accept(in Attach attach) => throw new NotImplementedException();
    public void Refuse(AmqpError error) => throw new NotImplementedException();
    public void Detach(bool closed, AmqpError? error) => throw new NotImplementedException();   // OnDetached comes with the peer's detach
}

internal sealed class SendingLink : Link
{
    public uint Credit => default;
    public bool Drain => default;                           // the receiver asked for a drain that is not yet answered
    public bool ManualDrain { get; set; }                   // true: the owner calls Drained() itself (a broker with messages still to come); false: PumpSends does when nothing is queued
    public int Queued => default;                           // deliveries enqueued and not completely written
    public ulong NextTag { get; set; }                      // number behind the next default tag; set before the first Enqueue when resuming
    public void Enqueue(OutgoingDelivery delivery) => throw new NotImplementedException();
    public CancelResult Cancel(OutgoingDelivery delivery) => throw new NotImplementedException();
    public void Settle(OutgoingDelivery delivery, DeliveryState? state) => throw new NotImplementedException();
    public void Drained() => throw new NotImplementedException();
}

internal sealed class ReceivingLink : Link
{
    public uint Credit => default;                          // outstanding at the peer
    public uint Available => default;                       // the sender's last word
    public ulong MaxMessageSize => default;                 // ours: LocalAttach.MaxMessageSize, 0 = none
    public void SetCredit(uint credit, bool drain = false, bool echo = false) => throw new NotImplementedException(); // before OnAttached too
    public void Update(uint deliveryId, DeliveryState? state, bool settled) => throw new NotImplementedException();   // ignored for deliveries already settled by either side
}

internal abstract class OutgoingDelivery
{
    public ReadOnlyMemory<byte> Payload { get; set; }
    public uint MessageFormat { get; set; }
    public bool Settled { get; set; }
    public bool Resume { get; set; }
    public DeliveryState? State { get; set; }
    public byte[]? CustomTag { get; set; }
    public ulong TagNumber => default;                      // behind the default tag, once the first frame is written
    public uint DeliveryId => default;
    public SendingLink? Link => default;                    // from Enqueue until the engine has forgotten it
}
