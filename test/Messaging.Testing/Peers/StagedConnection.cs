using System.Collections.Concurrent;
using Messaging.Amqp;
using Messaging.Amqp.Framing;

namespace Messaging.Testing.Peers;

/// <summary>A scripted server's side of one connection.</summary>
internal sealed partial class StagedConnection
{
    private readonly RawPeer _peer;
    private readonly Mortal _mortal;
    private readonly StagedPeer _server;
    private readonly Dictionary<ushort, StagedSession> _sessions = [];

    public StagedConnection(RawPeer peer, PeerScript script, StagedPeer server)
    {
        _peer = peer;
        _mortal = new Mortal(peer, script);
        _server = server;
    }

    public Task Died => _mortal.Died;

    public ConcurrentQueue<object> Frames { get; } = [];

    /// <summary>Runs to the end of the connection, or to the peer's.</summary>
    public async Task RunAsync()
    {
        try
        {
            await OpenAsync();
            while (await _peer.ReadAsync() is { } frame)
            {
                if (!await HandleAsync(frame))
                    break;
            }

            await _peer.FinishAsync();
        }
        catch (Exception exception) when (exception is PeerDiedException or MessagingException or OperationCanceledException)
        {
            // one of the two is dead
        }
        finally
        {
            foreach (StagedSession session in _sessions.Values)
                GiveBack(session);
            if (!_mortal.Died.IsCompleted)
                _mortal.GiveUp();
            if (_mortal.Script.Death != Death.Silence)
                await _peer.DisposeAsync();
        }
    }

    /// <summary>Ends the connection whatever it is at.</summary>
    public void Abort() => _peer.Transport.Abort();

    private async Task OpenAsync()
    {
        await _mortal.ReachAsync(PeerStage.Accept);
        object? header = (await _peer.ReadAsync())?.Body;
        if (header is "SASL")
        {
            await LogInAsync();
            header = (await _peer.ReadAsync())?.Body;
        }

        if (header is not "AMQP")
            throw new PeerDiedException();
        await _peer.SendRawAsync(FrameWriter.AmqpHeader.ToArray());
        await _mortal.ReachAsync(PeerStage.AmqpHeader);
        Frames.Enqueue(await ReadUntilAsync<Open>());
        await _peer.SendAsync(new Open { ContainerId = "staged", MaxFrameSize = _server.MaxFrameSize });
        await _mortal.ReachAsync(PeerStage.Open);
    }

    private async Task LogInAsync()
    {
        await _peer.SendRawAsync(FrameWriter.SaslHeader.ToArray());
        await _mortal.ReachAsync(PeerStage.Header);
        await _peer.SendSaslAsync(new SaslMechanisms { Mechanisms = ["ANONYMOUS"] });
        await _mortal.ReachAsync(PeerStage.SaslMechanisms);
        await ReadUntilAsync<SaslInit>();
        await _peer.SendSaslAsync(new SaslOutcome { Code = 0 });
        await _mortal.ReachAsync(PeerStage.SaslOutcome);
    }

    /// <summary>The client may go at any moment: who closes a connection that is being opened again gives up the attempt.</summary>
    private async Task<T> ReadUntilAsync<T>()
    {
        while (await _peer.ReadAsync() is { } frame)
        {
            if (frame.Body is T wanted)
                return wanted;
        }

        throw new PeerDiedException();
    }

    /// <summary>Answers one frame.</summary>
    /// <returns>False when the connection is closed.</returns>
    private async Task<bool> HandleAsync(RawFrame frame)
    {
        if (frame.Body is not RawTransfer)
            Frames.Enqueue(frame.Body!);
        if (frame.Body is Begin begin)
        {
            await BeginAsync(frame.Channel, begin);
            return true;
        }

        if (frame.Body is Close close)
        {
            if (!HasClosed)
            {
                await _mortal.ReachAsync(PeerStage.Close);
                await _peer.SendAsync(new Close());
            }

            return false;
        }

        if (!HasClosed && _sessions.TryGetValue(frame.Channel, out StagedSession? session))
            await HandleAsync(session, frame.Body!);
        return true;
    }

    private bool HasClosed => _mortal.Died.IsCompleted && _mortal.Script.Death == Death.Close;

    private async Task BeginAsync(ushort channel, Begin begin)
    {
        var session = new StagedSession(channel, begin.NextOutgoingId);
        _sessions[channel] = session;
        await _peer.SendAsync(session.Begin, channel);
        await ReachAsync(PeerStage.Begin, session);
    }

    private async Task HandleAsync(StagedSession session, object body)
    {
        if (body is End)
            await EndAsync(session);
        else if (session.HasEnded)
            return; // what crosses our end on its way is discarded (part 2, 2.5.5)
        else if (body is Attach attach)
            await AttachAsync(session, attach);
        else if (body is Detach detach)
            await DetachAsync(session, detach);
        else if (body is Flow flow)
            await FlowAsync(session, flow);
        else if (body is RawTransfer transfer)
            await TransferAsync(session, transfer);
        else if (body is Disposition { Role: true } disposition)
            await SettleAsync(session, disposition);
    }

    private async Task EndAsync(StagedSession session)
    {
        _sessions.Remove(session.Channel);
        GiveBack(session);
        if (session.HasEnded)
            return;
        await ReachAsync(PeerStage.End, session);
        await _peer.SendAsync(new End(), session.Channel);
    }

    /// <summary>What was not settled is there for the next receiver.</summary>
    private void GiveBack(StagedSession session)
    {
        _server.Outbox.GiveBack(session.Unsettled.Values);
        session.Unsettled.Clear();
    }

    private async Task ReachAsync(PeerStage stage, StagedSession session, StagedLink? link = null)
    {
        bool wasAlive = !_mortal.Died.IsCompleted;
        await _mortal.ReachAsync(stage, session.Channel, link?.Handle ?? 0);
        if (!wasAlive || !_mortal.Died.IsCompleted)
            return;
        if (_mortal.Script.Death == Death.End)
            session.HasEnded = true;
        else if (_mortal.Script.Death == Death.Detach)
            link!.HasDetached = true;
        else
            return;
        GiveBack(session);
    }
}
