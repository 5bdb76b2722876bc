using Messaging.Amqp.Framing;
using Messaging.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Messaging.Tests.Robustness;

/// <summary>Very many connections that do nothing, half of them in the middle of the handshake: those are cleared away, and the listener goes on.</summary>
[Collection(nameof(Alone))]
public sealed class CrowdTests
{
    private const int Each = 1000;

    [Fact]
    public async Task Listener_ThousandsOfIdleConnections_ClearsTheHalfOpenAndServesTheNext()
    {
        var time = new FakeTimeProvider();
        var options = new ListenerOptions { IdleTimeout = TimeSpan.Zero };
        await using TestPair pair = await TestPair.ListenAsync(options, new MessagingClientOptions { TimeProvider = time }, tcp: true);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(BoundedWaits.Stop);
        List<IConnection> accepted = [];
        Task accepting = AcceptAllAsync(pair.Listener, accepted, stop.Token);
        List<RawPeer> idle = [], stalled = [];
        for (int i = 0; i < Each; i++)
        {
            idle.Add(await RawPeer.ConnectAsync(pair.Listener.Url));
            await idle[^1].OpenAsClientAsync(new Open { ContainerId = $"idle-{i}" });
            stalled.Add(await RawPeer.ConnectAsync(pair.Listener.Url));
            await stalled[^1].SendRawAsync(FrameWriter.SaslHeader.ToArray());
            Assert.Equal("SASL", await stalled[^1].ReadAsync<string>()); // the time of its handshake has begun
        }

        time.Advance(new ListenerOptions().HandshakeTimeout);
        await Task.WhenAll(stalled.Select(peer => peer.ReadToEndAsync())).Bounded();

        await using var client = new MessagingClient();
        await using IConnection next = await client.ConnectAsync(pair.Listener.Url, BoundedWaits.Stop).Bounded();
        await BoundedWaits.UntilAsync(() => Count(accepted) == Each + 1);
        foreach (RawPeer peer in idle)
            await peer.BeginAsync(); // it still answers
        await stop.CancelAsync();
        await accepting.Bounded();
        await Task.WhenAll(idle.Concat(stalled).Select(peer => peer.DisposeAsync().AsTask())).Bounded();
        await Task.WhenAll(accepted.Select(connection => connection.DisposeAsync().AsTask())).Bounded();
    }

    private static int Count(List<IConnection> accepted)
    {
        lock (accepted)
            return accepted.Count;
    }

    private static async Task AcceptAllAsync(IListener listener, List<IConnection> accepted, CancellationToken stop)
    {
        try
        {
            await foreach (IIncomingConnection incoming in listener.AcceptAllAsync(stop))
            {
                IConnection connection = await incoming.AcceptAsync(stop);
                lock (accepted)
                    accepted.Add(connection);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // the test is over
        }
    }
}
