using Messaging.Amqp;
using Messaging.Broker.Queues;
using Microsoft.Extensions.Logging.Abstractions;

namespace Messaging.Broker.Tests;

public sealed class CapacityTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task FullQueue_StopsGrantingCredit_AndDropsNothing(bool presettled)
    {
        await using BrokerFixture fixture = await BrokerFixture.StartAsync(options => options.QueueCapacity = 10);
        IConnection connection = await fixture.ConnectAsync();
        await using ISender sender = await SenderAsync(connection, "q", presettled);
        Task sending = SendAsync(sender, 0, 100);
        await fixture.WaitForDepthAsync("q", 10);
        await Until.TrueAsync(() => sender.Credit <= 0, () => $"the sender has a credit of {sender.Credit}");

        Assert.False(sending.IsCompleted);
        Assert.Equal(10, fixture.Broker.GetQueueDepth("q"));
        List<int> taken = await TakeAsync(connection, "q", 100);

        await sending.Bounded();
        Assert.Equal(Enumerable.Range(0, 100), taken);
    }

    [Fact]
    public async Task FullQueue_PresettledMessageAtTheDoor_OutlivesItsLink()
    {
        await using BrokerFixture fixture = await BrokerFixture.StartAsync(options => options.QueueCapacity = 1);
        IConnection connection = await fixture.ConnectAsync();
        await BrokerFixture.SendAsync(connection, "q", "inside");
        ISender sender = await connection.CreateSenderAsync(new SenderOptions { Target = new(), SettleMode = SenderSettleMode.Settled }, BrokerFixture.Token);
        await sender.SendAsync(new Message("at the door") { To = "q" }, BrokerFixture.Token).AsTask().Bounded();
        await sender.CloseAsync(BrokerFixture.Token).AsTask().Bounded();

        await using IReceiver receiver = await connection.CreateReceiverAsync("q", BrokerFixture.Token);
        IDelivery first = await BrokerFixture.ReceiveAsync(receiver);
        await first.AcceptAsync(BrokerFixture.Token);

        IDelivery second = await BrokerFixture.ReceiveAsync(receiver);
        Assert.Equal(("inside", "at the door"), (first.Message.Body, second.Message.Body));
    }

    [Fact]
    public async Task FullQueue_CountsWhatIsDeliveredAndNotSettled()
    {
        await using BrokerFixture fixture = await BrokerFixture.StartAsync(options => options.QueueCapacity = 2);
        IConnection connection = await fixture.ConnectAsync();
        await BrokerFixture.SendAsync(connection, "q", "a", "b");
        await using IReceiver receiver = await BrokerFixture.ManualAsync(connection, "q");
        List<IDelivery> taken = await BrokerFixture.DrainAsync(receiver, 2);
        await using ISender sender = await connection.CreateSenderAsync("q", BrokerFixture.Token);

        Task sending = sender.SendAsync(new Message("c"), BrokerFixture.Token).AsTask();
        Assert.Equal(0, sender.Credit);
        Assert.False(sending.IsCompleted);
        await taken[0].AcceptAsync(BrokerFixture.Token);

        await sending.Bounded();
        Assert.Equal(2, fixture.Broker.GetQueueDepth("q"));
    }

    [Fact]
    public async Task FullByBytes_StopsGrantingCredit()
    {
        await using BrokerFixture fixture = await BrokerFixture.StartAsync(options => options.QueueCapacityBytes = 1024 * 1024);
        IConnection connection = await fixture.ConnectAsync();
        await using ISender sender = await SenderAsync(connection, "q", presettled: false);
        byte[] body = new byte[100 * 1024];
        Task sending = Task.WhenAll(Enumerable.Range(0, 100).Select(_ => sender.SendAsync(new Message(body), BrokerFixture.Token).AsTask()));
        await Until.TrueAsync(() => fixture.Broker.GetQueueDepth("q") >= 10 && sender.Credit <= 0, () => $"{fixture.Broker.GetQueueDepth("q")} messages, credit {sender.Credit}");

        Assert.False(sending.IsCompleted);
        Assert.InRange(fixture.Broker.GetQueueDepth("q")!.Value, 10, 11);
        await using IReceiver receiver = await connection.CreateReceiverAsync("q", BrokerFixture.Token);
        int count = 0;
        await foreach (IDelivery delivery in receiver.ReceiveAllAsync(100, BrokerFixture.Token))
            count += delivery.Message.Body is byte[] { Length: 100 * 1024 } ? 1 : 0;

        await sending.Bounded();
        Assert.Equal(100, count);
    }

    [Fact]
    public async Task IdleSenders_DoNotKeepTheRoomFromOthers_AndTheBoundHolds()
    {
        await using BrokerFixture fixture = await BrokerFixture.StartAsync(options => options.QueueCapacity = 5);
        IConnection connection = await fixture.ConnectAsync();
        await using ISender idle = await SenderAsync(connection, "q", presettled: false);
        await idle.WaitForCreditAsync(BrokerFixture.Token).AsTask().Bounded();
        await using ISender busy = await SenderAsync(connection, "q", presettled: false);

        // The idle one holds all the credit that there is room for: the busy one goes on, one by one.
        Task sending = SendAsync(busy, 0, 20);
        await fixture.WaitForDepthAsync("q", 5);
        Task late = SendAsync(idle, 100, 5);
        Assert.Equal(5, fixture.Broker.GetQueueDepth("q"));
        List<int> taken = await TakeAsync(connection, "q", 25);

        await Task.WhenAll(sending, late).Bounded();
        Assert.Equal(Enumerable.Range(0, 20), taken.Where(body => body < 100));
        Assert.Equal(Enumerable.Range(100, 5), taken.Where(body => body >= 100));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task FullQueue_MakesTheAnonymousTerminusWait(bool presettled)
    {
        await using BrokerFixture fixture = await BrokerFixture.StartAsync(options => options.QueueCapacity = 10);
        IConnection connection = await fixture.ConnectAsync();
        await using IReceiver receiver = await BrokerFixture.ManualAsync(connection, "q");
        await using ISender sender = await SenderAsync(connection, address: null, presettled);
        const int Count = 300;

        Task sending = SendAsync(sender, 0, Count, to: "q");
        await fixture.WaitForDepthAsync("q", 10);
        await Until.TrueAsync(() => sender.Credit <= 0, () => $"the sender has a credit of {sender.Credit}");
        Assert.Equal(10, fixture.Broker.GetQueueDepth("q"));
        List<int> taken = await TakeAsync(connection, "q", Count);

        await sending.Bounded();
        Assert.Equal(Enumerable.Range(0, Count), taken);
    }

    [Fact]
    public async Task Presettled_ThenClosedAtOnce_LosesNothing()
    {
        await using BrokerFixture fixture = await BrokerFixture.StartAsync(options => options.QueueCapacity = 50);
        IConnection connection = await fixture.ConnectAsync();
        const int Count = 200;

        Task sending = Task.Run(
            async () =>
            {
                await using ISender sender = await SenderAsync(connection, "q", presettled: true);
                await SendAsync(sender, 0, Count);
            },
            BrokerFixture.Token);
        List<int> taken = await TakeAsync(connection, "q", Count);

        await sending.Bounded();
        Assert.Equal(Enumerable.Range(0, Count), taken);
    }

    [Fact]
    public async Task CancelledLargeSends_DoNotUseUpTheCredit()
    {
        await using BrokerFixture fixture = await BrokerFixture.StartAsync(options => options.QueueCapacity = 3);
        IConnection connection = await fixture.ConnectAsync();
        await using ISender sender = await SenderAsync(connection, "q", presettled: false);
        byte[] large = new byte[20 * 1024 * 1024];

        int cancelled = 0;
        for (int i = 0; i < 5; i++)
        {
            using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(BrokerFixture.Token);
            Task sending = sender.SendAsync(new Message(large), cancellation.Token).AsTask();
            await cancellation.CancelAsync();
            if (await Record.ExceptionAsync(() => sending.Bounded()) is not { } error)
            {
                await TakeAsync(connection, "q", 1); // it was faster: only its room is given back
                continue;
            }

            Assert.IsAssignableFrom<OperationCanceledException>(error);
            cancelled++;
        }

        Assert.NotEqual(0, cancelled);

        await sender.SendAsync(new Message("small"), BrokerFixture.Token).AsTask().Bounded();
    }

    [Fact]
    public void Options_OutOfRange_AreNamed()
    {
        (Action<BrokerOptions> Set, string Name)[] cases =
        [
            (options => options.QueueCapacity = 0, nameof(BrokerOptions.QueueCapacity)),
            (options => options.QueueCapacityBytes = 0, nameof(BrokerOptions.QueueCapacityBytes)),
            (options => options.MaxQueues = 0, nameof(BrokerOptions.MaxQueues)),
            (options => options.MaxMessageSize = -1, nameof(BrokerOptions.MaxMessageSize)),
            (options => options.MaxConnections = 0, nameof(BrokerOptions.MaxConnections)),
            (options => options.ContainerId = "", nameof(BrokerOptions.ContainerId)),
        ];

        foreach ((Action<BrokerOptions> set, string name) in cases)
        {
            var options = new BrokerOptions { Url = "inproc://options" };
            set(options);
            Exception exception = Assert.ThrowsAny<ArgumentException>(() => { _ = MessageBroker.StartAsync(options, BrokerFixture.Token).AsTask().GetAwaiter().GetResult(); });
            Assert.Contains($"BrokerOptions.{name}", exception.Message, StringComparison.Ordinal);
        }
    }

    private static async Task<ISender> SenderAsync(IConnection connection, string? address, bool presettled) => await connection.CreateSenderAsync(
        new SenderOptions { Target = new Target { Address = address }, SettleMode = presettled ? SenderSettleMode.Settled : SenderSettleMode.Unsettled },
        BrokerFixture.Token);

    private static Task SendAsync(ISender sender, int first, int count, string? to = null) =>
        Task.WhenAll(Enumerable.Range(first, count).Select(i => sender.SendAsync(new Message(i) { To = to }, BrokerFixture.Token).AsTask()));

    private static async Task<List<int>> TakeAsync(IConnection connection, string address, int count)
    {
        await using IReceiver receiver = await connection.CreateReceiverAsync(address, BrokerFixture.Token);
        List<int> bodies = [];
        await foreach (IDelivery delivery in receiver.ReceiveAllAsync(count, BrokerFixture.Token))
            bodies.Add((int)delivery.Message.Body!);
        return bodies;
    }

    [Fact]
    public async Task FirstCredit_IsOneMessage_UntilTheSizeOfTheMessagesIsKnown()
    {
        await using BrokerFixture fixture = await BrokerFixture.StartAsync();
        IConnection connection = await fixture.ConnectAsync();
        await BrokerFixture.SendAsync(connection, "q", "first");
        await using ISender sender = await SenderAsync(connection, "q", presettled: false);
        await sender.WaitForCreditAsync(BrokerFixture.Token).AsTask().Bounded();
        Assert.Equal(1, sender.Credit);

        await sender.SendAsync(new Message("small"), BrokerFixture.Token).AsTask().Bounded();

        await Until.TrueAsync(() => sender.Credit == 1000, () => $"the credit is {sender.Credit}");
    }

    [Fact]
    public async Task FirstCredit_AnonymousTerminus_IsOneMessage_UntilTheSizeOfTheMessagesIsKnown()
    {
        await using BrokerFixture fixture = await BrokerFixture.StartAsync();
        IConnection connection = await fixture.ConnectAsync();
        await BrokerFixture.SendAsync(connection, "q", "first");
        await using ISender sender = await SenderAsync(connection, address: null, presettled: false);
        await sender.WaitForCreditAsync(BrokerFixture.Token).AsTask().Bounded();
        Assert.Equal(1, sender.Credit);

        await sender.SendAsync(new Message("small") { To = "q" }, BrokerFixture.Token).AsTask().Bounded();

        await Until.TrueAsync(() => sender.Credit == 100, () => $"the credit is {sender.Credit}");
    }

    [Fact]
    public async Task Credit_AfterALargeMessage_IsFewMessages()
    {
        await using BrokerFixture fixture = await BrokerFixture.StartAsync();
        IConnection connection = await fixture.ConnectAsync();
        await using ISender sender = await SenderAsync(connection, "q", presettled: false);

        await sender.SendAsync(new Message(new byte[4 * 1024 * 1024]), BrokerFixture.Token).AsTask().Bounded();
        await sender.WaitForCreditAsync(BrokerFixture.Token).AsTask().Bounded();

        Assert.InRange(sender.Credit, 1, 2);
    }

    [Fact]
    public async Task FullByBytes_CountsAnnotations()
    {
        await using BrokerFixture fixture = await BrokerFixture.StartAsync(options => options.QueueCapacityBytes = 1024 * 1024);
        IConnection connection = await fixture.ConnectAsync();
        await using ISender sender = await SenderAsync(connection, "q", presettled: false);
        var message = new Message("small");
        message.MessageAnnotations["x-opt-large"] = new byte[100 * 1024];

        Task sending = Task.WhenAll(Enumerable.Range(0, 30).Select(_ => sender.SendAsync(message, BrokerFixture.Token).AsTask()));
        await Until.TrueAsync(() => fixture.Broker.GetQueueDepth("q") >= 10 && sender.Credit <= 0, () => $"{fixture.Broker.GetQueueDepth("q")} messages, credit {sender.Credit}");

        Assert.InRange(fixture.Broker.GetQueueDepth("q")!.Value, 10, 11);
        await using IReceiver receiver = await connection.CreateReceiverAsync("q", BrokerFixture.Token);
        int count = 0;
        await foreach (IDelivery delivery in receiver.ReceiveAllAsync(30, BrokerFixture.Token))
            count++;
        await sending.Bounded();
        Assert.Equal(30, count);
    }

    [Fact]
    public void Size_AnnotationsThatGrowWhenTheyAreDecoded_CountAsTheMemoryThatTheyTake()
    {
        var queue = new Queue("q", isTemporary: false, new BrokerOptions(), new BrokerClock(TimeProvider.System), NullLogger.Instance);
        var message = new Message("small");
        message.MessageAnnotations["x-opt-lists"] = Enumerable.Range(0, 10_000).Select(_ => (object?)new List<object?>()).ToList();

        Assert.InRange(queue.Read(message).Size, 400_000, 600_000);
    }

    /// <summary>One outcome may be of any number of messages.</summary>
    [Fact]
    public async Task FullByBytes_TakesNoMoreAnnotationsOfAConsumer()
    {
        var log = new LogLines();
        await using BrokerFixture fixture = await BrokerFixture.StartAsync(options => (options.QueueCapacityBytes, options.LoggerFactory) = (64 * 1024, log));
        IConnection connection = await fixture.ConnectAsync();
        await BrokerFixture.SendAsync(connection, "q", "a", "b", "c", "d", "e");
        await using IReceiver receiver = await BrokerFixture.ManualAsync(connection, "q");
        var modification = new Modified { MessageAnnotations = new Dictionary<Symbol, object?> { ["x-opt-added"] = new byte[40 * 1024] } };

        foreach (IDelivery delivery in await BrokerFixture.DrainAsync(receiver, 5))
            await delivery.ModifyAsync(modification, BrokerFixture.Token);

        List<IDelivery> again = await BrokerFixture.DrainAsync(receiver, 5);
        Assert.Equal([1, 1, 0, 0, 0], again.Select(delivery => delivery.Message.MessageAnnotations.Count).OrderDescending());
        Assert.Equal(3, log.Texts.Count(text => text.Contains("annotations that link", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task FullByBytes_CountsAnnotationsThatAConsumerAdds()
    {
        await using BrokerFixture fixture = await BrokerFixture.StartAsync(options => options.QueueCapacityBytes = 32 * 1024);
        IConnection connection = await fixture.ConnectAsync();
        await BrokerFixture.SendAsync(connection, "q", "a");
        await using (IReceiver receiver = await BrokerFixture.ManualAsync(connection, "q"))
        {
            IDelivery delivery = Assert.Single(await BrokerFixture.DrainAsync(receiver, 1));
            await delivery.ModifyAsync(new Modified { MessageAnnotations = new Dictionary<Symbol, object?> { ["x-opt-added"] = new byte[32 * 1024] } }, BrokerFixture.Token);
            IDelivery again = Assert.Single(await BrokerFixture.DrainAsync(receiver, 1)); // so the modification has come
            Assert.Single(again.Message.MessageAnnotations); // whole: it must fit into a frame
        }

        await using ISender sender = await SenderAsync(connection, "q", presettled: false);
        Assert.Equal(0, sender.Credit);
        Task sending = sender.SendAsync(new Message("b"), BrokerFixture.Token).AsTask();
        Assert.False(sending.IsCompleted);
        await using IReceiver taker = await connection.CreateReceiverAsync("q", BrokerFixture.Token);
        await foreach (IDelivery delivery in taker.ReceiveAllAsync(2, BrokerFixture.Token))
            Assert.NotNull(delivery.Message.Body);
        await sending.Bounded();
    }
}
