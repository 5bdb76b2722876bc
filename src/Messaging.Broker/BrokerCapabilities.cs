using Messaging.Amqp;

namespace Messaging.Broker;

internal static class BrokerCapabilities
{
    /// <summary>Told in <c>open</c>: links to the anonymous terminus are taken (OASIS "Using the AMQP Anonymous Terminus for Message Routing", 2.1).</summary>
    public static readonly Symbol AnonymousRelay = "ANONYMOUS-RELAY";

    /// <summary>Told in <c>attach</c> when the peer asks for it: the node is a queue.</summary>
    public static readonly Symbol Queue = "queue";
}
