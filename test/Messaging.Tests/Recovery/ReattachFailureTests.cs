using Messaging.Amqp.Framing;
using Messaging.Tests.Support;

namespace Messaging.Tests.Recovery;

/// <summary>A link that was up and cannot be written on the next connection ends, says why and what to do, and takes nothing else with it.</summary>
public sealed class ReattachFailureTests
{
    [Fact]
    public async Task Reattach_NoHandleIsLeft_EndsThatLinkOnly()
    {
        await using RawServer server = await RawServer.OpenAsync(new ConnectionOptions());
        ISender first = await server.SenderAsync(credit: 1);
        ValueTask<IReceiver> creating = server.Connection.CreateReceiverAsync("q", BoundedWaits.Stop);
        await server.Peer.AnswerAttachAsync();
        IReceiver second = await creating.Bounded();
        var told = new TaskCompletionSource<MessagingErrorEventArgs>(TaskCreationOptions.RunContinuationsAsynchronously);
        server.Connection.ErrorOccurred += (_, error) =>
        {
            if (error.Scope == ErrorScope.Link)
                told.TrySetResult(error);
        };

        await server.Peer.DisposeAsync();
        await server.AcceptOpenAsync();
        await server.Peer.ReadUntilAsync<Begin>();
        await server.Peer.SendAsync(new Begin { RemoteChannel = 0, NextOutgoingId = 0, IncomingWindow = 100, OutgoingWindow = 100, HandleMax = 0 });
        Assert.Equal(first.Name, (await server.Peer.AnswerAttachAsync()).Name);
        CloseReason reason = await second.Closed.Bounded();

        LinkException exception = Assert.IsType<LinkException>(reason.Exception);
        Assert.Contains($"'{second.Name}'", exception.Message, StringComparison.Ordinal);
        Assert.Contains("could not be attached", exception.Message, StringComparison.Ordinal);
        Assert.EndsWith("Close links that are no longer needed, or create the link on another session.", exception.Message, StringComparison.Ordinal);
        MessagingErrorEventArgs error = await told.Task.Bounded();
        Assert.Equal((second, false), (error.Link, error.IsRecovering));
        await server.Peer.GiveCreditAsync(1);
        Task sending = first.SendAsync(new Message("goes on"), BoundedWaits.Stop).AsTask();
        await server.Peer.ReadUntilAsync<RawTransfer>();
        await server.Peer.SettleAsync(0, Amqp.Accepted.Instance);
        await sending.Bounded();
    }
}
