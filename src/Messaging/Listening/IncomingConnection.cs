using System.Security.Cryptography.X509Certificates;
using Messaging.Amqp;
using Messaging.Amqp.Framing;
using Messaging.Client;
using Messaging.Loop;

namespace Messaging.Listening;

/// <summary>A peer that has brought its open, to be accepted or refused once.</summary>
internal sealed class IncomingConnection(Connection connection, in Open open, string identity, string? mechanism) : IIncomingConnection
{
    private readonly CancellationTokenSource _ended = new();
    private int _isDecided;
    private LinkedListNode<IncomingConnection>? _place;

    /// <summary>Its place in the listener's queue.</summary>
    public LinkedListNode<IncomingConnection> Place => _place ??= new LinkedListNode<IncomingConnection>(this);

    public string Identity { get; } = identity;

    public string? SaslMechanism { get; } = mechanism;

    public string RemoteContainerId { get; } = open.ContainerId;

    public string? Hostname { get; } = open.Hostname;

    public string RemoteEndPoint { get; } = connection.Loop.Transport!.RemoteEndPoint;

    public bool IsEncrypted { get; } = connection.Loop.Transport!.IsSecure;

    public X509Certificate2? ClientCertificate { get; } = connection.Loop.Transport!.Security?.RemoteCertificate;

    public IReadOnlyDictionary<Symbol, object?> RemoteProperties { get; } = open.Properties ?? Empty.Fields;

    public IReadOnlyList<Symbol> RemoteOfferedCapabilities { get; } = open.OfferedCapabilities ?? [];

    public IReadOnlyList<Symbol> RemoteDesiredCapabilities { get; } = open.DesiredCapabilities ?? [];

    /// <summary>The loop that owns it.</summary>
    public ConnectionLoop Loop => connection.Loop;

    public bool IsDecided => Volatile.Read(ref _isDecided) != 0;

    public async ValueTask<IConnection> AcceptAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Decide();
        Task accepting = connection.Loop.InvokeAsync(() =>
        {
            connection.Loop.Engine!.Open();
            connection.MarkOpen();
        });
        try
        {
            await accepting.WaitAsync(cancellationToken).ConfigureAwait(false);
            return connection;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // It was accepted for a caller who does not wait any more: it is nobody's.
            _ = accepting.ContinueWith(_ => connection.DisposeAsync().AsTask(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            throw;
        }
    }

    public async ValueTask RefuseAsync(AmqpError error, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(error);
        Encodable.Require(error);
        Decide();
        await connection.Loop.InvokeAsync(() => connection.Loop.Engine!.Refuse(error)).WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Refuses it unless the application was quicker: the listener was closed, or the peer may not connect.</summary>
    public void Abandon(AmqpError error)
    {
        if (Interlocked.Exchange(ref _isDecided, 1) == 0)
            _ = connection.Loop.InvokeAsync(() => connection.Loop.Engine!.Refuse(error));
    }

    /// <summary>Cancelled when the peer went away, or the time to decide ran out.</summary>
    public CancellationToken Ended => _ended.Token;

    /// <summary>The peer went away, or the time to decide ran out. Runs on the loop, so what hangs on the token does not.</summary>
    public void OnEnded()
    {
        Interlocked.Exchange(ref _isDecided, 1);
        _ = _ended.CancelAsync();
    }

    private void Decide()
    {
        if (Interlocked.Exchange(ref _isDecided, 1) != 0)
            throw new InvalidOperationException($"The incoming connection from {RemoteEndPoint} was decided already, or the time to decide has run out.");
    }
}
