namespace Messaging.Broker.Queues;

/// <summary>Milliseconds since the broker began.</summary>
internal sealed class BrokerClock(TimeProvider time)
{
    private readonly long _origin = time.GetTimestamp();

    public long Now => (long)time.GetElapsedTime(_origin).TotalMilliseconds;
}
