using Messaging.Amqp;
using Messaging.Amqp.Framing;
using Messaging.Tests.Support;

namespace Messaging.Tests.Robustness;

/// <summary>Every bad input against our listener over TCP: the right answer on the wire, and nobody else is disturbed.</summary>
public sealed class BadInputListenerTests
{
    public static TheoryData<string> Names => [.. BadInput.BeforeOpen.Concat(BadInput.FromHeaderOn).Select(input => input.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Listener_BadInput_AnswersAndLivesOn(string name)
    {
        BadInput input = BadInput.BeforeOpen.Concat(BadInput.FromHeaderOn).Single(input => input.Name == name);
        await using TestPair pair = await TestPair.ListenAsync(tcp: true);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(BoundedWaits.Stop);
        List<IConnection> accepted = [];
        Task serving = ServeAsync(pair.Listener, accepted, stop.Token);
        await using IConnection bystander = await pair.Client.ConnectAsync(pair.Listener.Url, BoundedWaits.Stop).Bounded();
        await using ISender sender = await bystander.CreateSenderAsync("echo", BoundedWaits.Stop).Bounded();
        await using RawPeer peer = await RawPeer.ConnectAsync(pair.Listener.Url);
        await ReachAsync(peer, input.Stage);

        await peer.SendRawAsync(input.Bytes);
        string reaction = await Reaction.ReadAsync(peer, input);

        Assert.Contains(reaction, input.Reactions, StringComparer.Ordinal);
        await sender.SendAsync(new Message("still here"), BoundedWaits.Stop).Bounded();
        Assert.Equal(ConnectionState.Connected, bystander.State);
        await peer.DisposeAsync();
        await stop.CancelAsync();
        await serving.Bounded();
        await Task.WhenAll(accepted.Select(connection => connection.DisposeAsync().AsTask())).Bounded();
    }

    private static async Task ReachAsync(RawPeer peer, Stage stage)
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
    private static async Task ServeAsync(IListener listener, List<IConnection> accepted, CancellationToken stop)
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
