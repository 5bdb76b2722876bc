using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Messaging.Transport;

/// <summary>Turns what the network throws into exceptions that say which connection and why.</summary>
internal static class TransportErrors
{
    public static MessagingConnectionException Lost(ITransport transport, Exception cause)
    {
        SocketException? socket = cause as SocketException ?? cause.InnerException as SocketException;
        string what = socket?.SocketErrorCode switch
        {
            SocketError.ConnectionReset => "was reset by the peer",
            SocketError.Shutdown or SocketError.ConnectionAborted => "was closed by the peer while this side was writing",
            SocketError.TimedOut => "timed out: the peer stopped answering",
            SocketError.NetworkReset or SocketError.NetworkDown or SocketError.NetworkUnreachable or SocketError.HostUnreachable => "was lost: " + Reason(socket),
            _ => "failed: " + (socket is null ? cause.Message : Reason(socket)),
        };
        return new MessagingConnectionException($"The connection from {transport.LocalEndPoint} to {transport.RemoteEndPoint} {what}.", innerException: cause);
    }

    public static MessagingConnectionException Aborted(ITransport transport, Exception? cause = null) =>
        new($"The connection from {transport.LocalEndPoint} to {transport.RemoteEndPoint} was aborted on this side.", innerException: cause);

    public static MessagingConnectionException ResetByPeer(ITransport transport) =>
        new($"The connection from {transport.LocalEndPoint} to {transport.RemoteEndPoint} was reset by the peer.");

    public static MessagingConnectionException ClosedByPeer(ITransport transport) =>
        new($"The connection from {transport.LocalEndPoint} to {transport.RemoteEndPoint} was closed by the peer while this side was writing.");

    /// <summary>The system's words without the endpoint that .NET sometimes appends.</summary>
    public static string Reason(SocketException e) =>
        string.Create(CultureInfo.InvariantCulture, $"{new SocketException((int)e.SocketErrorCode).Message} ({e.SocketErrorCode})");

    public static string Format(EndPoint? endPoint)
    {
        if (endPoint is not IPEndPoint ip) return endPoint?.ToString() ?? "unknown";
        return ip.Address.IsIPv4MappedToIPv6 ? new IPEndPoint(ip.Address.MapToIPv4(), ip.Port).ToString() : ip.ToString();
    }
}
