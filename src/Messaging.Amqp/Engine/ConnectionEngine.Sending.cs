namespace Messaging.Amqp.Engine;

/// <content>
/// The round of links with something to send: a link is in it only while it has a delivery and the credit for it, so that a turn costs what there is to
/// send and not what is attached.
/// </content>
internal sealed partial class ConnectionEngine
{
    /// <summary>What a link may write, in bytes, before the next one has its turn.</summary>
    private const int Quantum = 16 * 1024;

    private readonly LinkQueue _ready = new();
    private readonly LinkQueue _drains = new(); // links whose drain is answered once nothing is queued

    /// <summary>Whether <see cref="PumpSends"/> has something to write now.</summary>
    public bool HasPendingSends => CanWrite && (_ready.Count > 0 || _drains.Count > 0);

    /// <summary>Writes queued deliveries, link by link, until nothing more has credit and window or <see cref="Output"/> holds <paramref name="outputLimit"/> bytes (by less than a frame more).</summary>
    public void PumpSends(int outputLimit)
    {
        while (_ready.Count > 0 && Output.Length < outputLimit && CanWrite)
        {
            SendingLink link = _ready.Dequeue();
            link.OnDequeued();
            link.Pump(Math.Min(outputLimit, Output.Length + Quantum));
        }

        AnswerDrains();
    }

    internal void AddReady(SendingLink link) => _ready.Enqueue(link);

    internal void AddDrain(SendingLink link) => _drains.Enqueue(link);

    private void AnswerDrains()
    {
        while (_drains.Count > 0)
        {
            _drains.Dequeue().AnswerDrain();
        }
    }
}
