using Messaging.Amqp;
using Microsoft.Extensions.Logging;

namespace Messaging.Broker.Queues;

/// <summary>A queue: the messages in their order, and who takes them. Its state belongs to its turn (<see cref="Mailbox"/>), its bound to its <see cref="QueueRoom"/>.</summary>
internal sealed partial class Queue : Mailbox
{
    private readonly MessageList _waiting = new();
    private readonly List<Consumer> _draining = [];
    private readonly QueueDispatcher _dispatcher;
    private readonly BrokerClock _clock;
    private readonly ILogger _logger;
    private readonly ITimer _timer;
    private readonly Action<QueuedMessage> _drop;
    private readonly Action<Consumer> _freed;
    private readonly TaskCompletionSource _deleted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _sequence;
    private int _leftCount;
    private long _leftBytes; // below zero when messages have grown

    public Queue(string address, bool isTemporary, BrokerOptions options, BrokerClock clock, ILogger logger)
    {
        Address = address;
        IsTemporary = isTemporary;
        Room = new QueueRoom(options.QueueCapacity, options.QueueCapacityBytes);
        _clock = clock;
        _logger = logger;
        _drop = Drop;
        _dispatcher = new QueueDispatcher(address, _waiting, logger);
        _freed = _dispatcher.Offer;
        _timer = options.TimeProvider.CreateTimer(
            static state => ((Queue)state!).Post(QueueCommand.TimePassed, null), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public string Address { get; }

    public bool IsTemporary { get; }

    public QueueRoom Room { get; }

    /// <summary>How many links hold on to it. Belongs to the <see cref="QueueTable"/> and its lock.</summary>
    public int Links { get; set; }

    /// <summary>Completes when the queue is deleted.</summary>
    public Task Deleted => _deleted.Task;

    /// <summary>Takes a received message for this queue.</summary>
    /// <exception cref="AmqpCodecException">The message is malformed.</exception>
    public QueuedMessage Read(Message received) => new(this, received, _clock.Now);

    /// <summary>Ends the queue and everything that waits for it; its links are closed by those who serve them.</summary>
    public void Delete()
    {
        Room.Close();
        _deleted.TrySetResult();
        Post(QueueCommand.Deleted, null);
    }

    protected override void Handle(QueueCommand command, object? subject)
    {
        try
        {
            switch (command)
            {
                case QueueCommand.Arrived:
                    Arrive((QueuedMessage)subject!);
                    break;
                case QueueCommand.Settled:
                    Settle((QueuedMessage)subject!);
                    break;
                case QueueCommand.Deleted:
                    Empty();
                    break;
                case QueueCommand.TimePassed:
                    break;
                default:
                    HandleConsumer(command, (Consumer)subject!);
                    break;
            }
        }
        catch (Exception exception)
        {
            BrokerLog.HandlerFailed(_logger, $"queue '{Address}' ({command})", exception);
        }
    }

    protected override bool FinishTurn()
    {
        try
        {
            SeeDrains();
            GiveRoom(); // what has left or grown is booked before anyone gets a message again, or the answer to a drain
            bool more = _dispatcher.Dispatch(_clock.Now, _drop);
            GiveRoom();
            if (!more)
                AnswerDrains();
            WatchTime();
            return more;
        }
        catch (Exception exception)
        {
            BrokerLog.HandlerFailed(_logger, $"queue '{Address}'", exception);
            return false;
        }
    }

    private void Arrive(QueuedMessage message)
    {
        message.Sequence = ++_sequence;
        if (_deleted.Task.IsCompleted)
            Leave(message);
        else
            _waiting.Append(message);
    }

    private void HandleConsumer(QueueCommand command, Consumer consumer)
    {
        switch (command)
        {
            case QueueCommand.ConsumerAttached:
                consumer.WatchCredit();
                consumer.WatchDrain();
                break;
            case QueueCommand.ConsumerReady:
                consumer.OnReady();
                Offer(consumer);
                break;
            case QueueCommand.DrainAsked:
                consumer.OnDrainAsked();
                _draining.Add(consumer);
                break;
            case QueueCommand.DrainAnswered:
                consumer.OnDrainAnswered();
                Offer(consumer);
                consumer.WatchDrain();
                break;
            case QueueCommand.ConsumerGone:
                TakeBackAll(consumer);
                break;
        }
    }

    /// <summary>What a consumer settled before it gave the credit that it has, or asked for a drain, counts, though the notices come later: what it gave back goes out first.</summary>
    private void Offer(Consumer consumer)
    {
        SettleOldest(consumer);
        _dispatcher.Offer(consumer);
    }

    private void SeeDrains()
    {
        foreach (Consumer consumer in _draining)
        {
            consumer.SeeDrain();
            Offer(consumer);
        }
    }

    /// <summary>Everything that there was for them is handed out: what is left of their credit goes back (part 2, 2.6.7).</summary>
    private void AnswerDrains()
    {
        foreach (Consumer consumer in _draining)
            consumer.AnswerDrain();
        _draining.Clear();
    }

    private void Drop(QueuedMessage message)
    {
        _waiting.Remove(message);
        Leave(message);
    }

    private void Empty()
    {
        BrokerLog.QueueDeleted(_logger, Address, Room.Count);
        while (_waiting.First is { } message)
            Drop(message);
        _timer.Dispose();
    }

    private void Leave(QueuedMessage message)
    {
        _leftCount++;
        _leftBytes += message.Size;
        message.ForgetRefusals(_freed);
    }

    private void GiveRoom()
    {
        if (_leftCount == 0 && _leftBytes == 0)
            return;
        Room.Leave(_leftCount, _leftBytes);
        _leftCount = 0;
        _leftBytes = 0;
    }

    /// <summary>A message that expires while nobody takes any must give its room to others.</summary>
    private void WatchTime()
    {
        if (_waiting.First is { Expiry: < long.MaxValue } message)
            _timer.Change(TimeSpan.FromMilliseconds(Math.Clamp(message.Expiry - _clock.Now, 1, int.MaxValue)), Timeout.InfiniteTimeSpan);
    }
}
