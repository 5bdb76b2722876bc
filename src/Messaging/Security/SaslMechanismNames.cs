using Messaging.Amqp;

namespace Messaging.Security;

internal static class SaslMechanismNames
{
    public static readonly Symbol Anonymous = "ANONYMOUS";
    public static readonly Symbol Plain = "PLAIN";
}
