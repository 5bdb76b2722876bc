using System.IO.Pipelines;
using Messaging.Transport;

namespace Messaging.Tests.Transport;

/// <summary>Runs alone: it counts the allocations of the whole process.</summary>
[CollectionDefinition(nameof(TransportAllocationTests), DisableParallelization = true)]
[Collection(nameof(TransportAllocationTests))]
public sealed class TransportAllocationTests
{
    private const int Rounds = 4000;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task PingPong_SteadyState_AllocatesNothing(bool inProcess)
    {
        (ITransport client, ITransport server) = inProcess ? InProcessTransport.CreatePair() : await TcpPairAsync();
        await using var pair = new TransportPair(client, server);
        using var cancel = new CancellationTokenSource(); // a token that can be cancelled, as the loop's
        Task echo = EchoAsync(pair.Server, cancel.Token);
        byte[] ping = new byte[100];
        await PingAsync(pair.Client, ping, Rounds, cancel.Token).Bounded();

        // What a round allocates shows in every window; what the rest of the process allocates meanwhile does not.
        long perRound = long.MaxValue;
        for (int window = 0; window < 5; window++)
        {
            long before = GC.GetTotalAllocatedBytes(precise: true);
            await PingAsync(pair.Client, ping, Rounds, cancel.Token).Bounded();
            perRound = Math.Min(perRound, (GC.GetTotalAllocatedBytes(precise: true) - before) / Rounds);
        }

        pair.Client.Abort();
        await Assert.ThrowsAsync<MessagingConnectionException>(() => echo.Bounded());
        Assert.InRange(perRound, 0, 8); // the bounded wait itself and the runtime's own housekeeping, spread over all rounds
    }

    private static async Task<(ITransport Client, ITransport Server)> TcpPairAsync()
    {
        TransportPair pair = await TransportPair.TcpAsync();
        return (pair.Client, pair.Server);
    }

    private static async Task PingAsync(ITransport transport, byte[] ping, int rounds, CancellationToken stop)
    {
        for (int i = 0; i < rounds; i++)
        {
            await transport.Output.WriteAsync(ping, stop).ConfigureAwait(false);
            await ReadAsync(transport.Input, ping.Length, stop).ConfigureAwait(false);
        }
    }

    private static async Task EchoAsync(ITransport transport, CancellationToken stop)
    {
        byte[] pong = new byte[100];
        while (true)
        {
            await ReadAsync(transport.Input, pong.Length, stop).ConfigureAwait(false);
            await transport.Output.WriteAsync(pong, stop).ConfigureAwait(false);
        }
    }

    [System.Runtime.CompilerServices.AsyncMethodBuilder(typeof(System.Runtime.CompilerServices.PoolingAsyncValueTaskMethodBuilder))]
    private static async ValueTask ReadAsync(PipeReader input, int count, CancellationToken stop)
    {
        while (true)
        {
            ReadResult result = await input.ReadAsync(stop).ConfigureAwait(false);
            if (result.Buffer.Length >= count)
            {
                input.AdvanceTo(result.Buffer.GetPosition(count));
                return;
            }

            input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }
    }
}
