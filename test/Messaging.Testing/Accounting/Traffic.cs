using Messaging.Amqp;

namespace Messaging.Testing.Accounting;

/// <summary>Producers and consumers whose books are kept.</summary>
public sealed class Traffic(Journal journal, string address, CancellationToken stop)
{
    private const int InFlight = 20;

    /// <summary>Sends, so many messages at a time, as long as it is to go on.</summary>
    public async Task ProduceAsync(IConnection connection, ConnectionLossBehavior behavior, Func<bool> goesOn)
    {
        await using ISender sender = await Retries.CreateAsync(() => connection.CreateSenderAsync(address, new SenderOptions { OnConnectionLoss = behavior }, stop));
        var running = new Queue<Task>();
        while (goesOn())
        {
            running.Enqueue(SendAsync(sender));
            if (running.Count >= InFlight)
                await running.Dequeue().Bounded();
        }

        await Task.WhenAll(running).Bounded();
    }

    /// <summary>Receives and settles until it is to stop, so that it is known when a settlement has reached the broker: that message must not come again.</summary>
    public async Task ConsumeAsync(IConnection connection, CancellationToken until)
    {
        await using IReceiver receiver = await Retries.CreateAsync(
            () => connection.CreateReceiverAsync(address, new ReceiverOptions { SettleMode = ReceiverSettleMode.Second }, until));
        while (true)
        {
            try
            {
                using IDelivery delivery = await receiver.ReceiveAsync(until);
                long id = (long)delivery.Message.Body!;
                journal.Consumed(id, delivery.Message.DeliveryCount, settled: false);
                await delivery.AcceptAsync(until);
                journal.Settled(id, delivery.Message.DeliveryCount);
            }
            catch (MessagingException exception) when (exception.IsTransient || exception is DeliveryLostException)
            {
                // It comes again, unless the broker has seen the settlement.
            }
            catch (OperationCanceledException) when (until.IsCancellationRequested)
            {
                return;
            }
        }
    }

    /// <summary>Everything is received: the books must balance.</summary>
    public static void AssertBalanced(JournalReport report, ConnectionLossBehavior behavior)
    {
        report.AssertAtLeastOnce();
        Assert.Equal(report.Sent, report.Accepted + report.Failed + report.Unknown);
        Assert.True(report.Unmarked == 0, $"Duplicates that nothing gives away: {report}");
        if (behavior == ConnectionLossBehavior.Surface)
        {
            Assert.True(report.Unknown > 0, $"No send ended in doubt: {report}");
            Assert.True(report.Resent == 0, $"It was not to be sent again: {report}");
            return;
        }

        Assert.True(report.Sent == report.Accepted, $"A send failed: {report}");
        Assert.True(report.Resent > 0 == (behavior == ConnectionLossBehavior.Resend), $"Only what is not resumed is sent again: {report}");
    }

    private async Task SendAsync(ISender sender)
    {
        long id = journal.Begin();
        await journal.SendAsync(id, async () =>
        {
            ISentDelivery delivery = await sender.SendTrackedAsync(new Message(id), stop);
            try
            {
                Assert.IsType<Accepted>(await delivery.Outcome);
            }
            finally
            {
                journal.Attempts(id, delivery.Attempts);
            }
        });
    }
}
