using Messaging.Amqp;
using Messaging.Amqp.Framing;

namespace Messaging.Testing.Peers;

/// <summary>Links, messages both ways, and their settlement.</summary>
internal sealed partial class StagedConnection
{
    private async Task AttachAsync(StagedSession session, Attach attach)
    {
        var link = new StagedLink(attach.Handle, isClientSender: !attach.Role) { DeliveryCount = attach.InitialDeliveryCount ?? 0 };
        session.Links[attach.Handle] = link;
        await _peer.SendAsync(RawPeer.Answer(attach), session.Channel);
        await ReachAsync(PeerStage.Attach, session, link);
        if (link.IsClientSender && IsUp(session, link))
            await GiveCreditAsync(session, link);
    }

    private bool IsUp(StagedSession session, StagedLink link) => !HasClosed && !session.HasEnded && !link.HasDetached;

    private async Task GiveCreditAsync(StagedSession session, StagedLink link)
    {
        link.Credit = _server.Credit;
        await _peer.SendAsync(session.Flow(link), session.Channel);
        await ReachAsync(PeerStage.Flow, session, link);
    }

    private async Task DetachAsync(StagedSession session, Detach detach)
    {
        if (!session.Links.Remove(detach.Handle, out StagedLink? link) || link.HasDetached)
            return;
        await ReachAsync(PeerStage.Detach, session, link);
        if (!link.IsClientSender)
            GiveBack(session);
        if (!HasClosed && !session.HasEnded)
            await _peer.SendAsync(new Detach { Handle = detach.Handle, Closed = detach.Closed }, session.Channel);
    }

    private async Task FlowAsync(StagedSession session, Flow flow)
    {
        if (flow.Handle is not { } handle || !session.Links.TryGetValue(handle, out StagedLink? link) || link.IsClientSender)
        {
            if (flow.Echo)
                await _peer.SendAsync(session.Flow(), session.Channel);
            return;
        }

        link.Credit = (flow.DeliveryCount ?? 0) + (flow.LinkCredit ?? 0) - link.DeliveryCount;
        await ReachAsync(PeerStage.Flow, session, link);
        while (link.Credit > 0 && IsUp(session, link) && _server.Outbox.TryTake(out (Message Message, uint Deliveries) next))
            await SendAsync(session, link, next);
        if (flow.Drain && IsUp(session, link))
            await DrainAsync(session, link);
    }

    private async Task DrainAsync(StagedSession session, StagedLink link)
    {
        await ReachAsync(PeerStage.Drain, session, link);
        if (!IsUp(session, link))
            return;
        link.DeliveryCount += link.Credit;
        link.Credit = 0;
        await _peer.SendAsync(session.Flow(link), session.Channel);
    }

    private async Task SendAsync(StagedSession session, StagedLink link, (Message Message, uint Deliveries) next)
    {
        uint id = session.NextDeliveryId++;
        session.Unsettled[id] = next;
        next.Message.DeliveryCount = next.Deliveries;
        byte[] payload = RawPeer.Encode(next.Message);
        int half = payload.Length / 2;
        session.NextOutgoingId += 2;
        await _peer.SendRawAsync(RawPeer.TransferFrame(id, payload[..half], more: true, handle: link.Handle, channel: session.Channel));
        await ReachAsync(PeerStage.BetweenFrames, session, link);
        if (!IsUp(session, link))
            return;
        await _peer.SendRawAsync(RawPeer.TransferFrame(id, payload[half..], handle: link.Handle, first: false, channel: session.Channel));
        link.DeliveryCount++;
        link.Credit--;
        await ReachAsync(PeerStage.BeforeDisposition, session, link);
    }

    private async Task TransferAsync(StagedSession session, RawTransfer transfer)
    {
        session.NextIncomingId++;
        if (!session.Links.TryGetValue(transfer.Handle, out StagedLink? link) || link.HasDetached)
            return;
        link.DeliveryId = transfer.DeliveryId ?? link.DeliveryId;
        link.Partial.AddRange(transfer.Payload);
        if (transfer.More)
        {
            await ReachAsync(PeerStage.BetweenFrames, session, link);
            return;
        }

        if (!transfer.Aborted)
            _server.Received.Enqueue([.. link.Partial]);
        link.Partial.Clear();
        link.DeliveryCount++;
        link.Credit--;
        await ReachAsync(PeerStage.BeforeDisposition, session, link);
        if (!transfer.Settled && !transfer.Aborted && IsUp(session, link))
            await AcceptAsync(session, link);
        if (link.Credit <= _server.Credit / 2 && IsUp(session, link))
            await GiveCreditAsync(session, link);
    }

    private async Task AcceptAsync(StagedSession session, StagedLink link)
    {
        await _peer.SendAsync(new Disposition { Role = true, First = link.DeliveryId, Settled = true, State = Accepted.Instance }, session.Channel);
        await ReachAsync(PeerStage.AfterDisposition, session, link);
    }

    private async Task SettleAsync(StagedSession session, Disposition disposition)
    {
        uint[] settled = [.. session.Unsettled.Keys.Where(id => id >= disposition.First && id <= (disposition.Last ?? disposition.First))];
        foreach (uint id in settled)
            session.Unsettled.Remove(id);
        _server.AddSettled(settled.Length);
        if (!disposition.Settled)
            await _peer.SendAsync(new Disposition { Role = false, First = disposition.First, Last = disposition.Last, Settled = true, State = disposition.State }, session.Channel);
        if (session.Links.Values.FirstOrDefault(link => !link.IsClientSender) is { } receiver)
            await ReachAsync(PeerStage.AfterDisposition, session, receiver);
    }
}
