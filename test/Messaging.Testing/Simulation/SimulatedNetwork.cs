using Messaging.Transport;

namespace Messaging.Testing.Simulation;

/// <summary>The network between a client and a server of this process. Nothing passes it until it is told to hand something on.</summary>
internal sealed class SimulatedNetwork(ITransportListener listener, ConnectionUrl server, Random random)
{
    private readonly List<SimulatedConnection> _connections = [];

    public bool IsIdle => !_connections.Exists(connection => connection.Ready.Any());

    /// <summary>Where clients connect to.</summary>
    public string Url => listener.Url;

    public static async Task<SimulatedNetwork> StartAsync(string name, string server, Random random)
    {
        ITransportListener listener = await TransportFactory.ListenAsync(ConnectionUrl.Parse($"inproc://{name}"), new TransportSettings(), CancellationToken.None);
        var network = new SimulatedNetwork(listener, ConnectionUrl.Parse(server), random);
        _ = network.AcceptAsync();
        return network;
    }

    /// <summary>Hands on some bytes of some connection.</summary>
    /// <returns>Whether there were any.</returns>
    public bool HandOn()
    {
        SimulatedWay[] ready = [.. _connections.SelectMany(connection => connection.Ready)];
        if (ready.Length == 0)
            return false;
        int most = random.Next(3) == 0 ? random.Next(1, 20) : random.Next(1, 100_000);
        _ = ready[random.Next(ready.Length)].HandOnAsync(most);
        return true;
    }

    /// <summary>Does something bad to one of the connections.</summary>
    /// <returns>What it was.</returns>
    public string Harm()
    {
        _connections.RemoveAll(static connection => connection.IsOver);
        return _connections.Count == 0 ? "nothing" : _connections[random.Next(_connections.Count)].Harm(random);
    }

    public ValueTask StopAsync() => listener.DisposeAsync();

    private async Task AcceptAsync()
    {
        while (await listener.AcceptAsync(CancellationToken.None) is { } client)
            _connections.Add(new SimulatedConnection(client, await TransportFactory.ConnectAsync(server, new TransportSettings(), CancellationToken.None)));
    }
}
