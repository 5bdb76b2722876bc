using Messaging.Amqp.Framing;
using Messaging.Tests.Support;

namespace Messaging.Tests.Robustness;

/// <summary>The application behind a listener that is sent bad input, and the way there.</summary>
internal static class AttackedListener
{
    /// <summary>Brings a peer to the stage at which it sends something bad.</summary>
    public static async Task ReachAsync(RawPeer peer, Stage stage)
    {
        if (stage == Stage.Tcp)
            return;
        if (stage == Stage.Sasl)
        {
            await peer.SendRawAsync(FrameWriter.SaslHeader.ToArray());
            Assert.Equal("SASL", await peer.ReadAsync<string>());
            await peer.ReadAsync<SaslMechanisms>();
            return;
        }

        if (stage == Stage.Amqp)
        {
            await peer.LogInAsClientAsync();
            await peer.SendRawAsync(FrameWriter.AmqpHeader.ToArray());
            Assert.Equal("AMQP", await peer.ReadAsync<string>());
            return;
        }

        await peer.OpenAsClientAsync();
        if (stage == Stage.Open)
            return;
        await peer.BeginAsync();
        if (stage == Stage.Session)
            return;
        await peer.SendAsync(BadInput.Attach("link", 0, receiver: stage == Stage.Receiver));
        await peer.ReadUntilAsync<Attach>();
        if (stage == Stage.Sender)
            await peer.ReadUntilAsync<Flow>();
    }

    /// <summary>Accepts everything; the node "echo" accepts messages, others give ten credits and do nothing.</summary>
    public static async Task ServeAsync(IListener listener, List<IConnection> accepted, CancellationToken stop)
    {
        List<Task> links = [];
        try
        {
            await foreach (IIncomingConnection incoming in listener.AcceptAllAsync(stop))
            {
                IConnection connection = await incoming.AcceptAsync(stop);
                accepted.Add(connection);
                links.Add(ServeLinksAsync(connection, stop));
            }
        }
        catch (OperationCanceledException)
        {
            // the end of the test
        }

        await Task.WhenAll(links);
    }

    private static async Task ServeLinksAsync(IConnection connection, CancellationToken stop)
    {
        try
        {
            await foreach (IIncomingLink link in connection.IncomingLinksAsync(stop))
            {
                if (link.Role == LinkRole.Sender)
                    await link.AcceptSenderAsync(null, stop);
                else if (link.Target?.Address == "echo")
                    _ = (await link.AcceptReceiverAsync(null, stop)).ProcessAsync((_, _) => default, 1, stop).AsTask();
                else
                    await link.AcceptReceiverAsync(new IncomingReceiverOptions { CreditWindow = 0, InitialCredit = 10 }, stop);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or MessagingException)
        {
            // the end of the test, or of the connection that was sent the bad input
        }
    }
}
