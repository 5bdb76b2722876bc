using Messaging.Amqp;
using Messaging.Amqp.Framing;
using Messaging.Loop;
using Messaging.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Messaging.Tests.Loop;

/// <summary>The promises of the connection loop (design section 3).</summary>
public sealed class LoopTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(4096)]
    public async Task TwoPeersWithFullBuffers_BothSending_NeverStopEachOther(int bufferSize)
    {
        await using LoopPair pair = await LoopPair.OpenAsync(bufferSize);
        const int Count = 400;
        (ISender sender, IReceiver receiver) there = await LinkAsync(pair.First, pair.Second!);
        (ISender sender, IReceiver receiver) back = await LinkAsync(pair.Second!, pair.First);
        Message[] messages = [.. Enumerable.Range(0, Count).Select(i => new Message(new byte[2000 + i]))];
        Task[] receiving = [ConsumeAsync(there.receiver, Count), ConsumeAsync(back.receiver, Count)];

        Task<IReadOnlyList<Outcome>>[] sending =
        [
            there.sender.SendBatchAsync(messages, BoundedWaits.Stop).AsTask(),
            back.sender.SendBatchAsync(messages, BoundedWaits.Stop).AsTask(),
        ];

        IReadOnlyList<Outcome>[] outcomes = await Task.WhenAll(sending).Bounded();
        await Task.WhenAll(receiving).Bounded();
        Assert.All(outcomes, list => Assert.All(list, outcome => Assert.Same(Accepted.Instance, outcome)));
    }

    [Fact]
    public async Task FlushPending_InputArrives_IsStillTaken()
    {
        await using LoopPair pair = await LoopPair.OpenAsync();
        (ISender sender, IReceiver receiver) = await LinkAsync(pair.Second!, pair.First);
        ValueTask<IDelivery> first = receiver.ReceiveAsync(BoundedWaits.Stop);
        await sender.WaitForCreditAsync(BoundedWaits.Stop).Bounded();
        pair.Transport.Hold();
        _ = pair.First.CreateSessionAsync(cancellationToken: BoundedWaits.Stop).AsTask();
        await pair.Transport.Held;

        Task sending = sender.SendAsync(new Message("through"), BoundedWaits.Stop).AsTask();

        IDelivery delivery = await first.Bounded();
        Assert.Equal("through", delivery.Message.Body);
        await delivery.AcceptAsync(BoundedWaits.Stop);
        Assert.False(sending.IsCompleted);
        pair.Transport.LetGo();
        await sending.Bounded();
    }

    [Fact]
    public async Task ManySends_WhileAFlushIsPending_GoOutTogether()
    {
        await using LoopPair pair = await LoopPair.OpenAsync();
        (ISender sender, IReceiver receiver) = await LinkAsync(pair.First, pair.Second!);
        Task consuming = ConsumeAsync(receiver, 101);
        await sender.WaitForCreditAsync(BoundedWaits.Stop).Bounded();
        await sender.SendAsync(new Message("warm up"), BoundedWaits.Stop).Bounded();
        await BoundedWaits.UntilAsync(() => sender.Credit >= 51);
        pair.Transport.Hold();
        _ = pair.First.CreateSessionAsync(cancellationToken: BoundedWaits.Stop).AsTask();
        await pair.Transport.Held;
        int before = pair.Transport.Writes;

        Task[] sending = [.. Enumerable.Range(0, 50).Select(i => sender.SendAsync(new Message(i), BoundedWaits.Stop).AsTask())];
        await TestPair.FenceAsync(pair.First);
        pair.Transport.LetGo();

        await Task.WhenAll(sending).Bounded();
        Assert.Equal(1, pair.Transport.Writes - before);
        await receiver.CloseAsync(BoundedWaits.Stop).Bounded();
        await consuming.Bounded();
    }

    [Fact]
    public async Task WriteTimeout_PeerTakesNothing_EndsTheConnection()
    {
        var time = new FakeTimeProvider();
        await using LoopPair pair = await LoopPair.OpenAsync(time: time);
        (ISender sender, _) = await LinkAsync(pair.First, pair.Second!);
        pair.Transport.Hold();
        Task creating = pair.First.CreateSessionAsync(cancellationToken: BoundedWaits.Stop).AsTask();
        await pair.Transport.Held;

        await time.PassUntilAsync(pair.First.Closed, TimeSpan.FromSeconds(30));

        CloseReason reason = await pair.First.Closed;
        Assert.Equal(CloseInitiator.Transport, reason.Initiator);
        Assert.Contains("took no bytes", reason.Exception!.Message, StringComparison.Ordinal);
        Assert.True(reason.Exception.IsTransient);
        await creating.Throws<MessagingConnectionException>();
        Assert.Throws<MessagingConnectionException>(() => { _ = sender.SendAsync(new Message("x"), BoundedWaits.Stop); });
    }

    [Fact]
    public async Task FlushFails_PresettledSend_IsNotReportedAsDone()
    {
        await using LoopPair pair = await LoopPair.OpenAsync();
        (ISender sender, IReceiver receiver) = await LinkAsync(pair.First, pair.Second!, new SenderOptions { SettleMode = SenderSettleMode.Settled });
        _ = receiver.TryReceive(out _);
        await sender.WaitForCreditAsync(BoundedWaits.Stop).Bounded();
        pair.Transport.Hold();
        Task sending = sender.SendAsync(new Message("x"), BoundedWaits.Stop).AsTask();
        await pair.Transport.Held;

        await pair.Transport.FailAsync(new MessagingConnectionException("cable"));

        DeliveryInDoubtException exception = await sending.Throws<DeliveryInDoubtException>();
        Assert.Contains("cable", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task IdleTimeout_SilentPeer_ClosesAndTellsIt()
    {
        var time = new FakeTimeProvider();
        await using LoopPair pair = await LoopPair.OpenRawAsync(time, TimeSpan.FromSeconds(30));

        await time.PassUntilAsync(pair.First.Closed, TimeSpan.FromSeconds(10));

        CloseReason reason = await pair.First.Closed;
        Assert.Equal(ErrorCondition.ResourceLimitExceeded, reason.Error?.Condition);
        Assert.True(reason.Exception!.IsTransient);
        Assert.Equal(ErrorCondition.ResourceLimitExceeded, (await pair.Peer!.ReadAsync<Close>()).Error?.Condition);
    }

    [Fact]
    public async Task IdleTimeout_OfThePeer_GetsEmptyFramesInTime()
    {
        var time = new FakeTimeProvider();
        await using LoopPair pair = await LoopPair.OpenRawAsync(time, open: new Open { ContainerId = "raw", IdleTimeOut = 10_000 });
        int before = pair.Transport.Writes;
        await TestPair.FenceAsync(pair.First);

        for (int beats = 1; beats <= 5; beats++)
        {
            int wanted = before + beats;
            await BoundedWaits.UntilAsync(() =>
            {
                if (pair.Transport.Writes < wanted)
                    time.Advance(TimeSpan.FromSeconds(1));
                return pair.Transport.Writes >= wanted;
            });
        }

        Assert.False(pair.First.Closed.IsCompleted);
    }

    [Fact]
    public void Clock_TimerIsDueEarly_IsArmedAgain()
    {
        var time = new EarlyTime();
        using var clock = new LoopClock(time, new LoopSignal());
        clock.WakeAt(1000, now: 0);
        Assert.Equal(TimeSpan.FromSeconds(1), time.Due);

        time.Fire();
        clock.WakeAt(1000, now: 999);

        Assert.Equal(TimeSpan.FromMilliseconds(1), time.Due);
    }

    [Fact]
    public async Task Mailbox_AfterTheEnd_AbandonsEveryCommand()
    {
        LoopPair pair = await LoopPair.OpenAsync();
        await pair.DisposeAsync();

        await pair.First.Loop.InvokeAsync(() => { }).Throws<MessagingConnectionException>();
        await pair.First.CreateSenderAsync("q", BoundedWaits.Stop).Throws<MessagingConnectionException, ISender>();
        await pair.First.CloseAsync(BoundedWaits.Stop).Bounded();
        await pair.First.DisposeAsync().Bounded();
    }

    internal static async Task<(ISender, IReceiver)> LinkAsync(IConnection from, IConnection to, SenderOptions? options = null)
    {
        ValueTask<ISender> creating = from.CreateSenderAsync("q", options ?? new SenderOptions(), BoundedWaits.Stop);
        IIncomingLink incoming = await to.IncomingLinksAsync(BoundedWaits.Stop).FirstAsync(BoundedWaits.Stop).Bounded();
        IReceiver receiver = await incoming.AcceptReceiverAsync(null, BoundedWaits.Stop).Bounded();
        return (await creating.Bounded(), receiver);
    }

    internal static Task ConsumeAsync(IReceiver receiver, int count) => BoundedWaits.Run(async () =>
    {
        await foreach (IDelivery _ in receiver.ReceiveAllAsync(count, BoundedWaits.Stop))
        {
        }
    });

    private sealed class EarlyTime : TimeProvider, ITimer
    {
        private TimerCallback? _callback;
        private object? _state;

        public TimeSpan Due { get; private set; }

        public void Fire() => _callback!(_state);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            _callback = callback;
            _state = state;
            return this;
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            Due = dueTime;
            return true;
        }

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
