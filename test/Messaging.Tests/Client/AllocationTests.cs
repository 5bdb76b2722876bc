using Messaging.Tests.Support;

namespace Messaging.Tests.Client;

/// <summary>
/// What a message of 100 bytes costs on the heap from the application to the transport and back, the whole process measured while nothing else runs.
/// In it are the message itself, the client's loop and both ends of the in-process transport; the peer is a raw one that allocates next to nothing, no second SDK side.
/// </summary>
[Collection(nameof(Alone))]
public sealed class AllocationTests(ITestOutputHelper output)
{
    private const int Messages = 5000;
    private const int Windows = 5;
    private const int InFlight = 200;
    private const uint Plenty = 1_000_000;

    private static readonly byte[] Body = new byte[100];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Send_Pipelined_AllocatesAtMost200Bytes(bool withToken)
    {
        await using RawServer server = await RawServer.OpenAsync();
        ISender sender = await server.SenderAsync(Plenty, window: Plenty);
        using var stop = new CancellationTokenSource();
        Task peer = new CheapPeer(server.Peer.Transport).AcceptAllAsync(stop.Token);
        using var unused = new CancellationTokenSource();

        long bytes = await MeasureAsync(() => SendAsync(sender, withToken ? unused.Token : CancellationToken.None));

        output.WriteLine($"{bytes} bytes a message");
        Assert.InRange(bytes, 1, 200);
        await stop.CancelAsync();
        await peer.ThrowsAny<OperationCanceledException>();
    }

    [Fact]
    public async Task ReceiveAndAccept_AllocatesAtMost600Bytes()
    {
        await using RawServer server = await RawServer.OpenAsync();
        IReceiver receiver = await server.ReceiverAsync(new ReceiverOptions { CreditWindow = InFlight });
        using var stop = new CancellationTokenSource();
        Task peer = new CheapPeer(server.Peer.Transport).SendAllAsync(RawPeer.Encode(new Message(Body)), stop.Token);
        await using IAsyncEnumerator<IDelivery> stream = receiver.ReceiveAllAsync(BoundedWaits.Stop).GetAsyncEnumerator(BoundedWaits.Stop);

        long bytes = await MeasureAsync(() => ReceiveAsync(stream));

        output.WriteLine($"{bytes} bytes a message");
        Assert.InRange(bytes, 1, 600);
        await stop.CancelAsync();
        await peer.ThrowsAny<OperationCanceledException>();
    }

    /// <summary>What a message allocates shows in every window; what the rest of the process allocates meanwhile, and the first window, do not.</summary>
    private static async Task<long> MeasureAsync(Func<Task> run)
    {
        await run().Bounded();
        long least = long.MaxValue;
        for (int window = 0; window < Windows; window++)
        {
            long before = GC.GetTotalAllocatedBytes(precise: true);
            await run().Bounded();
            least = Math.Min(least, (GC.GetTotalAllocatedBytes(precise: true) - before) / Messages);
        }

        return least;
    }

    private static async Task SendAsync(ISender sender, CancellationToken cancellationToken)
    {
        var sends = new ValueTask[InFlight];
        for (int i = 0; i < Messages + InFlight; i++)
        {
            if (i >= InFlight)
                await sends[i % InFlight].ConfigureAwait(false);
            if (i < Messages)
                sends[i % InFlight] = sender.SendAsync(new Message(Body), cancellationToken);
        }
    }

    private static async Task ReceiveAsync(IAsyncEnumerator<IDelivery> stream)
    {
        for (int i = 0; i < Messages; i++)
        {
            Assert.True(await stream.MoveNextAsync().ConfigureAwait(false));
            if (((byte[])stream.Current.Message.Body!).Length != Body.Length)
                throw new InvalidOperationException("Not the message that was sent.");
        }
    }
}
