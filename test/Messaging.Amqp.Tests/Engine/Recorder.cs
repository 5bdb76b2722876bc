using System.Buffers;
using Messaging.Amqp.Engine;
using Messaging.Amqp.Framing;

namespace Messaging.Amqp.Tests.Engine;

internal sealed record ReceivedMessage(ReceivingLink Link, uint DeliveryId, byte[] Tag, byte[] Body, bool Settled, int Frames);

/// <summary>An owner of an engine: writes down each event and says yes to everything that is asked, unless a test says otherwise.</summary>
internal sealed class Recorder : IEngineEvents
{
    private readonly Dictionary<ReceivingLink, (byte[] Tag, List<byte> Body, int Frames)> _partial = [];

    public ConnectionEngine Engine { get; set; } = null!;

    public List<string> Log { get; } = [];

    public List<Session> Sessions { get; } = [];

    public List<Link> Links { get; } = [];

    public List<ReceivedMessage> Messages { get; } = [];

    public AmqpError? Failure { get; private set; }

    public bool AutoSasl { get; set; } = true;

    public bool AutoOpen { get; set; } = true;

    public Action<Session>? SessionRequested { get; set; } = session => session.Begin();

    public Action<Link, Attach>? LinkRequested { get; set; } = (link, attach) => link.Accept(new Attach { Source = attach.Source, Target = attach.Target });

    public Action<SendingLink, OutgoingDelivery, DeliveryState?, bool>? Updated { get; set; }

    public Action<SendingLink>? FlowSeen { get; set; }

    public Action<ReceivedMessage>? MessageSeen { get; set; }

    public Action<ReceivingLink>? Aborted { get; set; }

    public Action<ReceivingLink>? Drained { get; set; }

    public bool Failed(Symbol condition) => Failure?.Condition == condition;

    public void OnSaslMechanisms(Symbol[] offered)
    {
        Log.Add($"mechanisms {string.Join(',', offered)}");
        if (AutoSasl)
        {
            Engine.SaslInit("ANONYMOUS", null, null);
        }
    }

    public void OnSaslInit(in SaslInit init)
    {
        Log.Add($"init {init.Mechanism}");
        if (AutoSasl)
        {
            Engine.SaslOutcome(0);
        }
    }

    public void OnSaslResponse(ReadOnlySpan<byte> response) => Log.Add($"response {Convert.ToHexString(response)}");

    public void OnSaslChallenge(ReadOnlySpan<byte> challenge) => Log.Add($"challenge {Convert.ToHexString(challenge)}");

    public void OnSaslOutcome(byte code, ReadOnlyMemory<byte> additionalData) => Log.Add($"outcome {code} {Convert.ToHexString(additionalData.Span)}".TrimEnd());

    public void OnOpened(in Open open)
    {
        Log.Add($"opened {open.ContainerId}");
        if (AutoOpen && Engine.Settings.IsListener)
        {
            Engine.Open();
        }
    }

    public void OnClosed(AmqpError? error) => Log.Add($"closed {error?.Condition}".TrimEnd());

    public void OnFailed(AmqpError error)
    {
        Assert.Null(Failure);
        Failure = error;
        Log.Add($"failed {error.Condition}");
    }

    public void OnSessionRequested(Session session, in Begin begin)
    {
        Log.Add("session requested");
        Sessions.Add(session);
        SessionRequested?.Invoke(session);
    }

    public void OnSessionBegun(Session session, in Begin begin) => Log.Add("session begun");

    public void OnSessionEnded(Session session, AmqpError? error) => Log.Add($"session ended {error?.Condition}".TrimEnd());

    public void OnLinkRequested(Link link, in Attach attach)
    {
        Log.Add($"link requested {link.Name}");
        Links.Add(link);
        LinkRequested?.Invoke(link, attach);
    }

    public void OnAttached(Link link, in Attach attach) => Log.Add($"attached {link.Name}{(link.IsRefused ? " refused" : "")}");

    public void OnDetached(Link link, bool closed, AmqpError? error) => Log.Add($"detached {link.Name} {(closed ? "closed " : "")}{error?.Condition}".TrimEnd());

    public void OnFlow(SendingLink link)
    {
        Log.Add($"flow {link.Name} credit {link.Credit}{(link.Drain ? " drain" : "")}");
        FlowSeen?.Invoke(link);
    }

    public void OnSent(SendingLink link, OutgoingDelivery delivery) => ((TestDelivery)delivery).IsSent = true;

    public void OnUpdated(SendingLink link, OutgoingDelivery delivery, DeliveryState? state, bool settled)
    {
        TestDelivery mine = (TestDelivery)delivery;
        Assert.False(mine.IsSettledByPeer);
        mine.RemoteState = state;
        mine.IsSettledByPeer = settled;
        Updated?.Invoke(link, delivery, state, settled);
    }

    public void OnTransfer(ReceivingLink link, in IncomingTransfer transfer, in ReadOnlySequence<byte> payload)
    {
        Assert.Equal(!_partial.ContainsKey(link), transfer.First);
        (byte[] Tag, List<byte> Body, int Frames) partial = transfer.First ? (transfer.Tag.ToArray(), [], 0) : _partial[link];
        partial.Body.AddRange(payload.ToArray());
        partial.Frames++;
        if (transfer.More)
        {
            _partial[link] = partial;
            return;
        }

        _partial.Remove(link);
        ReceivedMessage message = new(link, transfer.DeliveryId, partial.Tag, [.. partial.Body], transfer.Settled, partial.Frames);
        Messages.Add(message);
        MessageSeen?.Invoke(message);
    }

    public void OnAborted(ReceivingLink link, uint deliveryId)
    {
        _partial.Remove(link);
        Log.Add($"aborted {deliveryId}");
        Aborted?.Invoke(link);
    }

    public void OnRemoteSettled(ReceivingLink link, uint deliveryId, DeliveryState? state) => Log.Add($"settled {deliveryId} {state?.GetType().Name}".TrimEnd());

    public void OnDrained(ReceivingLink link)
    {
        Log.Add($"drained {link.Name}");
        Drained?.Invoke(link);
    }
}
