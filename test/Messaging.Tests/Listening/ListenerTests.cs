using Messaging.Amqp;
using Messaging.Amqp.Framing;
using Messaging.Tests.Support;
using Microsoft.Extensions.Time.Testing;
using NSubstitute;
using NSubstitute.ExceptionExtensions;

namespace Messaging.Tests.Listening;

/// <summary>Accepting and refusing connections, sessions and links; the listener's limits.</summary>
public sealed class ListenerTests
{
    [Fact]
    public async Task Connection_Refused_TheClientSeesTheError()
    {
        await using TestPair pair = await TestPair.ListenAsync();
        Task<IConnection> connecting = pair.Client.ConnectAsync(new ConnectionOptions { Url = pair.Listener.Url, Reconnect = false }, BoundedWaits.Stop).AsTask();

        IIncomingConnection incoming = await pair.NextConnectionAsync();
        await incoming.RefuseAsync(new AmqpError(ErrorCondition.NotAllowed, "closed today"), BoundedWaits.Stop).Bounded();

        MessagingConnectionException exception = await Assert.ThrowsAsync<MessagingConnectionException>(() => connecting.Bounded());
        Assert.Equal(ErrorCondition.NotAllowed, exception.Error?.Condition);
        Assert.Contains("closed today", exception.Message, StringComparison.Ordinal);
        await incoming.AcceptAsync(BoundedWaits.Stop).Throws<InvalidOperationException, IConnection>();
    }

    [Fact]
    public async Task Connection_Undecided_IsRefusedAtTheDecisionTimeout()
    {
        var time = new FakeTimeProvider();
        await using TestPair pair = await TestPair.ListenAsync(new ListenerOptions { DecisionTimeout = TimeSpan.FromSeconds(7) }, new MessagingClientOptions { TimeProvider = time });
        RawPeer peer = await RawPeer.ConnectAsync(pair.Listener.Url);
        await peer.LogInAsClientAsync();
        await peer.SendRawAsync(FrameWriter.AmqpHeader.ToArray());
        await peer.SendAsync(new Open { ContainerId = "raw" });
        IIncomingConnection incoming = await pair.NextConnectionAsync();
        Assert.Equal("AMQP", await peer.ReadAsync<string>());

        Task<Open> answer = peer.ReadAsync<Open>();
        await time.PassUntilAsync(answer, TimeSpan.FromSeconds(7));

        Assert.True((bool)(await answer).Properties!["amqp:connection-establishment-failed"]!);
        Assert.Equal(ErrorCondition.NotAllowed, (await peer.ReadAsync<Close>()).Error?.Condition);
        await BoundedWaits.UntilAsync(() => ((Messaging.Listening.IncomingConnection)incoming).IsDecided);
        await incoming.AcceptAsync(BoundedWaits.Stop).Throws<InvalidOperationException, IConnection>();
        await peer.DisposeAsync();
    }

    [Fact]
    public async Task Listen_UsersCannotBeAsked_LeavesTheAddressFree()
    {
        await using var client = new MessagingClient();
        ISaslUserStore users = Substitute.For<ISaslUserStore>();
        users.Hashes.Throws(new InvalidOperationException("the database is away"));
        string url = TestPair.UniqueUrl();

        await client.ListenAsync(new ListenerOptions { Url = url, Users = users }, BoundedWaits.Stop).Throws<InvalidOperationException, IListener>();

        await (await client.ListenAsync(url, BoundedWaits.Stop)).DisposeAsync();
    }

    [Fact]
    public async Task Handshake_NothingSent_IsClosedAtTheHandshakeTimeout()
    {
        var time = new FakeTimeProvider();
        await using TestPair pair = await TestPair.ListenAsync(client: new MessagingClientOptions { TimeProvider = time });
        RawPeer peer = await RawPeer.ConnectAsync(pair.Listener.Url);

        Task<List<object>> reading = peer.ReadToEndAsync();
        await time.PassUntilAsync(reading, TimeSpan.FromSeconds(15));

        Assert.Empty(await reading);
        await peer.DisposeAsync();
    }

