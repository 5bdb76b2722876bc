using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace Messaging.Interop.Tests.Peers;

/// <summary>Ports that the operating system chooses, on the loopback interface.</summary>
internal static class LoopbackPort
{
    /// <summary>Several at once, all different. Another program may take one before it is used: starting is tried again with others.</summary>
    public static int[] Free(int count)
    {
        var sockets = new Socket[count];
        var ports = new int[count];
        for (var i = 0; i < count; i++)
        {
            sockets[i] = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            sockets[i].Bind(new IPEndPoint(IPAddress.Loopback, 0));
            ports[i] = ((IPEndPoint)sockets[i].LocalEndPoint!).Port;
        }

        foreach (var socket in sockets)
            socket.Dispose();
        return ports;
    }

    /// <summary>Whether someone listens there, without connecting: a peer that serves one connection must not lose it to a probe.</summary>
    public static bool IsListening(int port) =>
        Array.Exists(IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners(), e => e.Port == port);
}
