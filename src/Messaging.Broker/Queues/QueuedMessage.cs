using System.Runtime.CompilerServices;

namespace Messaging.Broker.Queues;

/// <summary>A message in a queue, from its arrival to its removal. All but the constructor runs on the queue's turn.</summary>
internal sealed class QueuedMessage
{
    /// <summary>What a message costs besides its bytes, about.</summary>
    private const int Overhead = 256;

    private readonly Queue _queue;
    private Action? _onOutcome;
    private List<long>? _refusals;

    /// <summary>Takes what is to be passed on out of a received message: it keeps no receive buffer.</summary>
    /// <exception cref="Amqp.AmqpCodecException">The message is malformed.</exception>
    public QueuedMessage(Queue queue, Message received, long now)
    {
        _queue = queue;
        ReadOnlyMemory<byte> bare = received.Encoded;
        Message = Message.FromEncoded(bare);
        Message.MessageFormat = received.MessageFormat;
        Message.Durable = received.Durable;
        Message.Priority = received.Priority;
        Message.DeliveryCount = received.DeliveryCount;
        Message.FirstAcquirer = true;
        foreach ((Amqp.Symbol key, object? value) in received.MessageAnnotations)
            Message.MessageAnnotations[key] = value;
        Expiry = received.TimeToLive is { } ttl ? now + (long)ttl.TotalMilliseconds : long.MaxValue;
        Size = bare.Length + Overhead;
    }

    public Message Message { get; }

    /// <summary>What it counts for in <see cref="BrokerOptions.QueueCapacityBytes"/>.</summary>
    public int Size { get; }

    /// <summary>When its time to live is over, in milliseconds of the queue's clock.</summary>
    public long Expiry { get; }

    /// <summary>Its place: the number of its arrival.</summary>
    public long Sequence { get; set; }

    /// <summary>The list it is in, and its neighbours there.</summary>
    public MessageList? List { get; set; }

    public QueuedMessage? Previous { get; set; }

    public QueuedMessage? Next { get; set; }

    /// <summary>Who has it, until it is settled.</summary>
    public Consumer? Holder { get; private set; }

    /// <summary>The delivery to the holder.</summary>
    public ISentDelivery? Sent { get; private set; }

    /// <summary>Whether the message must not go to this consumer.</summary>
    public bool IsRefusedBy(Consumer consumer) => _refusals is not null && _refusals.Contains(consumer.Id);

    public void RefuseBy(Consumer consumer) => (_refusals ??= []).Add(consumer.Id);

    /// <summary>Handed to a consumer. One continuation per delivery tells the queue to look at the outcome.</summary>
    public void HandTo(Consumer holder, ISentDelivery sent)
    {
        Holder = holder;
        Sent = sent;
        _onOutcome ??= () => _queue.Post(QueueCommand.Settled, this);
        ConfiguredTaskAwaitable<Amqp.Outcome>.ConfiguredTaskAwaiter outcome = sent.Outcome.ConfigureAwait(false).GetAwaiter();
        outcome.UnsafeOnCompleted(_onOutcome);
    }

    /// <summary>Nobody's any more.</summary>
    public void TakeBack()
    {
        Holder = null;
        Sent = null;
        Message.FirstAcquirer = false;
    }
}
