using Messaging.Amqp;
using Messaging.Amqp.Framing;

namespace Messaging.Testing.Peers;

/// <summary>A client over TCP that goes through a whole conversation with a listener, and dies in it when and how its script says.</summary>
/// <remarks>As a sender it sends two messages of two frames each; as a receiver it takes two messages, accepts the first one and drains.</remarks>
public sealed class StagedClient : IAsyncDisposable
{
    private const ushort Channel = 0;
    private const uint Handle = 0;

    private readonly RawPeer _peer;
    private readonly Mortal _mortal;
    private readonly bool _isReceiver;
    private readonly string _address;

    private StagedClient(RawPeer peer, PeerScript script, bool isReceiver, string address)
    {
        _peer = peer;
        _mortal = new Mortal(peer, script, everyDeathEndsTheScript: true);
        _isReceiver = isReceiver;
        _address = address;
    }

    /// <summary>Whether the script's moment came.</summary>
    public bool HasDied => _mortal.Died.IsCompletedSuccessfully;

    /// <summary>Runs the conversation to its end, or to the client's. A client that died silently keeps its socket until it is disposed.</summary>
    /// <param name="url">A listener that lets anybody in.</param>
    /// <param name="script">When and how it dies.</param>
    /// <param name="isReceiver">Whether it receives from the address rather than sends to it.</param>
    /// <param name="address">The node.</param>
    public static async Task<StagedClient> RunAsync(string url, PeerScript script, bool isReceiver = false, string address = "q")
    {
        var client = new StagedClient(await RawPeer.ConnectAsync(url), script, isReceiver, address);
        try
        {
            await client.ConverseAsync();
        }
        catch (PeerDiedException)
        {
            await client.CloseAfterErrorAsync();
        }

        return client;
    }

    /// <summary>What the listener said to an error that the script told: the frames to the end of the stream.</summary>
    internal Task<List<object>> ReadToEndAsync() => _peer.ReadToEndAsync();

    public ValueTask DisposeAsync() => _peer.DisposeAsync();

    private Task ReachAsync(PeerStage stage) => _mortal.ReachAsync(stage, Channel, Handle);

    private async Task ConverseAsync()
    {
        await OpenAsync();
        await _peer.SendAsync(new Begin { NextOutgoingId = 0, IncomingWindow = 1000, OutgoingWindow = 1000 }, Channel);
        await _peer.ReadUntilAsync<Begin>();
        await ReachAsync(PeerStage.Begin);
        await _peer.SendAsync(new Attach
        {
            Name = $"staged-{Guid.NewGuid():N}",
            Handle = Handle,
            Role = _isReceiver,
            Source = new Source { Address = _address },
            Target = new Target { Address = _address },
            InitialDeliveryCount = _isReceiver ? null : 0u,
        });
        await _peer.ReadUntilAsync<Attach>();
        await ReachAsync(PeerStage.Attach);
        await (_isReceiver ? ReceiveAsync() : SendAsync());
        await CloseAsync();
    }

    private async Task OpenAsync()
    {
        await ReachAsync(PeerStage.Accept);
        await _peer.SendRawAsync(FrameWriter.SaslHeader.ToArray());
        Assert.Equal("SASL", await _peer.ReadAsync<string>());
        await ReachAsync(PeerStage.Header);
        await _peer.ReadAsync<SaslMechanisms>();
        await ReachAsync(PeerStage.SaslMechanisms);
        await _peer.SendSaslAsync(new SaslInit { Mechanism = "ANONYMOUS" });
        Assert.Equal(0, (await _peer.ReadAsync<SaslOutcome>()).Code);
        await ReachAsync(PeerStage.SaslOutcome);
        await _peer.SendRawAsync(FrameWriter.AmqpHeader.ToArray());
        Assert.Equal("AMQP", await _peer.ReadAsync<string>());
        await ReachAsync(PeerStage.AmqpHeader);
        await _peer.SendAsync(new Open { ContainerId = $"staged-{Guid.NewGuid():N}" });
        await _peer.ReadUntilAsync<Open>();
        await ReachAsync(PeerStage.Open);
    }

    private async Task SendAsync()
    {
        await _peer.ReadUntilAsync<Flow>();
        await ReachAsync(PeerStage.Flow);
        byte[] payload = RawPeer.Encode(new Message("staged"));
        for (uint id = 0; id < 2; id++)
        {
            await _peer.SendRawAsync(RawPeer.TransferFrame(id, payload[..3], more: true));
            await ReachAsync(PeerStage.BetweenFrames);
            await _peer.SendRawAsync(RawPeer.TransferFrame(id, payload[3..], first: false));
            await ReachAsync(PeerStage.BeforeDisposition);
            await _peer.ReadUntilAsync<Disposition>();
            await ReachAsync(PeerStage.AfterDisposition);
        }
    }

    private async Task ReceiveAsync()
    {
        await GiveCreditAsync(2);
        await ReachAsync(PeerStage.Flow);
        uint first = (await ReadTransferAsync(PeerStage.BetweenFrames)).DeliveryId!.Value;
        await ReachAsync(PeerStage.BeforeDisposition);
        await _peer.SettleAsync(first, Accepted.Instance);
        await ReachAsync(PeerStage.AfterDisposition);
        await ReadTransferAsync(PeerStage.Never);
        await GiveCreditAsync(10, drain: true, deliveryCount: 2);
        await ReachAsync(PeerStage.Drain);
        await _peer.ReadUntilAsync<Flow>();
    }

    /// <summary>Reads one message; the stage is reached after its first frame.</summary>
    private async Task<RawTransfer> ReadTransferAsync(PeerStage stage)
    {
        RawTransfer first = await _peer.ReadUntilAsync<RawTransfer>();
        await ReachAsync(stage);
        for (RawTransfer last = first; last.More;)
            last = await _peer.ReadUntilAsync<RawTransfer>();
        return first;
    }

    private Task GiveCreditAsync(uint credit, bool drain = false, uint deliveryCount = 0) => _peer.SendAsync(new Flow
    {
        NextIncomingId = deliveryCount,
        IncomingWindow = 1000,
        NextOutgoingId = 0,
        OutgoingWindow = 1000,
        Handle = Handle,
        DeliveryCount = deliveryCount,
        LinkCredit = credit,
        Drain = drain,
    });

    private async Task CloseAsync()
    {
        await _peer.SendAsync(new Detach { Handle = Handle, Closed = true });
        await ReachAsync(PeerStage.Detach);
        await _peer.ReadUntilAsync<Detach>();
        await _peer.SendAsync(new End(), Channel);
        await ReachAsync(PeerStage.End);
        await _peer.ReadUntilAsync<End>();
        await _peer.SendAsync(new Close());
        await ReachAsync(PeerStage.Close);
        await LeaveAsync();
    }

    /// <summary>Waits for the listener's close and ends the stream.</summary>
    private async Task LeaveAsync()
    {
        await _peer.ReadUntilAsync<Close>();
        await _peer.FinishAsync();
    }

    /// <summary>After an error that it told, the client closes the connection in order.</summary>
    private async Task CloseAfterErrorAsync()
    {
        if (_mortal.Script.Death is Death.End or Death.Detach)
            await _peer.SendAsync(new Close());
        if (_mortal.Script.Death is Death.Close or Death.End or Death.Detach)
            await LeaveAsync();
    }
}
