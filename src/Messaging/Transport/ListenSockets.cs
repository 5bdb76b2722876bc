using System.Net;
using System.Net.Sockets;

namespace Messaging.Transport;

/// <summary>Binds the sockets of a listener: one per address, all on one port.</summary>
internal static class ListenSockets
{
    private const int PortAttempts = 16;

    public static async ValueTask<List<Socket>> BindAsync(ConnectionUrl url, int backlog, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        IPAddress[] addresses = await AddressesAsync(url, cancellationToken).ConfigureAwait(false);
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return BindAll(addresses, url.Port, backlog);
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse && url.Port == 0 && attempt < PortAttempts)
            {
                // the port that the system chose for one address is taken on another: let it choose again
            }
            catch (SocketException e)
            {
                throw Failed(url, e);
            }
        }
    }

    private static async ValueTask<IPAddress[]> AddressesAsync(ConnectionUrl url, CancellationToken cancellationToken)
    {
        if (IPAddress.TryParse(url.Host, out IPAddress? literal)) return [literal];
        if (url.Host == "localhost") return [IPAddress.Loopback, IPAddress.IPv6Loopback]; // whatever /etc/hosts says: it must never mean an outside address

        try
        {
            return await Dns.GetHostAddressesAsync(url.Host, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            string reason = e is SocketException socket ? TransportErrors.Reason(socket) : e.Message;
            throw new MessagingConnectionException($"Cannot listen on {url.Endpoint}: the host name '{url.Host}' cannot be resolved: {reason}. Use an address of this machine, localhost, 0.0.0.0 or [::].", isTransient: false, innerException: e);
        }
    }

    private static List<Socket> BindAll(IPAddress[] addresses, int port, int backlog)
    {
        var sockets = new List<Socket>(addresses.Length);
        SocketException? unavailable = null;
        try
        {
            foreach (IPAddress address in addresses)
            {
                try
                {
                    sockets.Add(Bind(address, port, backlog));
                    port = ((IPEndPoint)sockets[0].LocalEndPoint!).Port;
                }
                catch (SocketException e) when (e.SocketErrorCode is SocketError.AddressNotAvailable or SocketError.AddressFamilyNotSupported)
                {
                    unavailable = e; // a machine without IPv6 has no ::1: the other address is enough
                }
            }

            return sockets.Count > 0 ? sockets : throw unavailable ?? new SocketException((int)SocketError.AddressNotAvailable);
        }
        catch
        {
            foreach (Socket socket in sockets) socket.Dispose();
            throw;
        }
    }

    private static Socket Bind(IPAddress address, int port, int backlog)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (OperatingSystem.IsWindows()) socket.ExclusiveAddressUse = true; // elsewhere nobody can share a port without our asking for it
            if (address.AddressFamily == AddressFamily.InterNetworkV6) socket.DualMode = address.Equals(IPAddress.IPv6Any);
            socket.Bind(new IPEndPoint(address, port));
            socket.Listen(backlog);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static MessagingConnectionException Failed(ConnectionUrl url, SocketException e)
    {
        string what = e.SocketErrorCode switch
        {
            SocketError.AddressAlreadyInUse => "something listens there already. Stop it, or use another port (0 lets the system choose)",
            SocketError.AccessDenied => "the system does not permit it. Ports below 1024 often need privileges",
            SocketError.AddressNotAvailable => "this machine does not have that address. Use localhost, 0.0.0.0 or [::]",
            _ => TransportErrors.Reason(e),
        };
        return new MessagingConnectionException($"Cannot listen on {url.Endpoint}: {what}.", isTransient: e.SocketErrorCode == SocketError.AddressAlreadyInUse, innerException: e);
    }
}
