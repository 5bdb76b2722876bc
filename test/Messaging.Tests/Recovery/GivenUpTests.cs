using System.Collections.Concurrent;
using Messaging.Amqp;
using Messaging.Amqp.Framing;
using Messaging.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Messaging.Tests.Recovery;

/// <summary>What does not come back is told, once, in its scope, and ends what waits for it.</summary>
public class GivenUpTests
{
    [Fact]
    public async Task AttemptsExhausted_IsToldOnceAndEndsWhatWaits()
    {
        await using RawServer server = await RawServer.OpenAsync(new ConnectionOptions { Recovery = { MaxAttempts = 1 } });
        ISender sender = await server.SenderAsync();
        ConcurrentQueue<MessagingErrorEventArgs> errors = Watch(server);
        Task sending = sender.SendAsync(new Message("x"), BoundedWaits.Stop).AsTask();
        await server.DisposeListenerAsync();

        await server.Peer.DisposeAsync();
        await BoundedWaits.UntilAsync(() => errors.Count == 2);

        MessagingConnectionException failure = await sending.Throws<MessagingConnectionException>();
        CloseReason reason = await server.Connection.Closed.Bounded();
        Assert.Equal([(ErrorScope.Transport, true), (ErrorScope.Transport, false)], errors.Select(error => (error.Scope, error.IsRecovering)));
        Assert.Same(reason.Exception, errors.Last().Exception);
        Assert.Contains("no listener", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AttemptsExhausted_EndsReceives()
    {
        await using RawServer server = await RawServer.OpenAsync(new ConnectionOptions { Recovery = { MaxAttempts = 1 } });
        IReceiver receiver = await server.ReceiverAsync();
        Task<IDelivery> receiving = receiver.ReceiveAsync(BoundedWaits.Stop).AsTask();
        await server.DisposeListenerAsync();

        await server.Peer.DisposeAsync();

        Assert.Contains("no listener", (await receiving.Throws<MessagingConnectionException>()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task IdleTimeout_IsOfTheTransport()
    {
        var time = new FakeTimeProvider();
        await using RawServer server = await RawServer.OpenAsync(new ConnectionOptions { IdleTimeout = TimeSpan.FromSeconds(20) }, new MessagingClientOptions { TimeProvider = time });
        ConcurrentQueue<MessagingErrorEventArgs> errors = Watch(server);
        await server.FenceAsync();

        time.Advance(TimeSpan.FromSeconds(20));
        await BoundedWaits.UntilAsync(() => !errors.IsEmpty);

        Assert.Equal((ErrorScope.Transport, true), (errors.First().Scope, errors.First().IsRecovering));
    }

    [Fact]
    public async Task WriteTimeout_IsOfTheTransport()
    {
        var time = new FakeTimeProvider();
        await using LoopPair pair = await LoopPair.OpenRawAsync(time);
        var told = new TaskCompletionSource<MessagingErrorEventArgs>();
        pair.First.ErrorOccurred += (_, error) => told.TrySetResult(error);
        pair.Transport.Hold();
        _ = pair.First.CreateSessionAsync(cancellationToken: BoundedWaits.Stop).AsTask();
        await pair.Transport.Held;

        await time.PassUntilAsync(pair.First.Closed, TimeSpan.FromSeconds(30));

        Assert.Equal(ErrorScope.Transport, (await told.Task.Bounded()).Scope);
    }

    [Fact]
    public async Task SessionThatCannotBeginAgain_IsTold()
    {
        await using RawServer server = await RawServer.OpenAsync(new ConnectionOptions());
        Task<ISession>[] beginning = [.. Enumerable.Range(0, 2).Select(_ => server.Connection.CreateSessionAsync(cancellationToken: BoundedWaits.Stop).AsTask())];
        await server.Peer.AnswerBeginAsync();
        await server.Peer.AnswerBeginAsync(channel: 1);
        ISession[] sessions = await Task.WhenAll(beginning).Bounded();
        ConcurrentQueue<MessagingErrorEventArgs> errors = Watch(server);

        await server.Peer.DisposeAsync();
        await server.AcceptOpenAsync(new Open { ContainerId = "raw-server", ChannelMax = 0 });
        await BoundedWaits.UntilAsync(() => errors.Count == 2);

        Assert.Equal((ErrorScope.Session, false), (errors.Last().Scope, errors.Last().IsRecovering));
        await errors.Last().Session!.Closed.Bounded();
        Assert.Same(sessions.Single(session => session.Closed.IsCompleted), errors.Last().Session);
    }

    [Fact]
    public async Task LinkThatCannotAttachAgain_IsTold()
    {
        await using RawServer server = await RawServer.OpenAsync(new ConnectionOptions());
        ISender first = await server.SenderAsync();
        Task<ISender> creating = server.Connection.CreateSenderAsync("other", BoundedWaits.Stop).AsTask();
        await server.Peer.AnswerAttachAsync();
        ISender second = await creating.Bounded();
        ConcurrentQueue<MessagingErrorEventArgs> errors = Watch(server);

        await server.Peer.DisposeAsync();
        await server.AcceptOpenAsync();
        await server.Peer.ReadUntilAsync<Begin>();
        await server.Peer.SendAsync(new Begin { RemoteChannel = 0, NextOutgoingId = 0, IncomingWindow = 100, OutgoingWindow = 100, HandleMax = 0 });
        Attach attach = await server.Peer.AnswerAttachAsync();
        await BoundedWaits.UntilAsync(() => errors.Count == 2);

        Assert.Equal(first.Name, attach.Name); // in the order in which they were made
        Assert.Equal((ErrorScope.Link, false), (errors.Last().Scope, errors.Last().IsRecovering));
        Assert.Same(second, errors.Last().Link);
    }

    [Fact]
    public async Task SessionOfThePeer_EndedForAPassingReason_IsNotRecovering()
    {
        await using RawServer server = await RawServer.OpenAsync(new ConnectionOptions());
        await server.Peer.BeginAsync();
        ConcurrentQueue<MessagingErrorEventArgs> errors = Watch(server);
        await server.Peer.SendAsync(new Attach { Name = "theirs", Handle = 0, Role = true, Source = new Source { Address = "a" }, Target = new Target { Address = "b" } });
        IIncomingLink incoming = await server.Connection.IncomingLinksAsync(BoundedWaits.Stop).FirstAsync(BoundedWaits.Stop).Bounded();
        await incoming.AcceptSenderAsync(null, BoundedWaits.Stop).Bounded();

        await server.Peer.SendAsync(new End { Error = new AmqpError(ErrorCondition.ResourceLimitExceeded) });
        await BoundedWaits.UntilAsync(() => !errors.IsEmpty);

        Assert.Equal((ErrorScope.Session, false), (errors.First().Scope, errors.First().IsRecovering));
    }

    private static ConcurrentQueue<MessagingErrorEventArgs> Watch(RawServer server)
    {
        var errors = new ConcurrentQueue<MessagingErrorEventArgs>();
        server.Connection.ErrorOccurred += (_, error) => errors.Enqueue(error);
        return errors;
    }
}