    [Fact]
    public async Task Link_Undecided_IsRefusedAtTheDecisionTimeout()
    {
        var time = new FakeTimeProvider();
        await using TestPair pair = await TestPair.OpenAsync(
            new ConnectionOptions { IdleTimeout = TimeSpan.Zero },
            new ListenerOptions { DecisionTimeout = TimeSpan.FromSeconds(7), IdleTimeout = TimeSpan.Zero },
            new MessagingClientOptions { TimeProvider = time });
        Task<ISender> creating = pair.Connection.CreateSenderAsync("q", BoundedWaits.Stop).AsTask();
        IIncomingLink link = await pair.NextLinkAsync();

        await time.PassUntilAsync(creating, TimeSpan.FromSeconds(7));

        LinkException exception = await creating.Throws<LinkException>();
        Assert.Equal(ErrorCondition.NotAllowed, exception.Error?.Condition);
        await link.AcceptReceiverAsync(null, BoundedWaits.Stop).Throws<InvalidOperationException, IReceiver>();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Session_AcceptSessionSaysNoOrThrows_IsRefusedAndTheConnectionLives(bool throws)
    {
        int calls = 0;
        await using TestPair pair = await TestPair.OpenAsync(listener: new ListenerOptions
        {
            AcceptSession = _ => ++calls > 1 || (throws ? throw new InvalidDataException("application") : false),
        });

        SessionException exception = await RefusalAsync(pair.Connection);

        Assert.Equal(throws ? ErrorCondition.InternalError : ErrorCondition.NotAllowed, exception.Error?.Condition);
        Assert.DoesNotContain("application", exception.Message, StringComparison.Ordinal);
        await using ISession session = await pair.Connection.CreateSessionAsync(cancellationToken: BoundedWaits.Stop).Bounded();
    }

    [Fact]
    public async Task MaxConnections_OneMore_IsClosedAndRoomComesBack()
    {
        await using TestPair pair = await TestPair.OpenAsync(listener: new ListenerOptions { MaxConnections = 1 });

        MessagingConnectionException exception = await pair.Client.ConnectAsync(new ConnectionOptions { Url = pair.Listener.Url, Reconnect = false }, BoundedWaits.Stop)
            .Throws<MessagingConnectionException, IConnection>();
        Assert.True(exception.IsTransient);

        await pair.Connection.DisposeAsync().Bounded();
        await pair.Accepted.DisposeAsync().Bounded();
        (IConnection connection, IConnection accepted) = await pair.ConnectAsync();
        await connection.DisposeAsync();
        await accepted.DisposeAsync();
    }

    [Fact]
    public async Task Close_AcceptedConnectionsStayAndUndecidedOnesAreRefused()
    {
        await using TestPair pair = await TestPair.OpenAsync();
        (ISender sender, IReceiver receiver) = await pair.SendingLinkAsync();
        Task<IConnection> undecided = pair.Client.ConnectAsync(new ConnectionOptions { Url = pair.Listener.Url, Reconnect = false }, BoundedWaits.Stop).AsTask();
        RawPeer early = await RawPeer.ConnectAsync(pair.Listener.Url);
        await early.LogInAsClientAsync();
        await early.SendRawAsync(FrameWriter.AmqpHeader.ToArray());
        Assert.Equal("AMQP", await early.ReadAsync<string>());

        await pair.Listener.CloseAsync(BoundedWaits.Stop).Bounded();

        await early.SendAsync(new Open { ContainerId = "late" });
        await early.ReadAsync<Open>();
        Assert.Equal(ErrorCondition.ConnectionForced, (await early.ReadAsync<Close>()).Error?.Condition);
        await ConnectFailureAsync(undecided);
        Assert.Empty(await pair.Listener.AcceptAllAsync(BoundedWaits.Stop).ToListAsync(BoundedWaits.Stop).Bounded());
        Task sending = sender.SendAsync(new Message("still here"), BoundedWaits.Stop).AsTask();
        await (await receiver.ReceiveAsync(BoundedWaits.Stop).Bounded()).AcceptAsync(BoundedWaits.Stop);
        await sending.Bounded();
        await early.DisposeAsync();
    }

    [Fact]
    public async Task Url_PortZero_IsTheRealPort()
    {
        await using TestPair pair = await TestPair.OpenAsync(tcp: true);

        Assert.NotEqual(0, ConnectionUrl.Parse(pair.Listener.Url).Port);
        (ISender sender, IReceiver receiver) = await pair.SendingLinkAsync();
        Task sending = sender.SendAsync(new Message("x"), BoundedWaits.Stop).AsTask();
        await (await receiver.ReceiveAsync(BoundedWaits.Stop).Bounded()).AcceptAsync(BoundedWaits.Stop);
        await sending.Bounded();
    }

    [Fact]
    public async Task IncomingLinks_AttachAndDetachStorm_KeepsNothing()
    {
        await using TestPair pair = await TestPair.ListenAsync();
        RawPeer peer = await RawPeer.ConnectAsync(pair.Listener.Url);
        Task<IIncomingConnection> incoming = pair.NextConnectionAsync();
        Task opening = peer.OpenAsClientAsync();
        IConnection accepted = await (await incoming).AcceptAsync(BoundedWaits.Stop).Bounded();
        await opening.Bounded();
        await peer.BeginAsync();

        for (int i = 0; i < 50; i++)
        {
            await peer.SendAsync(new Attach { Name = "storm", Handle = 0, Role = false, Source = new Source(), Target = new Target { Address = "q" }, InitialDeliveryCount = 0 });
            await peer.SendAsync(new Detach { Handle = 0, Closed = true });
            await peer.ReadUntilAsync<Detach>();
        }

        await peer.SendAsync(new Attach { Name = "stays", Handle = 0, Role = false, Source = new Source(), Target = new Target { Address = "q" }, InitialDeliveryCount = 0 });
        IIncomingLink link = await accepted.IncomingLinksAsync(BoundedWaits.Stop).FirstAsync(BoundedWaits.Stop).Bounded();
        Assert.Equal("stays", link.Name);
        await peer.DisposeAsync();
        await accepted.DisposeAsync();
    }

    private static async Task<SessionException> RefusalAsync(IConnection connection)
    {
        // A refusal is a begin and an end (part 2, 2.5.1): the begin may have completed the call.
        try
        {
            ISession session = await connection.CreateSessionAsync(cancellationToken: BoundedWaits.Stop).Bounded();
            return Assert.IsType<SessionException>((await session.Closed.Bounded()).Exception);
        }
        catch (SessionException exception)
        {
            return exception;
        }
    }

    private static async Task<MessagingConnectionException> ConnectFailureAsync(Task<IConnection> connecting)
    {
        // The open that comes before the refusing close may have completed the call: then the connection says it.
        try
        {
            IConnection connection = await connecting.Bounded();
            return Assert.IsType<MessagingConnectionException>((await connection.Closed.Bounded()).Exception);
        }
        catch (MessagingConnectionException exception)
        {
            return exception;
        }
    }

    [Fact]
    public async Task Accept_AMechanismThrows_OnlyThatConnectionEndsAndTheListenerGoesOn()
    {
        var mechanism = new MoodyMechanism();
        var log = new LogCapture();
        await using TestPair pair = await TestPair.ListenAsync(new ListenerOptions { AllowAnonymous = true, CustomMechanisms = [mechanism] }, new MessagingClientOptions { LoggerFactory = log });
        mechanism.Throws = true;
        await using RawPeer peer = await RawPeer.ConnectAsync(pair.Listener.Url);
        Assert.Empty(await peer.ReadToEndAsync());

        mechanism.Throws = false;
        (IConnection connection, IConnection accepted) = await pair.ConnectAsync();

        Assert.Equal(ConnectionState.Connected, connection.State);
        Assert.Contains(log.Lines, line => line.Id == 1102 && line.Text.Contains("in no mood", StringComparison.Ordinal));
        await accepted.DisposeAsync();
    }

    [Fact]
    public async Task AcceptConnection_Cancelled_IsClosedOrMayStillBeAccepted()
    {
        await using TestPair pair = await TestPair.ListenAsync();
        Task<IConnection> connecting = pair.Client.ConnectAsync(new ConnectionOptions { Url = pair.Listener.Url, Reconnect = false }, BoundedWaits.Stop).AsTask();
        IIncomingConnection incoming = await pair.NextConnectionAsync();

        await incoming.AcceptAsync(new CancellationToken(canceled: true)).AsTask().ThrowsAny<OperationCanceledException>();
        IConnection accepted = await incoming.AcceptAsync(BoundedWaits.Stop).Bounded();

        await connecting.Bounded();
        await accepted.DisposeAsync();
    }

    [Fact]
    public async Task AcceptConnection_CancelledOnTheWay_IsNotLeftOpen()
    {
        await using TestPair pair = await TestPair.ListenAsync();
        Task<IConnection> connecting = pair.Client.ConnectAsync(new ConnectionOptions { Url = pair.Listener.Url, Reconnect = false }, BoundedWaits.Stop).AsTask();
        IIncomingConnection incoming = await pair.NextConnectionAsync();
        using var cancellation = new CancellationTokenSource();
        using var held = new HeldLoop(((Messaging.Listening.IncomingConnection)incoming).Loop);

        Task<IConnection> accepting = incoming.AcceptAsync(cancellation.Token).AsTask();
        await cancellation.CancelAsync();
        await accepting.ThrowsAny<OperationCanceledException>();
        held.Dispose();

        IConnection connection = await connecting.Bounded();
        Assert.Equal(CloseInitiator.Remote, (await connection.Closed.Bounded()).Initiator);
    }

    [Fact]
    public async Task AcceptLink_CancelledOnTheWay_IsClosed()
    {
        await using TestPair pair = await TestPair.OpenAsync();
        Task<ISender> creating = pair.Connection.CreateSenderAsync("q", BoundedWaits.Stop).AsTask();
        IIncomingLink link = await pair.NextLinkAsync();
        using var cancellation = new CancellationTokenSource();
        using var held = new HeldLoop(((Messaging.Client.Connection)pair.Accepted).Loop);

        Task<IReceiver> accepting = link.AcceptReceiverAsync(null, cancellation.Token).AsTask();
        await cancellation.CancelAsync();
        await accepting.ThrowsAny<OperationCanceledException>();
        held.Dispose();

        ISender sender = await creating.Bounded();
        Assert.Equal(CloseInitiator.Remote, (await sender.Closed.Bounded()).Initiator);
    }

    private sealed class MoodyMechanism : ISaslServerMechanism
    {
        public bool Throws { get; set; }

        public string Name => Throws ? throw new InvalidDataException("in no mood") : "MOODY";

        public bool RequiresEncryption => false;

        public bool IsUsable(SaslServerContext context) => Name.Length > 0;

        public ISaslServerExchange Start(SaslServerContext context) => throw new NotSupportedException();
    }

    /// <summary>A loop that runs nothing until it is let go.</summary>
    private sealed class HeldLoop : IDisposable
    {
        private readonly ManualResetEventSlim _go = new();
        private readonly Task _held;

        public HeldLoop(Messaging.Loop.ConnectionLoop loop) => _held = loop.InvokeAsync(() => Assert.True(_go.Wait(TimeSpan.FromSeconds(30))));

        public void Dispose()
        {
            _go.Set();
            _held.Wait(TimeSpan.FromSeconds(30));
        }
    }
}
