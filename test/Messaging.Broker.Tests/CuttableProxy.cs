using System.Net;
using System.Net.Sockets;

namespace Messaging.Broker.Tests;

/// <summary>Passes one TCP connection on to a server until it is cut, as a network would: without a word.</summary>
internal sealed class CuttableProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _cut = new();
    private readonly Task _running;

    public CuttableProxy(string url)
    {
        _listener.Start();
        _running = RunAsync(new Uri(url));
    }

    public string Url => $"amqp://{_listener.LocalEndpoint}";

    public void Cut() => _cut.Cancel();

    public async ValueTask DisposeAsync()
    {
        await _cut.CancelAsync();
        _listener.Dispose();
        await _running;
        _cut.Dispose();
    }

    private static async Task CopyAsync(NetworkStream from, NetworkStream to, CancellationToken cancellationToken)
    {
        try
        {
            await from.CopyToAsync(to, cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // Cut.
        }
    }

    private async Task RunAsync(Uri target)
    {
        try
        {
            using TcpClient client = await _listener.AcceptTcpClientAsync(_cut.Token);
            using var server = new TcpClient();
            await server.ConnectAsync(target.Host, target.Port, _cut.Token);
            await Task.WhenAll(
                CopyAsync(client.GetStream(), server.GetStream(), _cut.Token),
                CopyAsync(server.GetStream(), client.GetStream(), _cut.Token));
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException)
        {
            // Never used, or cut.
        }
    }
}
