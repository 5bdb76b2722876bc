using System.Net;
using System.Net.Sockets;

namespace Messaging.Transport;

/// <summary>Makes a TCP connection: resolves the name, races its addresses.</summary>
internal static class TcpConnector
{
    public static async ValueTask<ITransport> ConnectAsync(ConnectionUrl url, TransportSettings settings, CancellationToken cancellationToken)
    {
        Socket socket = await ConnectSocketAsync(url, settings, cancellationToken).ConfigureAwait(false);
        try
        {
            StreamTransport transport = StreamTransport.FromSocket(socket, settings);
            TransportLog.Connected(settings.Logger, transport.LocalEndPoint, transport.RemoteEndPoint);
            return transport;
        }
        catch (SocketException e)
        {
            throw new MessagingConnectionException($"The connection to {url.Endpoint} was lost as soon as it was made: {TransportErrors.Reason(e)}.", innerException: e);
        }
    }

    /// <summary>The connected socket, for TCP itself and for what wraps it.</summary>
    internal static async Task<Socket> ConnectSocketAsync(ConnectionUrl url, TransportSettings settings, CancellationToken cancellationToken)
    {
        List<IPAddress> addresses = await ResolveAsync(url, settings, cancellationToken).ConfigureAwait(false);
        return (await new AddressRace(url, settings, ConnectOneAsync).RunAsync(addresses, cancellationToken).ConfigureAwait(false)).Socket;
    }

    /// <summary>The addresses of the host, in the order in which to try them.</summary>
    internal static async Task<List<IPAddress>> ResolveAsync(ConnectionUrl url, TransportSettings settings, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (url.Port == 0) throw new MessagingConnectionException($"Cannot connect to {url.Endpoint}: port 0 is for listening only. Name the server's port.", isTransient: false);
        if (IPAddress.TryParse(url.Host, out IPAddress? literal)) return [literal];

        try
        {
            IPAddress[] addresses = await settings.Resolve(url.Host, cancellationToken).ConfigureAwait(false);
            if (addresses.Length > 0) return AddressRace.Interleave(addresses);
        }
        catch (SocketException e)
        {
            throw Unresolved(url, TransportErrors.Reason(e), e);
        }
        catch (ArgumentException e) // a name that is too long or has a bad label
        {
            throw Unresolved(url, e.Message, e);
        }

        throw Unresolved(url, "it has no address", null);
    }

    internal static async Task<Socket> ConnectOneAsync(IPEndPoint endPoint, CancellationToken cancellationToken)
    {
        var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(endPoint, cancellationToken).ConfigureAwait(false);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static MessagingConnectionException Unresolved(ConnectionUrl url, string reason, Exception? cause) =>
        new($"Cannot connect to {url.Endpoint}: the host name '{url.Host}' cannot be resolved: {reason}. Check the name and the name server.", innerException: cause);
}
