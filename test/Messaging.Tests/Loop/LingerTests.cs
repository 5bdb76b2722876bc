using Messaging.Loop;
using Messaging.Tests.Support;
using Messaging.Transport;
using Microsoft.Extensions.Time.Testing;

namespace Messaging.Tests.Loop;

/// <summary>The loop's thread continues the application and comes back to its input: nothing may depend on its coming (docs/adr/0006).</summary>
public sealed class LingerTests
{
    [Fact]
    public async Task Application_BlocksTheThreadThatLeftItsInput_InputIsTakenAllTheSame()
    {
        await using LoopPair pair = await LoopPair.OpenAsync(canLook: true);
        (ISender sender, IReceiver receiver) = await LoopTests.LinkAsync(pair.First, pair.Second!);
        (ISender back, IReceiver answers) = await LoopTests.LinkAsync(pair.Second!, pair.First);
        Task consuming = LoopTests.ConsumeAsync(receiver, 400);

        await BoundedWaits.Run(async () =>
        {
            for (int i = 0; i < 400; i++)
            {
                Task<IDelivery>? answer = i % 40 == 39 ? answers.ReceiveAsync(BoundedWaits.Stop).AsTask() : null;
                await sender.SendAsync(new Message(i)).ConfigureAwait(false);
                if (answer is null)
                    continue;
                Task sending = Task.Run(() => back.SendAsync(new Message("answer"), BoundedWaits.Stop).AsTask());
                Block(answer);
                await (await answer.ConfigureAwait(false)).AcceptAsync(BoundedWaits.Stop).ConfigureAwait(false);
                await sending.Bounded().ConfigureAwait(false);
            }
        }).Bounded();

        await consuming.Bounded();
        Assert.NotEqual(0, pair.Transport.Looks);
    }

    [Fact]
    public async Task Settlement_ApplicationBlocksRightAfterIt_ReachesThePeerAllTheSame()
    {
        await using LoopPair pair = await LoopPair.OpenAsync(canLook: true);
        (ISender sender, IReceiver receiver) = await LoopTests.LinkAsync(pair.Second!, pair.First);

        await BoundedWaits.Run(async () =>
        {
            for (int i = 0; i < 100; i++)
            {
                ValueTask<IDelivery> next = receiver.ReceiveAsync();
                Task sent = Task.Run(() => sender.SendAsync(new Message(i), BoundedWaits.Stop).AsTask());
                IDelivery delivery = await next.ConfigureAwait(false);
                await delivery.AcceptAsync(BoundedWaits.Stop).ConfigureAwait(false);
                if (i % 10 == 9)
                    Block(sent);
                await sent.Bounded().ConfigureAwait(false);
            }
        }).Bounded();

        Assert.NotEqual(0, pair.Transport.Looks);
    }

    [Fact]
    public void TryLeave_AnswersDoNotComeSoon_TriesOnlyNowAndThen()
    {
        Linger linger = Create(seesInput: false, TimeProvider.System);
        Assert.True(linger.TryLeave(0));

        linger.WaitForInput();

        int[] left = [.. Enumerable.Range(1, 200).Where(_ => linger.TryLeave(0) && Miss(linger))];
        Assert.Equal([64, 128, 192], left);
    }

    [Fact]
    public void TryLeave_AnswersComeAtOnce_GoesOnThroughSomeMisses()
    {
        Linger linger = Create(seesInput: true, TimeProvider.System);

        for (int i = 0; i < 100; i++)
        {
            Assert.True(linger.TryLeave(i));
            linger.WaitForInput();
        }
    }

    [Fact]
    public void TryLeave_ApplicationStayedAway_IsNotTrustedForTenSeconds()
    {
        Linger linger = Create(seesInput: true, TimeProvider.System);
        Assert.True(linger.TryLeave(1000));
        linger.OnOvertaken(1000 + Linger.LongestAbsence - 1);
        Assert.True(linger.TryLeave(2000));

        linger.OnOvertaken(2000 + Linger.LongestAbsence);

        Assert.False(linger.TryLeave(2000 + Linger.LongestAbsence + 9_999));
        Assert.True(linger.TryLeave(2000 + Linger.LongestAbsence + 10_000));
    }

    [Fact]
    public void TryLeave_NothingWouldBringTheLoopBack_NeverLeaves()
    {
        Assert.False(Create(seesInput: true, new FakeTimeProvider()).TryLeave(0));
        (ITransport blind, _) = InProcessTransport.CreatePair();
        Assert.False(new Linger(blind, new LoopSignal(), TimeProvider.System).TryLeave(0));
    }

    private static bool Miss(Linger linger)
    {
        linger.WaitForInput();
        return true;
    }

    private static Linger Create(bool seesInput, TimeProvider time)
    {
        (ITransport transport, _) = InProcessTransport.CreatePair();
        return new Linger(new HeldTransport(transport) { CanLook = true, SeesInput = seesInput }, new LoopSignal(), time);
    }

    /// <summary>What an application should not do, and what must harm nobody but itself.</summary>
    private static void Block(Task task) => Assert.True(task.Wait(TimeSpan.FromSeconds(30), BoundedWaits.Stop));
}
