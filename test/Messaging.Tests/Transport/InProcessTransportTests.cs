using System.IO.Pipelines;
using Messaging.Transport;

namespace Messaging.Tests.Transport;

public sealed class InProcessTransportTests : TransportContractTests
{
    [Fact]
    public async Task Write_BufferFull_WaitsUntilThePeerReads()
    {
        (ITransport client, ITransport server) = InProcessTransport.CreatePair(new TransportSettings { InProcessBufferSize = 1000 });
        await using var pair = new TransportPair(client, server);

        Task<FlushResult> below = client.Output.WriteAsync(new byte[999], TransportTesting.Stop).AsTask();
        bool belowDone = below.IsCompleted;
        await below;
        Task<FlushResult> above = client.Output.WriteAsync(new byte[1], TransportTesting.Stop).AsTask();
        bool aboveDone = above.IsCompleted;
        await server.Input.ReadExactlyAsync(700);
        await above.Bounded();

        Assert.True(belowDone);
        Assert.False(aboveDone);
    }

    [Fact]
    public async Task CreatePair_Any_IsInProcessAndNamed()
    {
        (ITransport client, ITransport server) = InProcessTransport.CreatePair();
        await using var pair = new TransportPair(client, server);

        Assert.True(client.IsInProcess);
        Assert.False(client.IsSecure);
        Assert.Equal(client.LocalEndPoint, server.RemoteEndPoint);
        Assert.Equal(server.LocalEndPoint, client.RemoteEndPoint);
    }

    private protected override Task<TransportPair> ConnectAsync()
    {
        (ITransport client, ITransport server) = InProcessTransport.CreatePair();
        return Task.FromResult(new TransportPair(client, server));
    }
}
