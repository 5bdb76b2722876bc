namespace Messaging.Amqp.Engine;

/// <summary>
/// Links that wait for their turn. A link that is detached meanwhile is not searched for, only left behind: so that a storm of attaches and detaches
/// cannot fill the queue while nothing is taken out, those left behind are dropped whenever it has doubled.
/// </summary>
internal sealed class LinkQueue
{
    private const int MinPurge = 64;

    private readonly Queue<SendingLink> _links = [];
    private int _purgeAt = MinPurge;

    public int Count => _links.Count;

    public void Enqueue(SendingLink link)
    {
        if (_links.Count >= _purgeAt)
        {
            Purge();
        }

        _links.Enqueue(link);
    }

    public SendingLink Dequeue() => _links.Dequeue();

    private void Purge()
    {
        for (int i = _links.Count; i > 0; i--)
        {
            SendingLink link = _links.Dequeue();
            if (link.IsAttached)
            {
                _links.Enqueue(link);
            }
        }

        _purgeAt = Math.Max(MinPurge, _links.Count * 2);
    }
}
