using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace Messaging.Transport;

/// <summary>Makes a TLS connection over TCP. What TLS refuses is final; an address that resets or closes in the handshake makes room for the next one of the name.</summary>
internal static class TlsConnector
{
    public static async ValueTask<ITransport> ConnectAsync(ConnectionUrl url, TransportSettings settings, CancellationToken cancellationToken)
    {
        using TlsClient client = await TlsClient.PrepareAsync(url, settings, cancellationToken).ConfigureAwait(false);
        List<IPAddress> addresses = await TcpConnector.ResolveAsync(url, settings, cancellationToken).ConfigureAwait(false);
        return await ConnectAsync(client, addresses, new AddressRace(url, settings, TcpConnector.ConnectOneAsync), settings.Logger, cancellationToken).ConfigureAwait(false);
    }

    internal static async Task<ITransport> ConnectAsync(TlsClient client, List<IPAddress> addresses, AddressRace race, ILogger logger, CancellationToken cancellationToken)
    {
        while (addresses.Count > 0)
        {
            (Socket socket, IPEndPoint endPoint) = await race.RunAsync(addresses, cancellationToken).ConfigureAwait(false);
            try
            {
                return await client.HandshakeAsync(socket, cancellationToken).ConfigureAwait(false);
            }
            catch (MessagingConnectionException e)
            {
                TlsLog.NextAddress(logger, endPoint.ToString(), race.Endpoint, e.Message);
                race.Failed(endPoint, e);
                addresses.Remove(endPoint.Address);
            }
        }

        throw race.Unreachable();
    }
}
