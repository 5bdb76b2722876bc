using System.Net;
using System.Net.Sockets;

namespace Comparison.Peer;

/// <summary>The other side of the comparison: one process, the same for every client that is measured.</summary>
internal static class Program
{
    /// <summary>
    /// A client that writes each message by itself fills the default buffer with the overhead of small segments; the kernel then
    /// drops some, and the round waits for retransmissions. Inherited by the accepted sockets; the system's limit holds.
    /// </summary>
    private const int ReceiveBufferBytes = 4 * 1024 * 1024;

    private static int Main()
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Server.ReceiveBufferSize = ReceiveBufferBytes;
        listener.Start();
        Console.WriteLine($"LISTENING {((IPEndPoint)listener.LocalEndpoint).Port}");
        EndWithStandardInput();
        while (true)
        {
            Socket socket = listener.AcceptSocket();
            socket.NoDelay = true;
            // A thread of its own and blocking calls: no polling thread and no hops between the client and its answer.
            new Thread(() => Serve(socket)) { IsBackground = true, Name = "peer" }.Start();
        }
    }

    private static void Serve(Socket socket)
    {
        using var stream = new PeerStream(socket); // closed after the reason has been written
        try
        {
            new PeerConnection(stream).Run();
        }
        catch (Exception e) when (e is SocketException or IOException or ObjectDisposedException)
        {
            // The client is gone. That is how many of its connections end.
        }
        catch (Exception e)
        {
            Console.Error.WriteLine($"peer: connection ended: {e}");
        }
    }

    /// <summary>The benchmark holds our standard input: when it ends, however it ends, so do we.</summary>
    private static void EndWithStandardInput() => new Thread(() =>
    {
        while (Console.In.Read() >= 0)
        {
            // Nothing is ever said here.
        }
        Environment.Exit(0);
    })
    { IsBackground = true, Name = "stdin" }.Start();
}
