using Messaging.Amqp;
using Messaging.Amqp.Framing;

namespace Messaging.Client;

/// <summary>What a peer's begin says, for the application's decision.</summary>
internal sealed class IncomingSession(IConnection connection, in Begin begin) : IIncomingSession
{
    public IConnection Connection { get; } = connection;

    public IReadOnlyDictionary<Symbol, object?> RemoteProperties { get; } = begin.Properties ?? Empty.Fields;

    public IReadOnlyList<Symbol> RemoteOfferedCapabilities { get; } = begin.OfferedCapabilities ?? [];

    public IReadOnlyList<Symbol> RemoteDesiredCapabilities { get; } = begin.DesiredCapabilities ?? [];
}
