using Messaging.Transport;

namespace Messaging.Tests.Transport;

public sealed class InProcessListenerTests
{
    private static readonly TransportSettings Settings = new();

    [Fact]
    public async Task Connect_Listening_GivesTwoEndsOfOneStream()
    {
        await using ITransportListener listener = await ListenAsync("inproc://pairs");

        await using ITransport client = await ConnectAsync("inproc://Pairs/queue").Bounded();
        await using ITransport? server = await listener.AcceptAsync(TransportTesting.Stop).Bounded();
        await client.Output.WriteAsync("hi"u8.ToArray(), TransportTesting.Stop).Bounded();

        Assert.Equal("hi", await server!.Input.ReadTextAsync(2));
        Assert.Equal("inproc://pairs", listener.Url);
        Assert.Equal("inproc://pairs/client-1", server.RemoteEndPoint);
    }

    [Fact]
    public async Task Listen_NameTaken_Throws()
    {
        await using ITransportListener listener = await ListenAsync("inproc://taken");

        MessagingConnectionException error = await Assert.ThrowsAsync<MessagingConnectionException>(() => ListenAsync("inproc://taken"));

        Assert.Contains("inproc://taken", error.Message, StringComparison.Ordinal);
        Assert.Contains("has that name already", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Listen_NameFreedByDispose_Succeeds()
    {
        ITransportListener first = await ListenAsync("inproc://again");
        await first.DisposeAsync();
        await using ITransportListener second = await ListenAsync("inproc://again");
        await first.DisposeAsync(); // must not free the second one's name

        await using ITransport client = await ConnectAsync("inproc://again").Bounded();

        Assert.NotNull(await second.AcceptAsync(TransportTesting.Stop).Bounded());
    }

    [Fact]
    public async Task Connect_NobodyListens_Throws()
    {
        MessagingConnectionException error = await Assert.ThrowsAsync<MessagingConnectionException>(() => ConnectAsync("inproc://nobody").Bounded());

        Assert.Contains("no listener", error.Message, StringComparison.Ordinal);
        Assert.True(error.IsTransient);
    }

    [Fact]
    public async Task Connect_CancelledBefore_Throws()
    {
        await using ITransportListener listener = await ListenAsync("inproc://cancelled");

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => TransportFactory.ConnectAsync(TransportTesting.Url(listener.Url), Settings, new CancellationToken(canceled: true)).Bounded());
    }

    [Fact]
    public async Task Connect_BacklogFull_WaitsAndCanBeCancelled()
    {
        await using ITransportListener listener = await TransportFactory.ListenAsync(TransportTesting.Url("inproc://full"), new TransportSettings { Backlog = 1 }, TransportTesting.Stop);
        await using ITransport first = await ConnectAsync(listener.Url).Bounded();
        using var cancel = new CancellationTokenSource();
        Task<ITransport> second = TransportFactory.ConnectAsync(TransportTesting.Url(listener.Url), Settings, cancel.Token).AsTask();
        bool waits = !second.IsCompleted;

        await cancel.CancelAsync();

        Assert.True(waits);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second.Bounded());
    }

    [Fact]
    public async Task Accept_DisposedMeanwhile_ReturnsNull()
    {
        ITransportListener listener = await ListenAsync("inproc://ended");
        Task<ITransport?> accept = listener.AcceptAsync(TransportTesting.Stop).AsTask();

        await listener.DisposeAsync();

        Assert.Null(await accept.Bounded());
        Assert.Null(await listener.AcceptAsync(TransportTesting.Stop).Bounded());
    }

    [Fact]
    public async Task Accept_Cancelled_KeepsTheListener()
    {
        await using ITransportListener listener = await ListenAsync("inproc://kept");
        using var cancel = new CancellationTokenSource();
        Task<ITransport?> accept = listener.AcceptAsync(cancel.Token).AsTask();

        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => accept.Bounded());
        await using ITransport client = await ConnectAsync(listener.Url).Bounded();

        Assert.NotNull(await listener.AcceptAsync(TransportTesting.Stop).Bounded());
    }

    [Fact]
    public async Task Dispose_ConnectionNotAccepted_ResetsIt()
    {
        ITransportListener listener = await ListenAsync("inproc://unclaimed");
        await using ITransport client = await ConnectAsync(listener.Url).Bounded();

        await listener.DisposeAsync();

        await Assert.ThrowsAsync<MessagingConnectionException>(() => client.Input.ReadAsync(TransportTesting.Stop).Bounded());
    }

    private static async Task<ITransportListener> ListenAsync(string url) => await TransportFactory.ListenAsync(TransportTesting.Url(url), Settings, TransportTesting.Stop);

    private static ValueTask<ITransport> ConnectAsync(string url) => TransportFactory.ConnectAsync(TransportTesting.Url(url), Settings, TransportTesting.Stop);
}
