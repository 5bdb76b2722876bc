using Messaging.Broker;
using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Hosting.Tests;

public sealed class SharedConnectionTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Connection_IsOpenedByTheFirstNeed_AndOnce()
    {
        await using var server = new MessagingClient();
        await using IListener listener = await server.ListenAsync("inproc://hosting-once", Token);
        int accepted = 0;
        Task accepting = Task.Run(
            async () =>
            {
                await foreach (IIncomingConnection incoming in listener.AcceptAllAsync(Token))
                {
                    Interlocked.Increment(ref accepted);
                    await incoming.AcceptAsync(Token);
                }
            },
            Token);
        await using ServiceProvider services = Services(listener.Url);
        IMessagingClient client = services.GetRequiredService<IMessagingClient>();
        Assert.Equal(0, Volatile.Read(ref accepted));

        IConnection[] connections = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Task.Run(() => client.GetConnectionAsync(Token).AsTask(), Token))).WaitAsync(Limit, Token);

        Assert.Single(connections.Distinct());
        Assert.Equal(1, Volatile.Read(ref accepted));
        await listener.CloseAsync(Token);
        await accepting.WaitAsync(Limit, Token);
    }

    [Fact]
    public async Task FailedOpen_IsTriedAgainByTheNextCall()
    {
        const string Url = "inproc://hosting-later";
        await using ServiceProvider services = Services(Url);
        IMessagingClient client = services.GetRequiredService<IMessagingClient>();
        await Assert.ThrowsAsync<MessagingConnectionException>(() => client.GetConnectionAsync(Token).AsTask().WaitAsync(Limit, Token));

        await using MessageBroker broker = await MessageBroker.StartAsync(Url, Token);
        IConnection connection = await client.GetConnectionAsync(Token).AsTask().WaitAsync(Limit, Token);

        Assert.Equal(ConnectionState.Connected, connection.State);
    }

    [Fact]
    public async Task DisposingTheContainer_ClosesTheConnection()
    {
        await using MessageBroker broker = await MessageBroker.StartAsync("inproc://hosting-dispose", Token);
        ServiceProvider services = Services(broker.Url);
        IMessagingClient client = services.GetRequiredService<IMessagingClient>();
        IConnection connection = await client.GetConnectionAsync(Token);

        await services.DisposeAsync().AsTask().WaitAsync(Limit, Token);

        CloseReason reason = await connection.Closed.WaitAsync(Limit, Token);
        Assert.Equal(CloseInitiator.Local, reason.Initiator);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => client.GetConnectionAsync(Token).AsTask());
    }

    private static ServiceProvider Services(string url) => new ServiceCollection()
        .AddMessagingClient(options => options.Connection = new ConnectionOptions { Url = url, Reconnect = false })
        .BuildServiceProvider();
}
