using Messaging.Transport;

namespace Messaging.Testing.Simulation;

/// <summary>A connection between two ends in this process: its bytes pass, stop or end when the seed says so.</summary>
internal sealed class SimulatedConnection
{
    private readonly ITransport _client;
    private readonly SimulatedWay[] _ways;

    public SimulatedConnection(ITransport client, ITransport server)
    {
        _client = client;
        _ways = [new SimulatedWay(client, server), new SimulatedWay(server, client)];
        foreach (SimulatedWay way in _ways)
            _ = way.ReadAsync();
    }

    public bool IsOver => _ways.All(static way => way.IsOver);

    public IEnumerable<SimulatedWay> Ready => _ways.Where(static way => way.IsReady);

    /// <summary>Does something bad to it.</summary>
    /// <returns>What it was.</returns>
    public string Harm(Random random)
    {
        int way = random.Next(_ways.Length);
        switch (random.Next(4))
        {
            case 0:
                _client.Abort();
                return "reset";
            case 1:
                _ways[way].EndHere();
                return $"end of way {way}";
            case 2:
                _ways[way].IsStalled = true;
                return $"silence of way {way}";
            default:
                _ways[0].EndHere();
                _ways[1].EndHere();
                return "end";
        }
    }
}
