using Messaging.Testing.Proxy;
using Microsoft.Extensions.Time.Testing;

namespace Messaging.Broker.Tests;

/// <summary>Networks that cut, hold, delay, double and spoil what they carry: nothing hangs, and whoever is not concerned goes on.</summary>
public sealed class FaultyNetworkTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan ShortTimeout = TimeSpan.FromSeconds(3);

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(1000)]
    public async Task Conversation_InPieces_IsTheSame(int piece)
    {
        await using BrokerFixture fixture = await BrokerFixture.StartTcpAsync();
        await using var proxy = new FaultProxy(fixture.Broker.Url)
        {
            Connecting = connection =>
            {
                connection.ToServer.Pieces = [piece];
                connection.ToClient.Pieces = [piece];
            },
        };

        object?[] bodies = await ConverseAsync(fixture.Client, proxy, 3000);

        Assert.Equal([.. Enumerable.Range(0, 3).Select(i => Body(i, 3000))], bodies);
        Assert.True(proxy.Connections[0].ToServer.Writes >= proxy.Connections[0].ToServer.Bytes / piece, "The bytes were not split.");
    }

    [Fact]
    public async Task Conversation_OverASlowNetwork_IsTheSame()
    {
        await using BrokerFixture fixture = await BrokerFixture.StartTcpAsync();
        await using var proxy = new FaultProxy(fixture.Broker.Url)
        {
            Connecting = connection =>
            {
                connection.ToClient.Delay = TimeSpan.FromMilliseconds(5);
                connection.ToServer.BytesPerSecond = 50_000;
            },
        };

        object?[] bodies = await ConverseAsync(fixture.Client, proxy, 10_000);

        Assert.Equal([.. Enumerable.Range(0, 3).Select(i => Body(i, 10_000))], bodies);
    }

    [Fact]
    public async Task Conversation_WithAFlippedByte_EndsWithoutAHangOrACrash()
    {
        const int Runs = 300;
        await using BrokerFixture fixture = await BrokerFixture.StartTcpAsync();
        int seed = Testing.Seed.Next();
        await using var clean = new FaultProxy(fixture.Broker.Url);
        await ConverseAsync(fixture.Client, clean, 100, "clean");
        long toServer = clean.Connections[0].ToServer.Bytes, toClient = clean.Connections[0].ToClient.Bytes;

        bool[] ends = await Task.WhenAll(Enumerable.Range(0, Runs).Select(run => SpoilAsync(fixture.Broker.Url, run, Testing.Seed.Random(seed, run), toServer, toClient)));

        int spoiled = ends.Count(end => end);
        output.WriteLine($"{spoiled} of {Runs} conversations ended with an error");
        Assert.InRange(spoiled, Runs / 10, Runs);
        await using var again = new FaultProxy(fixture.Broker.Url);
        Assert.Equal(3, (await ConverseAsync(fixture.Client, again, 100, "again")).Length);
    }

    [Fact]
    public async Task Broker_ThatReadsNoMore_IsGivenUpAfterTheWriteTimeout()
    {
        var time = new FakeTimeProvider();
        await using BrokerFixture fixture = await BrokerFixture.StartTcpAsync(options => options.Listener.IdleTimeout = TimeSpan.Zero);
        await using var proxy = new FaultProxy(fixture.Broker.Url);
        await using var client = new MessagingClient(new MessagingClientOptions { TimeProvider = time });
        await using IConnection connection = await client.ConnectAsync(new ConnectionOptions { Url = proxy.Url, Reconnect = false, IdleTimeout = TimeSpan.Zero }, BrokerFixture.Token);
        ISender sender = await connection.CreateSenderAsync("q", BrokerFixture.Token);
        await sender.WaitForCreditAsync(BrokerFixture.Token);
        proxy.Connections[0].Hold();

        Task sending = sender.SendAsync(new Message(new byte[40_000_000]), BrokerFixture.Token).AsTask();
        await PassUntilAsync(time, () => sending.IsCompleted);

        MessagingException lost = await Assert.ThrowsAnyAsync<MessagingException>(() => sending.Bounded());
        Assert.Contains(proxy.Url, lost.Message, StringComparison.Ordinal);
        Assert.Contains("took no bytes for 00:00:30", lost.Message, StringComparison.Ordinal);
        Assert.Equal(CloseInitiator.Transport, (await connection.Closed.Bounded()).Initiator);
    }

    [Fact]
    public async Task Consumer_ThatReadsNoMore_IsDroppedAloneAndItsMessagesComeBack()
    {
        const int Messages = 200;
        var time = new FakeTimeProvider();
        var log = new LogLines();
        await using BrokerFixture fixture = await BrokerFixture.StartTcpAsync(options =>
        {
            options.TimeProvider = time; // it passes only while nothing but the held connection is written to
            options.LoggerFactory = log;
            options.Listener.IdleTimeout = TimeSpan.Zero;
        });
        await using var proxy = new FaultProxy(fixture.Broker.Url);
        await using IConnection held = await fixture.Client.ConnectAsync(new ConnectionOptions { Url = proxy.Url, Reconnect = false, IdleTimeout = TimeSpan.Zero }, BrokerFixture.Token);
        IReceiver greedy = await held.CreateReceiverAsync("q", new ReceiverOptions { CreditWindow = 0 }, BrokerFixture.Token);
        proxy.Connections[0].ToClient.Hold();
        await greedy.AddCreditAsync(Messages, BrokerFixture.Token);
        await using IConnection connection = await fixture.Client.ConnectAsync(fixture.Broker.Url, BrokerFixture.Token);
        await using ISender sender = await connection.CreateSenderAsync("q", BrokerFixture.Token);
        for (int i = 0; i < Messages; i++)
            await sender.SendAsync(new Message(new byte[100_000]) { MessageId = (ulong)i }, BrokerFixture.Token).AsTask().Bounded();
        await PassUntilAsync(time, () => log.Texts.Any(text => text.Contains("took no bytes for 00:00:30", StringComparison.Ordinal)));

        await using IReceiver receiver = await connection.CreateReceiverAsync("q", BrokerFixture.Token);
        HashSet<object?> received = [];
        await foreach (IDelivery delivery in receiver.ReceiveAllAsync(BrokerFixture.Token))
        {
            if (received.Add(delivery.Message.MessageId) && received.Count == Messages)
                break;
        }

        Assert.Equal(Messages, received.Count);
        Assert.Equal(ConnectionState.Connected, connection.State);
    }

    [Fact]
    public async Task Connection_Doubled_DisturbsNobody()
    {
        int connections = 0;
        await using BrokerFixture fixture = await BrokerFixture.StartTcpAsync(options => options.Listener.AuthorizeConnection = (_, _) =>
        {
            Interlocked.Increment(ref connections);
            return new ValueTask<bool>(true);
        });
        await using var proxy = new FaultProxy(fixture.Broker.Url) { Connecting = connection => connection.Duplicate() };
        await using IConnection connection = await fixture.Client.ConnectAsync(new ConnectionOptions { Url = proxy.Url, Reconnect = false }, BrokerFixture.Token);
        await BrokerFixture.SendAsync(connection, "q", "a", "b", "c");
        await Until.TrueAsync(() => Volatile.Read(ref connections) == 2, () => $"the broker has {connections} connections, not 2");

        IConnection direct = await fixture.ConnectAsync();
        await using IReceiver receiver = await BrokerFixture.ManualAsync(direct, "q");
        object?[] bodies = [.. (await BrokerFixture.DrainAsync(receiver, 10)).Select(delivery => delivery.Message.Body)];

        // the copy sends what it was given credit for on the other connection: it may run ahead of its own, and is then stopped
        Assert.Equal(["a", "b", "c"], bodies.Distinct());
        Assert.All(bodies.GroupBy(body => body), copies => Assert.InRange(copies.Count(), 1, 2));
        Assert.Equal(ConnectionState.Connected, connection.State);
    }

    [Theory]
    [InlineData(Fault.HalfCloseToClient)]
    [InlineData(Fault.HalfCloseToServer)]
    [InlineData(Fault.Drop)]
    [InlineData(Fault.Reset)]
    public async Task Connection_Cut_EndsBothSidesAtOnce(Fault fault)
    {
        await using BrokerFixture fixture = await BrokerFixture.StartTcpAsync();
        await using var proxy = new FaultProxy(fixture.Broker.Url);
        await using IConnection connection = await fixture.Client.ConnectAsync(new ConnectionOptions { Url = proxy.Url, Reconnect = false }, BrokerFixture.Token);
        IReceiver receiver = await connection.CreateReceiverAsync("q", BrokerFixture.Token);
        Task<IDelivery> receiving = receiver.ReceiveAsync(BrokerFixture.Token).AsTask();

        proxy.Connections[0].Apply(fault);

        MessagingException lost = await Assert.ThrowsAnyAsync<MessagingException>(() => receiving.Bounded());
        Assert.True(lost.IsTransient, lost.Message);
        Assert.Contains(proxy.Url, lost.Message, StringComparison.Ordinal);
        await connection.Closed.Bounded();
        await proxy.Connections[0].Ended.Bounded();
    }

    private static Task PassUntilAsync(FakeTimeProvider time, Func<bool> condition) => Until.TrueAsync(
        () =>
        {
            time.Advance(TimeSpan.FromMilliseconds(100));
            return condition();
        },
        () => "it did not come, however much time has passed");

    private static string Body(int number, int size) => new((char)('a' + number), size);

    /// <summary>Sends three messages, takes them back and closes.</summary>
    private static async Task<object?[]> ConverseAsync(MessagingClient client, FaultProxy proxy, int size, string queue = "q", bool isHasty = false)
    {
        TimeSpan timeout = isHasty ? ShortTimeout : Timeout;
        var options = new ConnectionOptions { Url = proxy.Url, Reconnect = false, ConnectTimeout = timeout, OperationTimeout = timeout };
        await using IConnection connection = await client.ConnectAsync(options);
        await using ISender sender = await connection.CreateSenderAsync(queue);
        for (int i = 0; i < 3; i++)
            await sender.SendAsync(new Message(Body(i, size)));
        await using IReceiver receiver = await connection.CreateReceiverAsync(queue);
        object?[] bodies = new object?[3];
        for (int i = 0; i < 3; i++)
        {
            using IDelivery delivery = await receiver.ReceiveAsync();
            bodies[i] = delivery.Message.Body;
            await delivery.AcceptAsync();
        }

        await connection.CloseAsync();
        return bodies;
    }

    /// <summary>A conversation in which one byte is not what was sent.</summary>
    /// <returns>Whether it ended with an error.</returns>
    private static async Task<bool> SpoilAsync(string url, int run, Random random, long toServer, long toClient)
    {
        bool isToServer = random.Next(2) == 0;
        long offset = random.NextInt64(isToServer ? toServer : toClient);
        byte mask = (byte)(1 << random.Next(8));
        await using var proxy = new FaultProxy(url) { Connecting = connection => (isToServer ? connection.ToServer : connection.ToClient).Corrupt(offset, mask) };
        await using var client = new MessagingClient();
        string what = $"run {run}: byte {offset} to the {(isToServer ? "server" : "client")} ^ {mask}";
        Task<object?[]> conversing = ConverseAsync(client, proxy, 100, $"spoiled-{run}", isHasty: true);
        try
        {
            await conversing.WaitAsync(TimeSpan.FromSeconds(60), BrokerFixture.Token);
            return false;
        }
        catch (Exception exception)
        {
            Assert.True(conversing.IsCompleted, $"{what}: hangs");
            Assert.True(exception is MessagingException or TimeoutException or OperationCanceledException, $"{what}: {exception}");
            Assert.DoesNotContain("inside the SDK", exception.ToString(), StringComparison.Ordinal);
            return true;
        }
    }
}
