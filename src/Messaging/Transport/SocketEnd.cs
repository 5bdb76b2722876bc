using System.Net.Sockets;

namespace Messaging.Transport;

/// <summary>The ways in which a socket ends.</summary>
internal static class SocketEnd
{
    private const int MaxLingerBytes = 4 * 1024 * 1024;

    /// <summary>At once, by RST: a peer that never reads would otherwise hold our unsent bytes in the kernel for minutes.</summary>
    public static void Reset(Socket socket)
    {
        try
        {
            socket.LingerState = new LingerOption(enable: true, seconds: 0);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // gone already
        }

        socket.Dispose();
    }

    /// <summary>Sends FIN: the peer reads to the end.</summary>
    public static void FinishSending(Socket socket)
    {
        try
        {
            socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // the stream is gone already, which is the end as well
        }
    }

    /// <summary>Reads to the end, for a limited time. Closing a socket with unread input makes the kernel send RST, and that can destroy our last bytes before the peer has read them.</summary>
    public static async ValueTask DrainAsync(Socket socket, TransportSettings settings)
    {
        try
        {
            using var timeout = new CancellationTokenSource(settings.LingerTimeout, settings.TimeProvider);
            byte[] scratch = new byte[8192];
            for (int total = 0; total < MaxLingerBytes;)
            {
                int count = await socket.ReceiveAsync(scratch.AsMemory(), SocketFlags.None, timeout.Token).ConfigureAwait(false);
                if (count == 0) return;
                total += count;
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // reset, aborted meanwhile, or out of patience: it is closed either way
        }
    }

    /// <summary>Whether bytes wait to be read.</summary>
    public static bool HasInput(Socket socket)
    {
        try
        {
            return socket.Available > 0;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return false;
        }
    }
}
