using Messaging.Tests.Support;

namespace Messaging.Tests.Client;

/// <summary>Many callers, links and connections: everybody gets on.</summary>
public sealed class ConcurrencyTests
{
    [Theory]
    [InlineData(500, 1, 1)]
    [InlineData(500, 500, 1)]
    [InlineData(500, 100, 100)]
    public async Task ManyTasks_OverLinksAndConnections_AllComeToTheirEnd(int tasks, int links, int connections)
    {
        const int Each = 20;
        await using TestPair pair = await TestPair.ListenAsync(tcp: true);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(BoundedWaits.Stop);
        int received = 0;
        Task serving = ServeAsync(pair.Listener, () => Interlocked.Increment(ref received), stop.Token);
        IConnection[] opened = await Task.WhenAll(Enumerable.Range(0, connections).Select(_ => pair.Client.ConnectAsync(pair.Listener.Url, BoundedWaits.Stop).AsTask())).Bounded();
        ISender[] senders = await Task.WhenAll(Enumerable.Range(0, links).Select(i => opened[i % connections].CreateSenderAsync($"q{i}", BoundedWaits.Stop).AsTask())).Bounded();

        Task[] sending =
        [
            .. Enumerable.Range(0, tasks).Select(i => BoundedWaits.Run(async () =>
            {
                for (int n = 0; n < Each; n++)
                    await senders[i % links].SendAsync(new Message(n), BoundedWaits.Stop);
            })),
        ];

        await Task.WhenAll(sending).Bounded();
        Assert.Equal(tasks * Each, received);
        await pair.Client.DisposeAsync().Bounded();
        await stop.CancelAsync();
        await serving.Bounded();
    }

    private static async Task ServeAsync(IListener listener, Action onMessage, CancellationToken stop)
    {
        List<Task> connections = [];
        try
        {
            await foreach (IIncomingConnection incoming in listener.AcceptAllAsync(stop))
                connections.Add(ServeAsync(await incoming.AcceptAsync(stop), onMessage, stop));
        }
        catch (OperationCanceledException)
        {
            // the end of the test
        }

        await Task.WhenAll(connections);
    }

    private static async Task ServeAsync(IConnection connection, Action onMessage, CancellationToken stop)
    {
        List<Task> links = [];
        try
        {
            await foreach (IIncomingLink link in connection.IncomingLinksAsync(stop))
            {
                IReceiver receiver = await link.AcceptReceiverAsync(null, stop);
                links.Add(ConsumeAsync(receiver, onMessage, stop));
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or MessagingException)
        {
            // the end of the test
        }

        await Task.WhenAll(links);
    }

    private static async Task ConsumeAsync(IReceiver receiver, Action onMessage, CancellationToken stop)
    {
        try
        {
            await receiver.ProcessAsync(
                (_, _) =>
                {
                    onMessage();
                    return default;
                },
                maxConcurrency: 2,
                stop);
        }
        catch (MessagingException)
        {
            // the end of the test
        }
    }
}
