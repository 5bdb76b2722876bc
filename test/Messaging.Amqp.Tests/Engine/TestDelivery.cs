using Messaging.Amqp.Engine;

namespace Messaging.Amqp.Tests.Engine;

internal sealed class TestDelivery : OutgoingDelivery
{
    public TestDelivery(byte[] payload, bool settled = false)
    {
        Payload = payload;
        Settled = settled;
    }

    public TestDelivery(int size, bool settled = false)
        : this(Pattern(size), settled)
    {
    }

    public bool IsSent { get; set; }

    public bool IsSettledByPeer { get; set; }

    public DeliveryState? RemoteState { get; set; }

    public static byte[] Pattern(int size)
    {
        byte[] bytes = new byte[size];
        for (int i = 0; i < size; i++)
        {
            bytes[i] = (byte)(i * 31);
        }

        return bytes;
    }
}
