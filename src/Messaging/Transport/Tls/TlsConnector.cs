using System.Net;
using System.Net.Sockets;

namespace Messaging.Transport;

/// <summary>Makes a TLS connection over TCP. What TLS refuses is final; an address that resets or closes in the handshake makes room for the next one of the name.</summary>
internal static class TlsConnector
{
    public static async ValueTask<ITransport> ConnectAsync(ConnectionUrl url, TransportSettings settings, CancellationToken cancellationToken)
    {
        using TlsClient client = await TlsClient.PrepareAsync(url, settings, cancellationToken).ConfigureAwait(false);
        List<IPAddress> addresses = await TcpConnector.ResolveAsync(url, settings, cancellationToken).ConfigureAwait(false);
        return await ConnectAsync(client, addresses, url, settings, cancellationToken).ConfigureAwait(false);
    }

    internal static async Task<ITransport> ConnectAsync(TlsClient client, List<IPAddress> addresses, ConnectionUrl url, TransportSettings settings, CancellationToken cancellationToken)
    {
        var race = new AddressRace(url, settings, TcpConnector.ConnectOneAsync);
        while (addresses.Count > 0)
        {
            Socket socket = await race.RunAsync(addresses, cancellationToken).ConfigureAwait(false);
            var endPoint = (IPEndPoint)socket.RemoteEndPoint!;
            try
            {
                return await client.HandshakeAsync(socket, cancellationToken).ConfigureAwait(false);
            }
            catch (MessagingConnectionException e)
            {
                TlsLog.NextAddress(settings.Logger, endPoint.ToString(), url.Endpoint, e.Message);
                race.Failed(endPoint, e);
                addresses.Remove(endPoint.Address);
            }
        }

        throw race.Unreachable();
    }
}
