using System.Runtime.CompilerServices;

namespace Messaging.Broker.Queues;

/// <summary>A message in a queue, from its arrival to its removal. All but the constructor runs on the queue's turn.</summary>
internal sealed class QueuedMessage
{
    /// <summary>What a message costs besides its bytes, about.</summary>
    private const int Overhead = 256;

    private readonly Queue _queue;
    private readonly int _bareSize;
    private Action? _onOutcome;
    private List<Refuser>? _refusals;

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
        _bareSize = bare.Length;
        Measure();
    }

    public Message Message { get; }

    /// <summary>What it counts for in <see cref="BrokerOptions.QueueCapacityBytes"/>.</summary>
    public int Size { get; private set; }

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

    /// <summary>Counts its bytes anew: its annotations are kept with it, as objects, and a consumer may add to them.</summary>
    public void Measure() => Size = (int)Math.Min((long)_bareSize + Overhead + ValueMemory.Of(Message.MessageAnnotations), int.MaxValue);

    /// <summary>Whether the message must not go to this consumer.</summary>
    public bool IsRefusedBy(Consumer consumer) => _refusals is not null && _refusals.Contains(consumer.Refuser);

    public void RefuseBy(Consumer consumer)
    {
        if (IsRefusedBy(consumer))
            return;
        _refusals ??= [];
        _refusals.RemoveAll(static refuser => refuser.Consumer is null);
        _refusals.Add(consumer.Refuser);
        consumer.Refuser.Count++;
    }

    /// <summary>It has left the queue: nobody has to be kept from it any more.</summary>
    /// <param name="freed">Called for each consumer that may have messages again.</param>
    public void ForgetRefusals(Action<Consumer> freed)
    {
        foreach (Refuser refuser in _refusals ?? [])
        {
            bool wasAtLimit = refuser.IsAtLimit;
            refuser.Count--;
            if (wasAtLimit && !refuser.IsAtLimit && refuser.Consumer is { } consumer)
                freed(consumer);
        }

        _refusals = null;
    }

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
