using System.Diagnostics.Metrics;
using Messaging.Tests.Support;

namespace Messaging.Tests.Recovery;

/// <summary>Names are asked for anew at each attempt, since servers move.</summary>
public class NameResolutionTests
{
    [Fact]
    public async Task Connect_EveryAttempt_ResolvesEveryNameAnew()
    {
        string[] hosts = [Unresolvable(), Unresolvable()];
        using var lookups = new Lookups();
        await using var client = new MessagingClient(new MessagingClientOptions());
        var options = new ConnectionOptions { Url = $"amqp://{hosts[0]}", Failover = [$"amqp://{hosts[1]}"], Recovery = { MaxAttempts = 3, Delay = new OwnDelay(() => TimeSpan.Zero) } };

        await client.ConnectAsync(options, BoundedWaits.Stop).Throws<MessagingConnectionException, IConnection>();

        Assert.Equal([3, 3], hosts.Select(lookups.Of));
    }

    [Fact]
    public async Task Lost_EveryAttempt_ResolvesEveryNameAnew()
    {
        string host = Unresolvable();
        using var lookups = new Lookups();
        await using RawServer server = await RawServer.OpenAsync(new ConnectionOptions { Failover = [$"amqp://{host}"], Recovery = { MaxAttempts = 3, Delay = new OwnDelay(() => TimeSpan.Zero) } });
        await server.DisposeListenerAsync();

        await server.Peer.DisposeAsync();

        await server.Connection.Closed.Bounded();
        Assert.Equal(3, lookups.Of(host));
    }

    /// <summary>No name server is asked for a label over 63.</summary>
    private static string Unresolvable() => $"{Guid.NewGuid():N}{new string('a', 38)}.invalid";

    /// <summary>Counts what the runtime tells of the names that it was asked for.</summary>
    private sealed class Lookups : IDisposable
    {
        private readonly System.Collections.Concurrent.ConcurrentQueue<string?> _names = new();
        private readonly MeterListener _listener = new();

        public Lookups()
        {
            _listener.InstrumentPublished = static (instrument, listener) =>
            {
                if (instrument.Name == "dns.lookup.duration")
                    listener.EnableMeasurementEvents(instrument);
            };
            _listener.SetMeasurementEventCallback<double>((_, _, tags, _) =>
            {
                foreach ((string key, object? value) in tags)
                {
                    if (key == "dns.question.name")
                        _names.Enqueue(value as string);
                }
            });
            _listener.Start();
        }

        public int Of(string host) => _names.Count(name => host.Equals(name, StringComparison.OrdinalIgnoreCase));

        public void Dispose() => _listener.Dispose();
    }
}
