using Messaging.Amqp.Engine;
using Microsoft.Extensions.Logging;

namespace Messaging.Loop;

/// <summary>What a loop needs to know besides its transport.</summary>
internal sealed record LoopSettings
{
    public required EngineSettings Engine { get; init; }

    public required TimeProvider TimeProvider { get; init; }

    public required ILogger Logger { get; init; }

    /// <summary>Names the connection in logs and exceptions, without secrets.</summary>
    public required string Name { get; init; }

    public TimeSpan WriteTimeout { get; init; } = TimeSpan.FromSeconds(30);

    public TimeSpan OperationTimeout { get; init; } = TimeSpan.FromSeconds(60);

    public TimeSpan DecisionTimeout { get; init; } = TimeSpan.FromSeconds(30);
}
