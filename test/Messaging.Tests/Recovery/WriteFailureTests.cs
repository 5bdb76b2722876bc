using Messaging.Amqp;
using Messaging.Amqp.Framing;
using Messaging.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Messaging.Tests.Recovery;

/// <summary>A write fails first when a peer goes; what it sent before it went counts all the same.</summary>
public class WriteFailureTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task WriteFails_PeerSaidWhyItGoes_IsTheReason()
    {
        await using LoopPair pair = await LoopPair.OpenRawAsync(_time);
        ISender sender = await pair.SenderAsync(credit: 10);
        Task sending = await BreakAsync(pair, sender);

        await pair.Peer!.SendAsync(new Close { Error = new AmqpError(ErrorCondition.InternalError, "disk full") });

        CloseReason reason = await pair.First.Closed.Bounded();
        Assert.Equal(CloseInitiator.Remote, reason.Initiator);
        Assert.Contains("disk full", reason.Exception!.Message, StringComparison.Ordinal);
        await sending.Throws<DeliveryInDoubtException>();
    }

    [Fact]
    public async Task WriteFails_SettlementsAreOnTheirWay_CompleteTheirSends()
    {
        await using LoopPair pair = await LoopPair.OpenRawAsync(_time);
        ISender sender = await pair.SenderAsync(credit: 10);
        Task settled = sender.SendAsync(new Message("settled"), BoundedWaits.Stop).AsTask();
        await pair.Peer!.ReadUntilAsync<RawTransfer>();
        Task cut = await BreakAsync(pair, sender);
        Task late = sender.SendAsync(new Message("late"), BoundedWaits.Stop).AsTask();

        await pair.Peer.SettleAsync(0, Accepted.Instance);
        await pair.Peer.FinishAsync();

        await settled.Bounded();
        await cut.Throws<DeliveryInDoubtException>();
        await late.Throws<MessagingConnectionException>(); // it was not written, and is not in doubt
        AssertCable(await pair.First.Closed.Bounded());
    }

    [Fact]
    public async Task WriteFails_PeerSaysNothing_EndsAfterASecond()
    {
        await using LoopPair pair = await LoopPair.OpenRawAsync(_time);
        Task sending = await BreakAsync(pair, await pair.SenderAsync(credit: 10));

        await _time.PassUntilAsync(pair.First.Closed, TimeSpan.FromSeconds(1));

        AssertCable(await pair.First.Closed);
        await sending.Throws<DeliveryInDoubtException>();
    }

    private static void AssertCable(CloseReason reason)
    {
        Assert.Equal(CloseInitiator.Transport, reason.Initiator);
        Assert.Contains("was lost while writing: cable", reason.Exception!.Message, StringComparison.Ordinal);
    }

    /// <summary>The write of a message fails.</summary>
    private static async Task<Task> BreakAsync(LoopPair pair, ISender sender)
    {
        pair.Transport.Hold();
        Task sending = sender.SendAsync(new Message("cut"), BoundedWaits.Stop).AsTask();
        await pair.Transport.Held;
        await pair.Transport.FailAsync(new MessagingConnectionException("cable"));
        return sending;
    }
}
