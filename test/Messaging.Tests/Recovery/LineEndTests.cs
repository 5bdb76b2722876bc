using Messaging.Amqp;
using Messaging.Amqp.Framing;
using Messaging.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Messaging.Tests.Recovery;

/// <summary>A line that ends while the peer takes nothing: it is left soon, and what the application wants meanwhile waits for the next one.</summary>
public class LineEndTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task IdleTimeout_FlushPending_LeavesAtOnce()
    {
        await using LoopPair pair = await LoopPair.OpenRawAsync(_time, TimeSpan.FromSeconds(20));
        await HoldAsync(pair);

        _time.Advance(TimeSpan.FromSeconds(20));

        CloseReason reason = await pair.First.Closed.Bounded();
        Assert.Equal(ErrorCondition.ResourceLimitExceeded, reason.Error?.Condition);
    }

    [Fact]
    public async Task ClosedByThePeer_FlushPending_LeavesAfterASecond()
    {
        await using LoopPair pair = await LoopPair.OpenRawAsync(_time);
        await HoldAsync(pair);
        await pair.Peer!.SendAsync(new Close { Error = new AmqpError(ErrorCondition.InternalError) });
        await pair.EndDecidedAsync();
        Assert.False(pair.First.Closed.IsCompleted);

        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(ErrorCondition.InternalError, (await pair.First.Closed.Bounded()).Error?.Condition);
    }

    /// <summary>A link of the peer's on a session of ours that nobody has decided about when the line ends: it is gone, and whoever decides late is told.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Lost_LinkOfThePeerIsUndecided_IsForgotten(bool isReset)
    {
        await using RawServer server = await RawServer.OpenAsync(
            new ConnectionOptions { IdleTimeout = TimeSpan.Zero, HandshakeTimeout = Timeout.InfiniteTimeSpan }, new MessagingClientOptions { TimeProvider = _time }, tcp: true);
        await server.SenderAsync();
        await server.Peer.SendAsync(new Attach { Name = "theirs", Handle = 5, Role = true, Source = new Source { Address = "q" }, Target = new Target { Address = "q" } });
        IIncomingLink link = await server.Connection.IncomingLinksAsync(BoundedWaits.Stop).FirstAsync(BoundedWaits.Stop).Bounded();

        if (isReset)
            server.Peer.Transport.Abort();
        else
            await server.Peer.DisposeAsync();
        await server.AcceptOpenAsync();
        await server.Peer.AnswerBeginAsync();
        await server.Peer.AnswerAttachAsync();
        for (int i = 0; i < 31; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(1)); // the time to decide is over
            await server.FenceAsync();
        }

        LinkException exception = await link.AcceptSenderAsync(null, BoundedWaits.Stop).Throws<LinkException, ISender>();
        Assert.Contains("or its session or connection was lost", exception.Message, StringComparison.Ordinal);
        Assert.Equal(ConnectionState.Connected, server.Connection.State);
    }

    [Fact]
    public async Task EndIsDecided_SendsAndSessions_WaitForTheNextLine()
    {
        var supervisor = new TestSupervisor(_time);
        await using LoopPair pair = await LoopPair.OpenRawAsync(_time, supervisor: supervisor);
        ISender sender = await pair.SenderAsync();
        await HoldAsync(pair);
        await pair.Peer!.SendAsync(new Close { Error = new AmqpError(ErrorCondition.InternalError) });
        await pair.EndDecidedAsync();

        Task sending = sender.SendAsync(new Message("x"), BoundedWaits.Stop).AsTask();
        Task<ISession> beginning = pair.First.CreateSessionAsync(cancellationToken: BoundedWaits.Stop).AsTask();
        await TestPair.FenceAsync(pair.First);
        _time.Advance(TimeSpan.FromSeconds(1));
        await supervisor.Lost.Bounded();
        await pair.ReopenRawAsync(_time);
        await pair.Peer.AnswerBeginAsync();
        Attach again = await pair.Peer.AnswerAttachAsync();
        await pair.Peer.GiveCreditAsync(1, handle: again.Handle);

        await pair.Peer.ReadUntilAsync<RawTransfer>();
        await pair.Peer.SettleAsync(0, Accepted.Instance);
        await sending.Bounded();
        Assert.False(beginning.IsFaulted);
    }

    [Fact]
    public async Task PresettledSend_LinkLostBeforeItsFlush_IsDoneOnceAndHarmsNoOther()
    {
        await using LoopPair pair = await LoopPair.OpenRawAsync(supervisor: new TestSupervisor());
        ISender sender = await pair.SenderAsync(new SenderOptions { SettleMode = SenderSettleMode.Settled }, credit: 1);
        pair.Transport.Hold();
        Task lost = sender.SendAsync(new Message("lost"), BoundedWaits.Stop).AsTask();
        await pair.Transport.Held;
        await pair.Peer!.SendAsync(new Detach { Error = new AmqpError(ErrorCondition.DetachForced) });
        await lost.Throws<DeliveryInDoubtException>();
        Task waiting = sender.SendAsync(new Message("waiting"), BoundedWaits.Stop).AsTask();
        await TestPair.FenceAsync(pair.First);

        pair.Transport.LetGo();
        await pair.Peer.AnswerAttachAsync();
        await pair.Peer.SendAsync(new Close { Error = new AmqpError(ErrorCondition.NotAllowed) });

        await waiting.Throws<MessagingConnectionException>();
    }

    [Fact]
    public async Task EndOfTheLoop_OpenInTheSameBatch_StartsNoLine()
    {
        var supervisor = new TestSupervisor();
        await using LoopPair pair = await LoopPair.OpenRawAsync(supervisor: supervisor);
        await pair.Peer!.DisposeAsync();
        await supervisor.Lost.Bounded();
        Task? opening = null;

        await pair.First.Loop.InvokeAsync(() =>
        {
            opening = pair.OpenAnotherAsync();
            pair.First.Loop.End(new CloseReason(CloseInitiator.Local));
        }).Bounded();

        await opening!.ThrowsAny<MessagingException>();
        await pair.First.Loop.Stopped.Bounded();
    }

    /// <summary>Writes wait from here on, and one does.</summary>
    private static async Task HoldAsync(LoopPair pair)
    {
        pair.Transport.Hold();
        Task<ISession> beginning = pair.First.CreateSessionAsync(cancellationToken: BoundedWaits.Stop).AsTask();
        await pair.Transport.Held;
        Assert.False(beginning.IsCompleted);
    }
}
