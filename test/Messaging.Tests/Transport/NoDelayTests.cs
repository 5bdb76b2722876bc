using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Messaging.Client;
using Messaging.Tests.Support;
using Messaging.Tests.Transport.Tls;
using Messaging.Transport;

namespace Messaging.Tests.Transport;

/// <summary>The loop writes once a turn: Nagle's algorithm would only hold back the end of it until the peer acknowledges the beginning (TCP_NODELAY).</summary>
public sealed class NoDelayTests
{
    [Fact]
    public async Task Tcp_BothSides_DoNotDelay()
    {
        await using TestPair pair = await TestPair.OpenAsync(tcp: true);

        Assert.True(await IsNoDelayAsync(pair.Connection));
        Assert.True(await IsNoDelayAsync(pair.Accepted));
    }

    [Fact]
    public async Task Tls_BothSides_DoNotDelay()
    {
        await using var testing = new TlsTesting();
        IListener listener = await testing.ListenAsync();

        (IConnection connection, _, IConnection accepted) = await testing.ConnectAsync(listener);
        await using IConnection closing = connection;

        Assert.True(await IsNoDelayAsync(connection));
        Assert.True(await IsNoDelayAsync(accepted));
    }

    private static Task<bool> IsNoDelayAsync(IConnection connection)
    {
        var known = (Connection)connection;
        return known.Loop.InvokeAsync(() => SocketOf((StreamTransport)known.Loop.Transport!).NoDelay).Bounded();
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_socket")]
    private static extern ref readonly Socket SocketOf(StreamTransport transport);
}
