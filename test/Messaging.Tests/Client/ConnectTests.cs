using System.Net;
using System.Net.Sockets;
using Messaging.Amqp;
using Messaging.Amqp.Framing;
using Messaging.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Messaging.Tests.Client;

/// <summary>Opening connections: retries, time-outs, what open says, and the shared connection.</summary>
public sealed class ConnectTests
{
    [Fact]
    public async Task Connect_ServerComesLater_IsTriedAgain()
    {
        var time = new FakeTimeProvider();
        await using var client = new MessagingClient(new MessagingClientOptions { TimeProvider = time });
        string url = TestPair.UniqueUrl();
        Task<IConnection> connecting = client.ConnectAsync(new ConnectionOptions { Url = url, ConnectTimeout = Timeout.InfiniteTimeSpan, HandshakeTimeout = Timeout.InfiniteTimeSpan, IdleTimeout = TimeSpan.Zero }, BoundedWaits.Stop).AsTask();
        await using IListener listener = await client.ListenAsync(new ListenerOptions { Url = url, HandshakeTimeout = Timeout.InfiniteTimeSpan, DecisionTimeout = Timeout.InfiniteTimeSpan }, BoundedWaits.Stop).Bounded();
        Task<IIncomingConnection> incoming = listener.AcceptAllAsync(BoundedWaits.Stop).FirstAsync(BoundedWaits.Stop).AsTask();

        await time.PassUntilAsync(Task.WhenAny(incoming, connecting), TimeSpan.FromMilliseconds(100));
        await (await incoming.Bounded()).AcceptAsync(BoundedWaits.Stop).Bounded();

        Assert.Equal(ConnectionState.Connected, (await connecting.Bounded()).State);
    }

    [Fact]
    public async Task Connect_NoServerWithinConnectTimeout_ThrowsWithTheAttempts()
    {
        var time = new FakeTimeProvider();
        await using var client = new MessagingClient(new MessagingClientOptions { TimeProvider = time });
        string url = TestPair.UniqueUrl();

        Task<IConnection> connecting = client.ConnectAsync(new ConnectionOptions { Url = url, ConnectTimeout = TimeSpan.FromSeconds(5) }, CancellationToken.None).AsTask();
        await time.PassUntilAsync(connecting, TimeSpan.FromMilliseconds(50));

        MessagingConnectionException exception = await connecting.Throws<MessagingConnectionException>();
        Assert.True(exception.IsTransient);
        Assert.Contains(url, exception.Message, StringComparison.Ordinal);
        Assert.Contains("attempts", exception.Message, StringComparison.Ordinal);
        Assert.Contains("no listener", exception.Message, StringComparison.Ordinal);
        Assert.Contains("ConnectTimeout", exception.Message, StringComparison.Ordinal);
        Assert.NotNull(exception.InnerException);
    }

