using Messaging.Amqp.Framing;
using Messaging.Tests.Robustness;
using Messaging.Tests.Support;

namespace Messaging.Tests.Listening;

/// <summary>A link whose session or connection goes away before the application has decided about it.</summary>
public sealed class UndecidedLinkTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Accept_AfterTheSessionHasEnded_SaysThatTheLinkIsGone(bool isReceiver)
    {
        await using TestPair pair = await TestPair.ListenAsync();
        await using RawPeer peer = await RawPeer.ConnectAsync(pair.Listener.Url);
        Task opening = peer.OpenAsClientAsync();
        await using IConnection connection = await (await pair.NextConnectionAsync()).AcceptAsync(BoundedWaits.Stop).Bounded();
        await opening;
        await peer.BeginAsync();
        await peer.SendAsync(BadInput.Attach("link", 0, isReceiver));
        IIncomingLink link = await connection.IncomingLinksAsync(BoundedWaits.Stop).FirstAsync(BoundedWaits.Stop).Bounded();
        await peer.SendAsync(new End());
        await peer.ReadUntilAsync<End>();

        Task accepting = isReceiver ? link.AcceptSenderAsync(null, BoundedWaits.Stop).AsTask() : link.AcceptReceiverAsync(null, BoundedWaits.Stop).AsTask();

        LinkException gone = await accepting.Throws<LinkException>();
        Assert.Contains("link", gone.Message, StringComparison.Ordinal);
        await peer.DisposeAsync();
    }
}
