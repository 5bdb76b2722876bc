using Messaging.Broker.Queues;
using Microsoft.Extensions.Logging.Abstractions;
using NSubstitute;
using NSubstitute.ExceptionExtensions;

namespace Messaging.Broker.Tests;

public sealed class QueueDispatcherTests
{
    private readonly MessageList _waiting = new();
    private readonly Queue _queue = new("q", isTemporary: false, new BrokerOptions(), new BrokerClock(TimeProvider.System), NullLogger.Instance);
    private readonly QueueDispatcher _dispatcher;

    public QueueDispatcherTests() => _dispatcher = new QueueDispatcher("q", _waiting, NullLogger.Instance);

    /// <summary>While there are no messages, nothing else takes it out.</summary>
    [Fact]
    public void Forget_ConsumerWithCredit_IsNotKept()
    {
        var consumer = new Consumer(_queue, Sender());
        _dispatcher.Offer(consumer);
        Assert.True(consumer.IsReady);

        _dispatcher.Forget(consumer);

        Assert.False(consumer.IsReady);
    }

    /// <summary>The notice of its end waits behind the turn, in which there may be a million messages.</summary>
    [Fact]
    public void Dispatch_ConsumerHasDied_IsTriedOnce()
    {
        ISender sender = Sender();
        sender.TrySend(Arg.Any<Message>(), out Arg.Any<ISentDelivery?>()).Throws(new ObjectDisposedException("link"));
        _dispatcher.Offer(new Consumer(_queue, sender));
        for (int i = 0; i < 100; i++)
            _waiting.Append(_queue.Read(new Message(i)));

        Assert.False(_dispatcher.Dispatch(0, static _ => { }));

        Assert.Equal(100, _waiting.Count);
        sender.Received(1).TrySend(Arg.Any<Message>(), out Arg.Any<ISentDelivery?>());
    }

    /// <summary>A link that has ended before the queue hears of it throws at once, and is no fault.</summary>
    [Fact]
    public void Watch_LinkHasEnded_IsLeftToItsEnd()
    {
        ISender sender = Sender();
        sender.WaitForCreditAsync(Arg.Any<CancellationToken>()).Throws(new ObjectDisposedException("link"));
        sender.WaitForDrainAsync(Arg.Any<CancellationToken>()).Throws(new ObjectDisposedException("link"));
        var consumer = new Consumer(_queue, sender);

        consumer.WatchCredit();
        consumer.WatchDrain();

        _ = sender.Received(1).WaitForCreditAsync(Arg.Any<CancellationToken>());
    }

    private static ISender Sender()
    {
        ISender sender = Substitute.For<ISender>();
        sender.Credit.Returns(10);
        return sender;
    }
}