    [Fact]
    public async Task Connect_PortZero_IsRefusedAtOnce()
    {
        await using var client = new MessagingClient();

        FormatException exception = await client.ConnectAsync("amqp://alice:t0ps3cret@localhost:0", BoundedWaits.Stop).Throws<FormatException, IConnection>();

        Assert.Contains("amqp://alice:***@localhost:0 has port 0", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connect_WithoutReconnect_TriesOnce()
    {
        using var reserved = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        reserved.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        string url = $"amqp://127.0.0.1:{((IPEndPoint)reserved.LocalEndPoint!).Port}";
        await using var client = new MessagingClient();

        MessagingConnectionException exception = await client.ConnectAsync(new ConnectionOptions { Url = url, Reconnect = false }, BoundedWaits.Stop)
            .Throws<MessagingConnectionException, IConnection>();

        Assert.Contains(url, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connect_SilentServer_EndsWithConnectTimeoutOrCancellation()
    {
        var time = new FakeTimeProvider();
        await using RawServer server = await RawServer.ListenAsync(new MessagingClientOptions { TimeProvider = time });
        using var stop = new CancellationTokenSource();
        Task<IConnection> cancelled = server.Client.ConnectAsync(server.Url, stop.Token).AsTask();
        RawPeer first = await server.AcceptAsync();
        await first.ReadAsync<string>();
        await stop.CancelAsync();
        await cancelled.ThrowsAny<OperationCanceledException>();
        Assert.Empty(await first.ReadToEndAsync());

        Task<IConnection> timed = server.Client.ConnectAsync(server.Url, BoundedWaits.Stop).AsTask();
        RawPeer second = await server.AcceptAsync();
        await second.ReadAsync<string>();
        await time.PassUntilAsync(timed, TimeSpan.FromSeconds(30));

        MessagingConnectionException exception = await timed.Throws<MessagingConnectionException>();
        Assert.Contains("no connection within", exception.Message, StringComparison.Ordinal);
        Assert.Empty(await second.ReadToEndAsync());
        await first.DisposeAsync();
        await second.DisposeAsync();
    }

    [Fact]
    public async Task Connect_WrongHeader_IsDefiniteAndNamesBoth()
    {
        await using RawServer server = await RawServer.ListenAsync();
        Task<IConnection> connecting = server.Client.ConnectAsync(server.Url, BoundedWaits.Stop).AsTask();
        RawPeer peer = await server.AcceptAsync();

        await peer.SendRawAsync("AMQP\x00\x00\x09\x01"u8.ToArray());

        MessagingConnectionException exception = await connecting.Throws<MessagingConnectionException>();
        Assert.False(exception.IsTransient);
        Assert.Contains("AMQP 3 1.0.0", exception.Message, StringComparison.Ordinal);
        Assert.Contains("AMQP 0 0.9.1", exception.Message, StringComparison.Ordinal);
        await peer.DisposeAsync();
    }

    [Fact]
    public async Task Connect_Open_TellsContainerHostAndProduct()
    {
        await using RawServer server = await RawServer.ListenAsync(new MessagingClientOptions { ContainerId = "me" });
        ValueTask<IConnection> connecting = server.Client.ConnectAsync(
            new ConnectionOptions { Url = server.Url, VirtualHost = "tenant", IdleTimeout = TimeSpan.FromSeconds(20), MaxFrameSize = 4096, ChannelMax = 7, DesiredCapabilities = ["c"] },
            BoundedWaits.Stop);
        RawPeer peer = await server.AcceptAsync();

        Open open = await peer.OpenAsServerAsync(new Open { ContainerId = "them", OfferedCapabilities = ["o"], Properties = new Dictionary<Symbol, object?> { ["product"] = "raw" } });

        await using IConnection connection = await connecting.Bounded();
        Assert.Equal(("me", "tenant", 10_000u, 4096u, (ushort)7), (open.ContainerId, open.Hostname, open.IdleTimeOut!.Value, open.MaxFrameSize!.Value, open.ChannelMax!.Value));
        Assert.Equal(["c"], open.DesiredCapabilities!);
        Assert.True(open.Properties!.ContainsKey("product"));
        Assert.Equal("me", server.Client.ContainerId);
        Assert.Equal("them", connection.RemoteContainerId);
        Assert.Equal("raw", connection.RemoteProperties["product"]);
        Assert.Equal(["o"], connection.RemoteOfferedCapabilities);
        await peer.DisposeAsync();
    }

    [Fact]
    public async Task ContainerId_Unset_IsAUuid()
    {
        await using var client = new MessagingClient();

        Assert.True(Guid.TryParse(client.ContainerId, out _));
    }

    [Fact]
    public async Task GetConnection_FiftyCallers_OpenOne()
    {
        string url = TestPair.UniqueUrl();
        await using var client = new MessagingClient(new MessagingClientOptions { Connection = new ConnectionOptions { Url = url } });
        await using var server = new MessagingClient();
        await using IListener listener = await server.ListenAsync(url, BoundedWaits.Stop).Bounded();

        Task<IConnection>[] calls = [.. Enumerable.Range(0, 50).Select(_ => BoundedWaits.Run(() => client.GetConnectionAsync(BoundedWaits.Stop).AsTask()))];
        IIncomingConnection incoming = await listener.AcceptAllAsync(BoundedWaits.Stop).FirstAsync(BoundedWaits.Stop).Bounded();
        IConnection accepted = await incoming.AcceptAsync(BoundedWaits.Stop).Bounded();

        IConnection[] connections = await Task.WhenAll(calls).Bounded();
        Assert.Single(connections.Distinct());

        // Once it has ended, the next call opens another one.
        await accepted.CloseAsync(BoundedWaits.Stop).Bounded();
        await connections[0].Closed.Bounded();
        ValueTask<IConnection> again = client.GetConnectionAsync(BoundedWaits.Stop);
        await (await listener.AcceptAllAsync(BoundedWaits.Stop).FirstAsync(BoundedWaits.Stop).Bounded()).AcceptAsync(BoundedWaits.Stop).Bounded();
        Assert.NotSame(connections[0], await again.Bounded());
    }

    [Fact]
    public async Task GetConnection_FailedOpen_IsTriedAgainByTheNextCall()
    {
        string url = TestPair.UniqueUrl();
        await using var client = new MessagingClient(new MessagingClientOptions { Connection = new ConnectionOptions { Url = url, Reconnect = false } });
        await client.GetConnectionAsync(BoundedWaits.Stop).Throws<MessagingConnectionException, IConnection>();
        await using IListener listener = await client.ListenAsync(url, BoundedWaits.Stop).Bounded();

        ValueTask<ISender> creating = client.CreateSenderAsync("q", BoundedWaits.Stop);
        IConnection accepted = await (await listener.AcceptAllAsync(BoundedWaits.Stop).FirstAsync(BoundedWaits.Stop).Bounded()).AcceptAsync(BoundedWaits.Stop).Bounded();
        IIncomingLink link = await accepted.IncomingLinksAsync(BoundedWaits.Stop).FirstAsync(BoundedWaits.Stop).Bounded();
        await link.AcceptReceiverAsync(null, BoundedWaits.Stop).Bounded();

        Assert.Equal("q", (await creating.Bounded()).Target.Address);
        await accepted.DisposeAsync();
    }

    [Fact]
    public async Task States_OpenAndClose_AreToldInOrder()
    {
        await using TestPair pair = await TestPair.OpenAsync();
        List<(ConnectionState From, ConnectionState To)> changes = [];
        var done = new TaskCompletionSource();
        pair.Connection.StateChanged += (_, _) => throw new InvalidOperationException("a handler must not stop the others");
        pair.Connection.StateChanged += (sender, change) =>
        {
            Assert.Same(pair.Connection, sender);
            changes.Add((change.Previous, change.Current));
            if (change.Current == ConnectionState.Closed)
                done.SetResult();
        };

        await pair.Connection.CloseAsync(BoundedWaits.Stop).Bounded();

        await done.Task.Bounded();
        Assert.Equal([(ConnectionState.Connected, ConnectionState.Closing), (ConnectionState.Closing, ConnectionState.Closed)], changes);
    }

    [Fact]
    public async Task States_LostConnection_IsFaultedWithTheCause()
    {
        await using RawServer server = await RawServer.OpenAsync();
        var faulted = new TaskCompletionSource<ConnectionStateChangedEventArgs>(TaskCreationOptions.RunContinuationsAsynchronously);
        server.Connection.StateChanged += (_, change) => faulted.TrySetResult(change);

        await server.Peer.DisposeAsync();

        ConnectionStateChangedEventArgs change = await faulted.Task.Bounded();
        Assert.Equal(ConnectionState.Faulted, change.Current);
        Assert.IsType<MessagingConnectionException>(change.Cause);
        Assert.Equal(CloseInitiator.Transport, (await server.Connection.Closed.Bounded()).Initiator);
    }

    [Fact]
    public async Task GetConnection_ClientDisposedMeanwhile_ThrowsObjectDisposed()
    {
        var client = new MessagingClient(new MessagingClientOptions { Connection = new ConnectionOptions { Url = TestPair.UniqueUrl(), ConnectTimeout = Timeout.InfiniteTimeSpan } });
        Task<IConnection> connecting = client.GetConnectionAsync(BoundedWaits.Stop).AsTask();
        Assert.False(connecting.IsCompleted);

        await client.DisposeAsync().Bounded();

        await connecting.Throws<ObjectDisposedException>();
    }

    [Fact]
    public async Task CreateSession_ChannelMaxReached_ThrowsSessionExceptionAndRoomComesBack()
    {
        await using TestPair pair = await TestPair.OpenAsync(listener: new ListenerOptions { ChannelMax = 0 });
        ISession session = await pair.Connection.CreateSessionAsync(cancellationToken: BoundedWaits.Stop).Bounded();

        SessionException exception = await pair.Connection.CreateSessionAsync(cancellationToken: BoundedWaits.Stop).Throws<SessionException, ISession>();

        Assert.True(exception.IsTransient);
        Assert.Contains("channel-max", exception.Message, StringComparison.Ordinal);
        Assert.Contains(pair.Listener.Url, exception.Message, StringComparison.Ordinal);
        Assert.Contains("Close sessions", exception.Message, StringComparison.Ordinal);
        await session.CloseAsync(BoundedWaits.Stop).Bounded();
        await using ISession next = await pair.Connection.CreateSessionAsync(cancellationToken: BoundedWaits.Stop).Bounded();
    }

    [Fact]
    public async Task CreateSender_HandleMaxReached_ThrowsLinkExceptionThatSaysWhatToDo()
    {
        await using RawServer server = await RawServer.OpenAsync();
        ValueTask<ISender> creating = server.Connection.CreateSenderAsync("first", BoundedWaits.Stop);
        await server.Peer.ReadAsync<Begin>();
        await server.Peer.SendAsync(new Begin { RemoteChannel = 0, NextOutgoingId = 0, IncomingWindow = 100, OutgoingWindow = 100, HandleMax = 0 });
        await server.Peer.AnswerAttachAsync();
        await creating.Bounded();

        LinkException exception = await server.Connection.CreateReceiverAsync("second", BoundedWaits.Stop).Throws<LinkException, IReceiver>();

        Assert.Contains("The receiver from 'second'", exception.Message, StringComparison.Ordinal);
        Assert.Contains(server.Url, exception.Message, StringComparison.Ordinal);
        Assert.Contains("handle-max", exception.Message, StringComparison.Ordinal);
        Assert.Contains("Close links", exception.Message, StringComparison.Ordinal);
    }
}
