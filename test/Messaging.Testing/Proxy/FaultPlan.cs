using System.Text;

namespace Messaging.Testing.Proxy;

/// <summary>Random deaths of connections, decided by a seed and the connection's number alone: <c>proxy.Connecting = plan.Arm</c>.</summary>
/// <param name="seed">The same seed gives the same plan.</param>
/// <param name="faults">What may happen; a drop or a reset unless given.</param>
public sealed class FaultPlan(int seed, params Fault[] faults)
{
    private readonly Fault[] _faults = faults.Length == 0 ? [Fault.Drop, Fault.Reset] : faults;
    private int _armed;

    public int Seed => seed;

    /// <summary>How many connections get their fault; those after them live.</summary>
    public int Faults { get; init; } = int.MaxValue;

    /// <summary>The least number of frames of one way before the fault; 1 is the protocol header.</summary>
    public int FewestFrames { get; init; } = 1;

    public int MostFrames { get; init; } = 100;

    /// <summary>How many faults have happened.</summary>
    public int Happened => Volatile.Read(ref _happened);

    private int _happened;
    private bool _isOver;

    /// <summary>Nothing more happens, neither to the connections that are open nor to later ones.</summary>
    public void Stop() => Volatile.Write(ref _isOver, true);

    /// <summary>What will happen to the connection of this number.</summary>
    public FaultStep StepOf(int connection)
    {
        Random random = Testing.Seed.Random(seed, connection);
        return new FaultStep(
            _faults[random.Next(_faults.Length)],
            ToServer: random.Next(2) == 0,
            IsBefore: random.Next(2) == 0,
            Frames: random.Next(FewestFrames, MostFrames + 1));
    }

    /// <summary>Sets the connection's fault.</summary>
    public void Arm(ProxyConnection connection)
    {
        if (connection.Index >= Faults)
            return;
        InterlockedMax(connection.Index + 1);
        FaultStep step = StepOf(connection.Index);
        ProxyWay way = step.ToServer ? connection.ToServer : connection.ToClient;
        _ = step.IsBefore ? way.Before(FrameKind.Any, step.Frames, Happen) : way.After(FrameKind.Any, step.Frames, Happen);

        void Happen(ProxyConnection victim)
        {
            if (Volatile.Read(ref _isOver))
                return;
            Interlocked.Increment(ref _happened);
            victim.Apply(step.Fault);
        }
    }

    /// <summary>The seed and the faults of the connections so far.</summary>
    public override string ToString()
    {
        var text = new StringBuilder($"{Testing.Seed.Variable}={seed}, {Happened} faults happened:");
        for (int i = 0; i < Volatile.Read(ref _armed); i++)
            text.AppendLine().Append($"  connection {i}: {StepOf(i)}");
        return text.ToString();
    }

    private void InterlockedMax(int value)
    {
        int seen = Volatile.Read(ref _armed);
        while (seen < value && Interlocked.CompareExchange(ref _armed, value, seen) is var found && found != seen)
            seen = found;
    }
}

/// <summary>One fault of a plan.</summary>
public sealed record FaultStep(Fault Fault, bool ToServer, bool IsBefore, int Frames)
{
    public override string ToString() => $"{Fault} {(IsBefore ? "before" : "after")} frame {Frames} to the {(ToServer ? "server" : "client")}";
}
