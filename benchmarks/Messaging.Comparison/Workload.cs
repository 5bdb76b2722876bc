namespace Comparison;

internal enum WorkloadKind
{
    Send,
    Receive,
    SendAwaited,
    PingPong,
}

/// <summary>What both contenders are made to do; one workload can feed several measures.</summary>
internal sealed record Workload(string Name, WorkloadKind Kind, int BodySize, int Window)
{
    /// <summary>A thousand in flight and a credit of a thousand, as the issue asks; 64 KiB messages are received with a credit of 200 (13 MB).</summary>
    public static IReadOnlyList<Workload> All { get; } =
    [
        new("send-100B", WorkloadKind.Send, 100, 1000),
        new("recv-100B", WorkloadKind.Receive, 100, 1000),
        new("send-1KiB", WorkloadKind.Send, 1024, 1000),
        new("recv-1KiB", WorkloadKind.Receive, 1024, 1000),
        new("send-64KiB", WorkloadKind.Send, 64 * 1024, 1000),
        new("recv-64KiB", WorkloadKind.Receive, 64 * 1024, 200),
        new("send-awaited-100B", WorkloadKind.SendAwaited, 100, 1),
        new("pingpong", WorkloadKind.PingPong, 100, 10),
    ];

    public Task<Round> RunAsync(IContender contender, int port, TimeSpan duration)
    {
        var spec = new RoundSpec(port, BodySize, Window, duration);
        return Kind switch
        {
            WorkloadKind.Send => contender.SendPipelinedAsync(spec),
            WorkloadKind.Receive => contender.ReceiveAsync(spec),
            WorkloadKind.SendAwaited => contender.SendAwaitedAsync(spec),
            _ => contender.PingPongAsync(spec),
        };
    }
}
