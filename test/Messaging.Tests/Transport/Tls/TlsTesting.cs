using System.Net;
using System.Net.Sockets;
using Messaging.Tests.Support;

namespace Messaging.Tests.Transport.Tls;

/// <summary>Certificates, a client that logs, and as many TLS listeners as a test wants.</summary>
internal sealed class TlsTesting : IAsyncDisposable
{
    private readonly List<IListener> _listeners = [];
    private readonly List<Socket> _sockets = [];

    public TlsTesting(TimeProvider? time = null) =>
        Client = new MessagingClient(new MessagingClientOptions { LoggerFactory = Log, TimeProvider = time ?? TimeProvider.System });

    public TestCertificates Certificates { get; } = new();

    public LogCapture Log { get; } = new();

    public MessagingClient Client { get; }

    /// <summary>A listener on <c>localhost</c> with the good certificate, unless told otherwise.</summary>
    public async Task<IListener> ListenAsync(Action<ListenerOptions>? change = null)
    {
        var options = new ListenerOptions { Url = "amqps://localhost:0", Tls = new ListenerTlsOptions() };
        change?.Invoke(options);
        if (options.Tls is { Certificate: null, ServerCertificate: null } tls)
            tls.ServerCertificate = _ => Certificates.Server;
        IListener listener = await Client.ListenAsync(options, BoundedWaits.Stop).Bounded();
        _listeners.Add(listener);
        return listener;
    }

    /// <summary>The client's options: one attempt, and nobody trusted but the test's authority.</summary>
    public ConnectionOptions Options(string url, Action<TlsOptions>? change = null)
    {
        var tls = new TlsOptions { TrustedCertificates = Certificates.Roots };
        change?.Invoke(tls);
        return new ConnectionOptions { Url = url, Tls = tls, Reconnect = false };
    }

    /// <summary>Opens a connection.</summary>
    public async Task<(IConnection Connection, IIncomingConnection Incoming, IConnection Accepted)> ConnectAsync(IListener listener, Action<TlsOptions>? change = null, Action<ConnectionOptions>? more = null)
    {
        ConnectionOptions options = Options(listener.Url, change);
        more?.Invoke(options);
        Task<IConnection> connecting = Client.ConnectAsync(options, BoundedWaits.Stop).AsTask();
        Task<IIncomingConnection> arriving = listener.AcceptAllAsync(BoundedWaits.Stop).FirstAsync(BoundedWaits.Stop).AsTask();
        if (await Task.WhenAny(connecting, arriving).Bounded() == connecting)
            await connecting; // it cannot be open before it is accepted: it failed, and says why
        IIncomingConnection incoming = await arriving;
        IConnection accepted = await incoming.AcceptAsync(BoundedWaits.Stop).Bounded();
        return (await connecting.Bounded(), incoming, accepted);
    }

    /// <summary>The error with which an attempt ends.</summary>
    public Task<T> FailsAsync<T>(string url, Action<TlsOptions>? change = null)
        where T : Exception => Client.ConnectAsync(Options(url, change), BoundedWaits.Stop).Throws<T, IConnection>();

    /// <summary>A server whose every byte the test writes itself; it serves one connection.</summary>
    public string Serve(Func<Socket, Task> script, string scheme = "amqps")
    {
        Socket listening = Listen(new IPEndPoint(IPAddress.Loopback, 0));
        _ = BoundedWaits.Run(async () =>
        {
            using Socket socket = await listening.AcceptAsync(BoundedWaits.Stop);
            await script(socket);
        });
        return $"{scheme}://127.0.0.1:{((IPEndPoint)listening.LocalEndPoint!).Port}";
    }

    /// <summary>A socket that listens.</summary>
    public Socket Listen(IPEndPoint endPoint)
    {
        var listening = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        _sockets.Add(listening);
        listening.Bind(endPoint);
        listening.Listen();
        return listening;
    }

    /// <summary>A socket that is connected to a listener.</summary>
    public async Task<Socket> DialAsync(IListener listener)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        _sockets.Add(socket);
        await socket.ConnectAsync(IPAddress.Loopback, ConnectionUrl.Parse(listener.Url).Port, BoundedWaits.Stop);
        return socket;
    }

    /// <summary>Waits for a log line with this id.</summary>
    public async Task<string> LoggedAsync(int id)
    {
        await BoundedWaits.UntilAsync(() => Log.Lines.Any(line => line.Id == id));
        return Log.Lines.First(line => line.Id == id).Text;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (IListener listener in _listeners)
            await listener.DisposeAsync();
        foreach (Socket socket in _sockets)
            socket.Dispose();
        await Client.DisposeAsync();
        Certificates.Dispose();
    }
}

internal static class RawSockets
{
    public static async Task<byte[]> ReadAsync(this Socket socket, int count)
    {
        byte[] bytes = new byte[count];
        int read = 0;
        while (read < count && await socket.ReceiveAsync(bytes.AsMemory(read), BoundedWaits.Stop).Bounded() is > 0 and { } more)
            read += more;
        return bytes[..read];
    }

    /// <summary>Everything up to the end, which may be a reset.</summary>
    public static async Task<byte[]> ReadToEndAsync(this Socket socket)
    {
        var all = new MemoryStream();
        byte[] bytes = new byte[4096];
        try
        {
            while (await socket.ReceiveAsync(bytes.AsMemory(), BoundedWaits.Stop).Bounded() is > 0 and { } read)
                all.Write(bytes, 0, read);
        }
        catch (SocketException)
        {
            // A reset ends the stream too.
        }

        return all.ToArray();
    }

    public static void Reset(this Socket socket)
    {
        socket.LingerState = new LingerOption(enable: true, seconds: 0);
        socket.Dispose();
    }
}
