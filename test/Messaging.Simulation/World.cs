using Messaging.Broker;
using Messaging.Testing.Simulation;

namespace Messaging.Simulation;

/// <summary>A broker, a client, a network between them and a clock for one run: what happens there depends on the seed alone.</summary>
internal sealed class World
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private static int _lastName;

    private World(SeededSchedule schedule, MessageBroker broker, SimulatedNetwork network, MessagingClient client) =>
        (Schedule, Broker, Network, Client) = (schedule, broker, network, client);

    public SeededSchedule Schedule { get; }

    public MessageBroker Broker { get; }

    public SimulatedNetwork Network { get; }

    public MessagingClient Client { get; }

    public static async Task<World> StartAsync(Random random, TextWriter? trace, Action<BrokerOptions> configure)
    {
        var schedule = new SeededSchedule(random, trace);
        int name = ++_lastName;
        var options = new BrokerOptions { Url = $"inproc://broker-{name}", TimeProvider = schedule.Time };
        configure(options);
        MessageBroker broker = await MessageBroker.StartAsync(options);
        SimulatedNetwork network = schedule.Network = await SimulatedNetwork.StartAsync($"network-{name}", broker.Url, random);
        return new World(schedule, broker, network, new MessagingClient(new MessagingClientOptions { TimeProvider = schedule.Time }));
    }

    /// <summary>Does something bad to a connection.</summary>
    public void Harm() => Schedule.Note(Network.Harm());

    /// <summary>Ends everything in order, as far as the network lets it.</summary>
    public async Task StopAsync()
    {
        await Schedule.UntilAsync(Client.DisposeAsync().AsTask(), Patience);
        await Schedule.UntilAsync(Broker.DisposeAsync().AsTask(), Patience);
        await Network.StopAsync();
        Schedule.Dispose();
    }
}
