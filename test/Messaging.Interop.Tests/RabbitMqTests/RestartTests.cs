using Messaging.Interop.Tests.Peers;
using Messaging.Testing.Accounting;

namespace Messaging.Interop.Tests.RabbitMqTests;

/// <summary>RabbitMQ is stopped and started under load: what it has confirmed is received, and every send has an end.</summary>
public class RestartTests : InteropTest
{
    private const string Queue = "/queues/quorum1";

    [Theory]
    [InlineData(ConnectionLossBehavior.Resend)]
    [InlineData(ConnectionLossBehavior.Surface)]
    public async Task StoppedAndStartedUnderLoad_NothingThatWasConfirmedIsLost(ConnectionLossBehavior behavior)
    {
        RabbitMq.Require();
        RabbitMqServer rabbit = await RabbitMq.StartAsync(Limit);
        await using PeerServer server = rabbit.Server;
        var options = new ConnectionOptions { Url = server.Url, User = "guest", Password = "guest", AllowInsecureMechanisms = true, Recovery = new RecoveryOptions { MaxDelay = TimeSpan.FromMilliseconds(200) } };
        await using IConnection connection = await Client.ConnectAsync(options, Limit);
        int reconnects = 0;
        connection.StateChanged += (_, change) => reconnects += change is { Previous: ConnectionState.Connected, Current: ConnectionState.Reconnecting } ? 1 : 0;
        var journal = new Journal(seed: 0);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Limit);
        using var produced = CancellationTokenSource.CreateLinkedTokenSource(Limit);
        Task consuming = ConsumeAsync(connection, journal, produced.Token);
        Task producing = ProduceAsync(connection, behavior, journal, stop.Token);

        await SendMoreAsync(journal, 500);
        await rabbit.ControlAsync("stop_app", Limit);
        await rabbit.ControlAsync("start_app", Limit);
        await SendMoreAsync(journal, 500);
        await stop.CancelAsync();
        await producing.WaitAsync(Limit);
        await produced.CancelAsync();
        await consuming.WaitAsync(Limit);

        JournalReport report = journal.Report();
        TestContext.Current.TestOutputHelper?.WriteLine(report.Line);
        Assert.True(reconnects >= 1);
        Assert.Equal(report.Sent, report.Accepted + report.Failed + report.Unknown);
        if (behavior == ConnectionLossBehavior.Resend)
            Assert.Equal(report.Sent, report.Accepted);
        else
            Assert.True(report.Resent == 0, $"It was not to be sent again: {report}");
        report.AssertAtLeastOnce();
    }

    /// <summary>Waits until so many more messages are confirmed.</summary>
    private async Task SendMoreAsync(Journal journal, int count)
    {
        long accepted = journal.Report().Accepted;
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (journal.Report().Accepted < accepted + count)
            await timer.WaitForNextTickAsync(Limit);
    }

    private async Task ProduceAsync(IConnection connection, ConnectionLossBehavior behavior, Journal journal, CancellationToken stop)
    {
        await using ISender sender = await connection.CreateSenderAsync(Queue, new SenderOptions { OnConnectionLoss = behavior }, Limit);
        var running = new Queue<Task>();
        while (!stop.IsCancellationRequested)
        {
            running.Enqueue(SendAsync(sender, journal));
            if (running.Count >= 50)
                await running.Dequeue();
        }

        await Task.WhenAll(running);
    }

    private async Task SendAsync(ISender sender, Journal journal)
    {
        long id = journal.Begin();
        await journal.SendAsync(id, async () =>
        {
            ISentDelivery delivery = await sender.SendTrackedAsync(new Message(id) { Durable = true }, Limit);
            try
            {
                Assert.IsType<Messaging.Amqp.Accepted>(await delivery.Outcome);
            }
            finally
            {
                journal.Attempts(id, delivery.Attempts);
            }
        });
    }

    /// <summary>Receives until everything was sent and nothing is missing.</summary>
    private async Task ConsumeAsync(IConnection connection, Journal journal, CancellationToken produced)
    {
        await using IReceiver receiver = await connection.CreateReceiverAsync(Queue, Limit);
        while (!produced.IsCancellationRequested || journal.Report().Lost > 0)
        {
            try
            {
                using IDelivery delivery = await receiver.ReceiveAsync(produced.IsCancellationRequested ? Limit : produced);
                journal.Consumed((long)delivery.Message.Body!, delivery.Message.DeliveryCount, settled: false);
                await delivery.AcceptAsync(Limit);
            }
            catch (DeliveryLostException)
            {
                // It comes again.
            }
            catch (OperationCanceledException) when (produced.IsCancellationRequested && !Limit.IsCancellationRequested)
            {
                // Everything was sent: what is missing is still on its way.
            }
        }
    }
}
