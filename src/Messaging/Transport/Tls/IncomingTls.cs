using System.IO.Pipelines;
using System.Net.Sockets;

namespace Messaging.Transport;

/// <summary>A connection that a TLS listener has accepted and that has yet to do its handshake.</summary>
internal sealed class IncomingTls(Socket socket, TransportSettings settings, TlsAcceptor acceptor) : IPendingTransport
{
    public PipeReader Input => throw NotYet();

    public PipeWriter Output => throw NotYet();

    public string LocalEndPoint { get; } = TransportErrors.Format(socket.LocalEndPoint);

    public string RemoteEndPoint { get; } = TransportErrors.Format(socket.RemoteEndPoint);

    public TransportSecurity? Security => null;

    public bool IsInProcess => false;

    public bool CanLook => false;

    public bool LookForInput() => false;

    public async ValueTask<ITransport> EstablishAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await acceptor.EstablishAsync(socket, new NetworkStream(socket, ownsSocket: true), cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            Abort();
            throw;
        }
        catch (Exception e)
        {
            SocketEnd.FinishSending(socket);
            await SocketEnd.DrainAsync(socket, settings).ConfigureAwait(false);
            socket.Dispose();
            if (e is not (IOException or SocketException)) throw;
            throw new MessagingConnectionException(TlsFailure.Lost(e, "before the TLS handshake"), innerException: e);
        }
    }

    public void Abort() => SocketEnd.Reset(socket);

    public ValueTask DisposeAsync()
    {
        socket.Dispose();
        return ValueTask.CompletedTask;
    }

    private static InvalidOperationException NotYet() => new("The TLS handshake has not been done yet; nothing is read or written before it.");
}
