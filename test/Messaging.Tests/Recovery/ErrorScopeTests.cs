using System.Collections.Concurrent;
using Messaging.Amqp;
using Messaging.Amqp.Framing;
using Messaging.Tests.Support;

namespace Messaging.Tests.Recovery;

/// <summary>Each drop is told once, in the scope of what ended, however many sessions and links go with it; and each of those links is lost and back once.</summary>
public class ErrorScopeTests
{
    private const int Drops = 3;

    private uint _handle; // of the first link

    [Theory]
    [InlineData(ErrorScope.Transport)]
    [InlineData(ErrorScope.Connection)]
    [InlineData(ErrorScope.Session)]
    [InlineData(ErrorScope.Link)]
    public async Task Dropped_SeveralTimes_IsToldOnceEachTimeInItsScope(ErrorScope scope)
    {
        await using RawServer server = await RawServer.OpenAsync(new ConnectionOptions { Recovery = { InitialDelay = TimeSpan.FromMilliseconds(1), Multiplier = 1 } });
        var links = new List<ISender>();
        for (ushort session = 0; session < 2; session++)
            links.AddRange(await SessionAsync(server, session));
        var errors = new ConcurrentQueue<MessagingErrorEventArgs>();
        server.Connection.ErrorOccurred += (_, error) => errors.Enqueue(error);
        ConcurrentQueue<LinkState>[] states = [.. links.Select(Watch)];

        for (int drop = 0; drop < Drops; drop++)
        {
            await DropAsync(server, scope);
            await BoundedWaits.UntilAsync(() => states[0].Count == 2 * (drop + 1) && links.All(link => link.State == LinkState.Attached));
        }

        await AllToldAsync(server);
        int lost = scope switch { ErrorScope.Link => 1, ErrorScope.Session => 2, _ => 4 };
        Assert.Equal(Enumerable.Repeat((scope, true), Drops), errors.Select(error => (error.Scope, error.IsRecovering)));
        LinkState[] changes = [.. Enumerable.Repeat<LinkState[]>([LinkState.Lost, LinkState.Attached], Drops).SelectMany(pair => pair)];
        Assert.All(states[..lost], told => Assert.Equal(changes, told));
        Assert.All(states[lost..], Assert.Empty);
    }

    /// <summary>A session of its own with two links.</summary>
    private static async Task<ISender[]> SessionAsync(RawServer server, ushort channel)
    {
        Task<ISession> beginning = server.Connection.CreateSessionAsync(cancellationToken: BoundedWaits.Stop).AsTask();
        await server.Peer.AnswerBeginAsync(channel);
        ISession session = await beginning.Bounded();
        var links = new ISender[2];
        for (int i = 0; i < links.Length; i++)
        {
            Task<ISender> creating = session.CreateSenderAsync($"q{channel}{i}", BoundedWaits.Stop).AsTask();
            await server.Peer.AnswerAttachAsync(channel: channel);
            links[i] = await creating.Bounded();
        }

        return links;
    }

    private async Task DropAsync(RawServer server, ErrorScope scope)
    {
        var error = new AmqpError(ErrorCondition.InternalError, "dropped");
        switch (scope)
        {
            case ErrorScope.Link:
                await server.Peer.SendAsync(new Detach { Handle = _handle, Error = error });
                _handle = (await server.Peer.AnswerAttachAsync()).Handle;
                break;
            case ErrorScope.Session:
                await server.Peer.SendAsync(new End { Error = error });
                await ComeBackAsync(server, sessions: 1);
                break;
            case ErrorScope.Connection:
                await server.Peer.SendAsync(new Close { Error = error });
                await server.AcceptOpenAsync();
                await ComeBackAsync(server, sessions: 2);
                break;
            default:
                await server.Peer.DisposeAsync();
                await server.AcceptOpenAsync();
                await ComeBackAsync(server, sessions: 2);
                break;
        }
    }

    /// <summary>Returns when the events of everything that has happened are raised.</summary>
    private static async Task AllToldAsync(RawServer server)
    {
        var told = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await server.FenceAsync();
        ((Messaging.Client.Connection)server.Connection).Events.Raise((_, _) => told.TrySetResult(), server, EventArgs.Empty);
        await told.Task.Bounded();
    }

    private static async Task ComeBackAsync(RawServer server, ushort sessions)
    {
        for (ushort channel = 0; channel < sessions; channel++)
            await server.Peer.AnswerBeginAsync(channel);
        for (int i = 0; i < 2 * sessions; i++)
            await server.Peer.AnswerAttachAsync(channel: (ushort)(i / 2));
    }

    private static ConcurrentQueue<LinkState> Watch(ISender link)
    {
        var states = new ConcurrentQueue<LinkState>();
        link.StateChanged += (_, change) => states.Enqueue(change.Current);
        return states;
    }
}
