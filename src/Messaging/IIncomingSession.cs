using Messaging.Amqp;

namespace Messaging;

/// <summary>A session that the peer begins, as shown to <see cref="ListenerOptions.AcceptSession"/>.</summary>
public interface IIncomingSession
{
    /// <summary>The connection it is on.</summary>
    IConnection Connection { get; }

    /// <summary>The properties of the peer's <c>begin</c>; empty when it sent none.</summary>
    IReadOnlyDictionary<Symbol, object?> RemoteProperties { get; }

    /// <summary>The capabilities that the peer offers.</summary>
    IReadOnlyList<Symbol> RemoteOfferedCapabilities { get; }

    /// <summary>The capabilities that the peer would like.</summary>
    IReadOnlyList<Symbol> RemoteDesiredCapabilities { get; }
}
