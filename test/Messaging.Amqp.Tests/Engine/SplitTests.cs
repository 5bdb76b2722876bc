using Messaging.Amqp.Engine;

namespace Messaging.Amqp.Tests.Engine;

/// <summary>However the bytes are cut, the same things happen.</summary>
public class SplitTests
{
    [Fact]
    public void Bytes_OneByOne_BehaveLikeWhole()
    {
        Assert.Equal(Scenario(new EnginePair()), Scenario(new EnginePair { ChunkSize = 1 }));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void Bytes_RandomSegmentsAndPieces_BehaveLikeWhole(int seed)
    {
        TestContext.Current.SendDiagnosticMessage($"seed {seed}");

        Assert.Equal(Scenario(new EnginePair()), Scenario(new EnginePair(random: new Random(seed))));
    }

    [Fact]
    public void Trace_EveryFrame_IsPrintedOnBothSides()
    {
        Trace trace = new();
        EnginePair pair = new(EnginePair.Settings("client") with { Trace = trace });

        Scenario(pair);

        Assert.Contains(trace.Lines, line => line.StartsWith("-> 0 @open(16) [container-id=\"client\"", StringComparison.Ordinal));
        Assert.Contains(trace.Lines, line => line.StartsWith("<- 0 @open(16) [container-id=\"listener\"", StringComparison.Ordinal));
        Assert.Contains(trace.Lines, line => line.Contains("@transfer(20)", StringComparison.Ordinal));
        Assert.Contains(trace.Lines, line => line.Contains("@disposition(21)", StringComparison.Ordinal));
        Assert.Contains("-> 0 AMQP 3 1.0.0", trace.Lines, StringComparer.Ordinal);
    }

    private static string Scenario(EnginePair pair)
    {
        (SendingLink sender, ReceivingLink receiver) = pair.OpenLink(credit: 10);
        pair.ListenerEvents.MessageSeen = message => receiver.Update(message.DeliveryId, Accepted.Instance, settled: true);
        TestDelivery[] deliveries = [new(0), new(1), new(5_000), new(300, settled: true)];
        Array.ForEach(deliveries, sender.Enqueue);
        pair.Run();
        receiver.SetCredit(3, drain: true);
        pair.Run();
        sender.Detach(closed: true, new AmqpError(ErrorCondition.NotFound, "gone"));
        pair.Run();
        pair.Client.Close(null);
        pair.Run();

        Assert.True(pair.Client.IsClosed && pair.Listener.IsClosed);
        return string.Join('\n', pair.ClientEvents.Log) + "\n--\n" + string.Join('\n', pair.ListenerEvents.Log) + "\n--\n"
            + string.Join('\n', pair.ListenerEvents.Messages.Select(message => $"{message.DeliveryId} {message.Settled} {Convert.ToHexString(message.Body)}"))
            + string.Join('\n', deliveries.Select(delivery => $"{delivery.IsSent} {delivery.RemoteState} {delivery.IsSettledByPeer}"));
    }

    private sealed class Trace : IFrameTrace
    {
        public List<string> Lines { get; } = [];

        public void Frame(bool outgoing, ushort channel, string text) => Lines.Add($"{(outgoing ? "->" : "<-")} {channel} {text}");
    }
}
