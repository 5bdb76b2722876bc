using System.Collections.Concurrent;
using Messaging.Amqp.Framing;
using Messaging.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Messaging.Tests.Recovery;

/// <summary>The application closes while the connection is lost, being opened or just open again: it ends at once, and each state is told once.</summary>
public class CloseWhileRecoveringTests
{
    private const ConnectionState Reconnecting = ConnectionState.Reconnecting;
    private const ConnectionState Connected = ConnectionState.Connected;
    private const ConnectionState Closing = ConnectionState.Closing;
    private const ConnectionState Closed = ConnectionState.Closed;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Close_WhileADelayIsWaited_EndsAtOnce(bool disposes)
    {
        await using RawServer server = await OpenAsync(TimeSpan.FromHours(1));
        ConcurrentQueue<ConnectionState> states = Watch(server.Connection);
        await server.Peer.DisposeAsync();
        await server.StateAsync(Reconnecting);

        await (disposes ? server.Connection.DisposeAsync() : server.Connection.CloseAsync(BoundedWaits.Stop)).Bounded();

        await AssertToldAsync(states, Reconnecting, Closing, Closed);
        Assert.Null((await server.Connection.Closed.Bounded()).Exception);
    }

    [Fact]
    public async Task Close_InTheMiddleOfAnAttempt_EndsItAndItsLine()
    {
        await using RawServer server = await OpenAsync(TimeSpan.Zero);
        ConcurrentQueue<ConnectionState> states = Watch(server.Connection);
        await server.Peer.DisposeAsync();
        await using RawPeer silent = await server.AcceptAsync();

        await server.Connection.CloseAsync(BoundedWaits.Stop).Bounded();

        await silent.ReadToEndAsync();
        await AssertToldAsync(states, Reconnecting, Closing, Closed);
    }

    [Fact]
    public async Task Close_WhileCredentialsAreAwaited_CancelsThatAndDoesNotWait()
    {
        var asked = new TaskCompletionSource<CancellationToken>(TaskCreationOptions.RunContinuationsAsynchronously);
        var never = new TaskCompletionSource<SaslCredentials?>();
        int calls = 0;
        await using RawServer server = await OpenAsync(TimeSpan.Zero, CredentialProvider.Create((_, stop) =>
        {
            if (++calls == 1)
                return new ValueTask<SaslCredentials?>((SaslCredentials?)null);
            asked.TrySetResult(stop);
            return new ValueTask<SaslCredentials?>(never.Task);
        }));
        ConcurrentQueue<ConnectionState> states = Watch(server.Connection);
        await server.Peer.DisposeAsync();
        CancellationToken token = await asked.Task.Bounded();

        await server.Connection.CloseAsync(BoundedWaits.Stop).Bounded();

        await BoundedWaits.UntilAsync(() => token.IsCancellationRequested);
        await AssertToldAsync(states, Reconnecting, Closing, Closed);
    }

    [Fact]
    public async Task Close_TwiceAtOnceWhileReconnecting_IsToldOnce()
    {
        await using RawServer server = await OpenAsync(TimeSpan.FromHours(1));
        ConcurrentQueue<ConnectionState> states = Watch(server.Connection);
        await server.Peer.DisposeAsync();
        await server.StateAsync(Reconnecting);

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => BoundedWaits.Run(() => server.Connection.CloseAsync(BoundedWaits.Stop).AsTask()))).Bounded();

        await AssertToldAsync(states, Reconnecting, Closing, Closed);
    }

    [Fact]
    public async Task Close_RightAfterTheSuccess_ClosesTheNewLine()
    {
        await using RawServer server = await OpenAsync(TimeSpan.Zero);
        ConcurrentQueue<ConnectionState> states = Watch(server.Connection);
        var closing = new TaskCompletionSource<Task>(TaskCreationOptions.RunContinuationsAsynchronously);
        server.Connection.StateChanged += (_, change) =>
        {
            if (change.Current == Connected)
                closing.TrySetResult(server.Connection.CloseAsync(BoundedWaits.Stop).AsTask());
        };

        await server.Peer.DisposeAsync();
        await server.AcceptOpenAsync();
        await server.Peer.ReadUntilAsync<Close>();
        await server.Peer.SendAsync(new Close());

        await closing.Task.Unwrap().Bounded();
        await AssertToldAsync(states, Reconnecting, Connected, Closing, Closed);
    }

    [Fact]
    public async Task Close_TheAttemptOrItsSuccessIsToldLate_StaysClosing()
    {
        await using LoopPair pair = await LoopPair.OpenRawAsync();
        ConcurrentQueue<ConnectionState> states = Watch(pair.First);
        Task closing = pair.First.CloseAsync(BoundedWaits.Stop).AsTask();
        await pair.Peer!.ReadUntilAsync<Close>();

        pair.First.OnReconnecting(new MessagingConnectionException("lost"), attempt: 2, TimeSpan.Zero, "late");
        await pair.First.Loop.InvokeAsync(pair.First.MarkOpen).Bounded();
        await pair.Peer.SendAsync(new Close());

        await closing.Bounded();
        await AssertToldAsync(states, Closing, Closed);
    }

    [Fact]
    public async Task Close_BesideTheSuccess_EndsEitherWay()
    {
        Random random = Seed.Random(Seed.Next(), 0);
        for (int i = 0; i < 50; i++)
        {
            await using RawServer server = await OpenAsync(TimeSpan.Zero);
            ConcurrentQueue<ConnectionState> states = Watch(server.Connection);
            await server.Peer.DisposeAsync();
            await using RawPeer peer = await server.AcceptAsync();
            int turns = random.Next(30);

            Task serving = BoundedWaits.Run(() => ServeAsync(peer));
            for (int turn = 0; turn < turns; turn++)
                await Task.Run(static () => { }, BoundedWaits.Stop);
            await server.Connection.CloseAsync(BoundedWaits.Stop).Bounded();

            await serving.Bounded();
            await BoundedWaits.UntilAsync(() => states.Contains(Closed)); // they are told in order, beside this
            bool wasOpen = states.Contains(Connected);
            await AssertToldAsync(states, wasOpen ? [Reconnecting, Connected, Closing, Closed] : [Reconnecting, Closing, Closed]);
        }
    }

    /// <summary>Opens if it is let, and answers the close if one comes.</summary>
    private static async Task ServeAsync(RawPeer peer)
    {
        try
        {
            await peer.OpenAsServerAsync();
            await peer.ReadUntilAsync<Close>();
            await peer.SendAsync(new Close());
        }
        catch (Exception)
        {
            // The other side has left in the middle of that.
        }
    }

    private static ConcurrentQueue<ConnectionState> Watch(IConnection connection)
    {
        var states = new ConcurrentQueue<ConnectionState>();
        connection.StateChanged += (_, change) => states.Enqueue(change.Current);
        return states;
    }

    /// <summary>The last one is told after all others.</summary>
    private static async Task AssertToldAsync(ConcurrentQueue<ConnectionState> states, params ConnectionState[] expected)
    {
        await BoundedWaits.UntilAsync(() => states.Contains(expected[^1]));
        Assert.Equal(expected, states);
    }

    private static Task<RawServer> OpenAsync(TimeSpan delay, ICredentialProvider? provider = null) => RawServer.OpenAsync(
        new ConnectionOptions { HandshakeTimeout = Timeout.InfiniteTimeSpan, CredentialProvider = provider, Recovery = { Delay = new OwnDelay(() => delay) } },
        new MessagingClientOptions { TimeProvider = new FakeTimeProvider() });
}
