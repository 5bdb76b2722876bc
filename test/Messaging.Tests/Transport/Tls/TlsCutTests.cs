using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using Messaging.Tests.Support;

namespace Messaging.Tests.Transport.Tls;

/// <summary>The network ends after so many bytes of a handshake: always a loss that passes, on either side, and the listener goes on.</summary>
public sealed class TlsCutTests
{
    public static MatrixTheoryData<int, bool, bool, SslProtocols> Cuts =>
        new([0, 1, 4, 5, 80, 250, 400, 600], [false, true], [false, true], [SslProtocols.Tls12, SslProtocols.Tls13]);

    [Theory]
    [MemberData(nameof(Cuts))]
    public async Task Connect_CutOnTheWay_IsTransient(int bytes, bool isToServer, bool isReset, SslProtocols version)
    {
        await using var testing = new TlsTesting();
        IListener listener = await testing.ListenAsync(options => options.Tls!.Protocols = version);
        string url = testing.Serve(client => RelayAsync(client, ConnectionUrl.Parse(listener.Url).Port, isToServer ? bytes : int.MaxValue, isToServer ? int.MaxValue : bytes, isReset));

        MessagingConnectionException error = await testing.FailsAsync<MessagingConnectionException>(url);

        Assert.True(error.IsTransient, error.Message);
        _ = BoundedWaits.Run(async () =>
        {
            await foreach (IIncomingConnection incoming in listener.AcceptAllAsync(BoundedWaits.Stop))
                await ((Task)incoming.AcceptAsync(BoundedWaits.Stop).AsTask()).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // the one that was cut may have come this far
        });
        await (await testing.Client.ConnectAsync(testing.Options(listener.Url), BoundedWaits.Stop).Bounded()).DisposeAsync();
    }

    private static async Task RelayAsync(Socket client, int port, int toServer, int toClient, bool isReset)
    {
        using var server = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await server.ConnectAsync(IPAddress.Loopback, port, BoundedWaits.Stop);
        await Task.WhenAny(CopyAsync(client, server, toServer), CopyAsync(server, client, toClient));
        foreach (Socket socket in new[] { client, server })
        {
            if (isReset) socket.Reset();
            else socket.Dispose();
        }
    }

    /// <summary>Ends when so many bytes have passed, or when the stream has ended.</summary>
    private static async Task CopyAsync(Socket from, Socket to, int left)
    {
        byte[] buffer = new byte[4096];
        while (left > 0)
        {
            int read = await from.ReceiveAsync(buffer.AsMemory(0, Math.Min(buffer.Length, left)), BoundedWaits.Stop);
            if (read == 0) return;
            await to.SendAsync(buffer.AsMemory(0, read), BoundedWaits.Stop);
            left -= read;
        }
    }
}
