using Messaging.Amqp;
using Messaging.Amqp.Framing;
using Messaging.Client;

namespace Messaging.Listening;

/// <summary>A peer that has brought its open, to be accepted or refused once.</summary>
internal sealed class IncomingConnection(Connection connection, in Open open, string identity, string? mechanism, string remoteEndPoint) : IIncomingConnection
{
    private int _isDecided;
    private LinkedListNode<IncomingConnection>? _place;

    /// <summary>Its place in the listener's queue.</summary>
    public LinkedListNode<IncomingConnection> Place => _place ??= new LinkedListNode<IncomingConnection>(this);

    public string Identity { get; } = identity;

    public string? SaslMechanism { get; } = mechanism;

    public string RemoteContainerId { get; } = open.ContainerId;

    public string? Hostname { get; } = open.Hostname;

    public string RemoteEndPoint { get; } = remoteEndPoint;

    public IReadOnlyDictionary<Symbol, object?> RemoteProperties { get; } = open.Properties ?? Empty.Fields;

    public IReadOnlyList<Symbol> RemoteOfferedCapabilities { get; } = open.OfferedCapabilities ?? [];

    public IReadOnlyList<Symbol> RemoteDesiredCapabilities { get; } = open.DesiredCapabilities ?? [];

    public bool IsDecided => Volatile.Read(ref _isDecided) != 0;

    public async ValueTask<IConnection> AcceptAsync(CancellationToken cancellationToken = default)
    {
        Decide();
        await connection.Loop.InvokeAsync(() =>
        {
            connection.Loop.Engine.Open();
            connection.MarkOpen();
        }).WaitAsync(cancellationToken).ConfigureAwait(false);
        return connection;
    }

    public async ValueTask RefuseAsync(AmqpError error, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(error);
        Encodable.Require(error);
        Decide();
        await connection.Loop.InvokeAsync(() => connection.Loop.Engine.Refuse(error)).WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The listener was closed before the application decided.</summary>
    public void Abandon()
    {
        if (Interlocked.Exchange(ref _isDecided, 1) == 0)
            _ = connection.Loop.InvokeAsync(() => connection.Loop.Engine.Refuse(new AmqpError(ErrorCondition.ConnectionForced, "the listener was closed")));
    }

    /// <summary>The peer went away, or the time to decide ran out.</summary>
    public void OnEnded() => Interlocked.Exchange(ref _isDecided, 1);

    private void Decide()
    {
        if (Interlocked.Exchange(ref _isDecided, 1) != 0)
            throw new InvalidOperationException($"The incoming connection from {RemoteEndPoint} was decided already, or the time to decide has run out.");
    }
}
