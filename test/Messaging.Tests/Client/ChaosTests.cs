using Messaging.Amqp;
using Messaging.Tests.Support;

namespace Messaging.Tests.Client;

/// <summary>Closing, disposing and cancelling at random moments: every call ends, whichever await it had reached.</summary>
public sealed class ChaosTests(ITestOutputHelper output)
{
    private const int Rounds = 300;

    [Fact]
    public async Task AnyEnd_AtAnyMoment_LeavesNoTaskHanging()
    {
        int seed = Environment.GetEnvironmentVariable("CHAOS_SEED") is { } given ? int.Parse(given, System.Globalization.CultureInfo.InvariantCulture) : Random.Shared.Next();
        output.WriteLine($"CHAOS_SEED={seed}");
        var random = new Random(seed);
        for (int round = 0; round < Rounds; round++)
        {
            int roundSeed = random.Next();
            output.WriteLine($"round {round}: {roundSeed}");
            await RunAsync(new Random(roundSeed));
        }
    }

    private static async Task RunAsync(Random random)
    {
        TestPair pair = await TestPair.OpenAsync();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(BoundedWaits.Stop);
        (ISender sender, IReceiver receiver) = await pair.SendingLinkAsync(
            new SenderOptions { SettleMode = random.Next(3) == 0 ? SenderSettleMode.Settled : SenderSettleMode.Unsettled });
        int moment = random.Next(60);
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        int progress = 0;
        void Step()
        {
            if (Interlocked.Increment(ref progress) == moment)
                reached.TrySetResult();
        }

        int size = random.Next(2) == 0 ? 10 : 200_000;
        List<Task> tasks = [];
        for (int i = 0; i < 3; i++)
            tasks.Add(Task.Run(() => SendAsync(sender, size, Step, stop.Token), BoundedWaits.Stop));
        tasks.Add(Task.Run(() => StreamAsync(receiver, Step, stop.Token), BoundedWaits.Stop));
        tasks.Add(Task.Run(() => ReceiveAsync(receiver, Step, stop.Token), BoundedWaits.Stop));
        tasks.Add(Task.Run(() => CreateAsync(pair.Connection, Step, stop.Token), BoundedWaits.Stop));
        tasks.Add(Task.Run(() => AcceptAsync(pair.Accepted, Step, stop.Token), BoundedWaits.Stop));

        if (moment > 0)
            await Task.WhenAny(reached.Task, Task.WhenAll(tasks)).Bounded();
        await EndAsync(random.Next(9), pair, sender, receiver, stop);
        await pair.DisposeAsync().AsTask().Bounded();

        Exception?[] ends = await Task.WhenAll(tasks.Select(task => Record.ExceptionAsync(() => task.Bounded()).AsTask())).Bounded();
        Assert.All(ends, end => Assert.True(end is null or MessagingException or OperationCanceledException or ObjectDisposedException or InvalidOperationException, end?.ToString()));
        Assert.All(ends, end => Assert.DoesNotContain("inside the SDK", end?.ToString() ?? "", StringComparison.Ordinal));
        await ((Messaging.Client.Connection)pair.Connection).Loop.Stopped.Bounded();
        await ((Messaging.Client.Connection)pair.Accepted).Loop.Stopped.Bounded();
        Assert.True(sender.Closed.IsCompletedSuccessfully && receiver.Closed.IsCompletedSuccessfully);
    }

    private static async Task EndAsync(int how, TestPair pair, ISender sender, IReceiver receiver, CancellationTokenSource stop)
    {
        switch (how)
        {
            case 0:
                await stop.CancelAsync();
                break;
            case 1:
                await sender.DisposeAsync().Bounded();
                break;
            case 2:
                await receiver.DisposeAsync().Bounded();
                break;
            case 3:
                await pair.Connection.DisposeAsync().Bounded();
                break;
            case 4:
                await pair.Accepted.DisposeAsync().Bounded();
                break;
            case 5:
                ((Messaging.Client.Connection)pair.Connection).Loop.Abort(new CloseReason(CloseInitiator.Local));
                break;
            case 6:
                await Task.WhenAll(sender.DisposeAsync().AsTask(), receiver.DisposeAsync().AsTask(), pair.Connection.DisposeAsync().AsTask()).Bounded();
                break;
            case 7:
                await sender.CloseAsync(new CancellationToken(canceled: true)).AsTask().ContinueWith(_ => { }, TaskScheduler.Default).Bounded();
                break;
            case 8:
                await Task.WhenAll(pair.Connection.CloseAsync(BoundedWaits.Stop).AsTask(), pair.Accepted.CloseAsync(BoundedWaits.Stop).AsTask()).Bounded();
                break;
        }
    }

    private static async Task SendAsync(ISender sender, int size, Action step, CancellationToken stop)
    {
        for (int i = 0; i < 40; i++)
        {
            await sender.SendAsync(new Message(new byte[size]), stop);
            step();
        }
    }

    private static async Task StreamAsync(IReceiver receiver, Action step, CancellationToken stop)
    {
        await foreach (IDelivery _ in receiver.ReceiveAllAsync(stop))
            step();
    }

    private static async Task ReceiveAsync(IReceiver receiver, Action step, CancellationToken stop)
    {
        while (true)
        {
            IDelivery delivery = await receiver.ReceiveAsync(stop);
            step();
            await delivery.AcceptAsync(stop);
            delivery.Dispose();
        }
    }

    private static async Task CreateAsync(IConnection connection, Action step, CancellationToken stop)
    {
        while (true)
        {
            await using ISession session = await connection.CreateSessionAsync(cancellationToken: stop);
            step();
            await using ISender sender = await session.CreateSenderAsync("other", stop);
            step();
        }
    }

    private static async Task AcceptAsync(IConnection connection, Action step, CancellationToken stop)
    {
        await foreach (IIncomingLink link in connection.IncomingLinksAsync(stop))
        {
            step();
            try
            {
                await link.AcceptReceiverAsync(null, stop);
            }
            catch (LinkException)
            {
                // detached meanwhile
            }
        }
    }
}
