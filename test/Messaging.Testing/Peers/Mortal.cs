using Messaging.Amqp.Framing;

namespace Messaging.Testing.Peers;

/// <summary>A raw peer together with the moment and the way of its death.</summary>
internal sealed class Mortal(RawPeer peer, PeerScript script, bool everyDeathEndsTheScript = false)
{
    private readonly TaskCompletionSource _died = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _missing = script.Occurrence;

    /// <summary>Completes when the script's moment was reached and its fault has happened.</summary>
    public Task Died => _died.Task;

    public PeerScript Script => script;

    /// <summary>A stage is reached: the peer goes on, or does what its script says.</summary>
    /// <param name="stage">The stage.</param>
    /// <param name="channel">The session it happened on.</param>
    /// <param name="handle">The link it happened on.</param>
    /// <exception cref="PeerDiedException">The conversation is over.</exception>
    public async Task ReachAsync(PeerStage stage, ushort channel = 0, uint handle = 0)
    {
        if (stage != script.Stage || --_missing != 0)
            return;
        await DieAsync(channel, handle);
        _died.TrySetResult();
        if (everyDeathEndsTheScript || script.Death is Death.Fin or Death.Reset or Death.Silence)
            throw new PeerDiedException();
    }

    /// <summary>Waits for the death like anybody else: for a stage that the other side may never let it reach.</summary>
    public void GiveUp() => _died.TrySetCanceled();

    private async Task DieAsync(ushort channel, uint handle)
    {
        switch (script.Death)
        {
            case Death.Fin:
                await peer.FinishAsync();
                break;
            case Death.Reset:
                await peer.DisposeAsync();
                break;
            case Death.Close:
                await peer.SendAsync(new Close { Error = script.ErrorToTell });
                break;
            case Death.End:
                await peer.SendAsync(new End { Error = script.ErrorToTell }, channel);
                break;
            case Death.Detach:
                await peer.SendAsync(new Detach { Handle = handle, Closed = script.ClosesLink, Error = script.ErrorToTell }, channel);
                break;
        }
    }
}
