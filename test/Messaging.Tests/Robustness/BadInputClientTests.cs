using Messaging.Amqp;
using Messaging.Amqp.Framing;
using Messaging.Tests.Support;

namespace Messaging.Tests.Robustness;

/// <summary>The same bad input from a server to our client over TCP: the right answer on the wire and a clear exception.</summary>
public sealed class BadInputClientTests
{
    private static readonly BadInput[] All = [.. BadInput.FromHeaderOn];

    public static TheoryData<string> Names => [.. All.Select(input => input.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Client_BadInput_AnswersAndSaysSo(string name)
    {
        BadInput input = All.Single(input => input.Name == name);
        await using TestPair bystander = await TestPair.OpenAsync(tcp: true);
        await using RawServer server = await RawServer.ListenAsync(tcp: true);
        Task<IConnection> connecting = bystander.Client.ConnectAsync(new ConnectionOptions { Url = server.Url, Reconnect = false, ConnectTimeout = Timeout.InfiniteTimeSpan }, BoundedWaits.Stop).AsTask();
        RawPeer peer = await server.AcceptAsync();
        ILink? link = await ReachAsync(server, peer, connecting, input.Stage);

        await peer.SendRawAsync(input.Bytes);
        string reaction = await Reaction.ReadAsync(peer, input);

        Assert.Contains(reaction, input.Reactions, StringComparer.Ordinal);
        MessagingException? exception = reaction switch
        {
            "alive" => null,
            "close" => (await (await connecting.Bounded()).Closed.Bounded()).Exception,
            _ when reaction.StartsWith("close", StringComparison.Ordinal) => await FailureAsync(connecting),
            _ when link is not null => (await link.Closed.Bounded()).Exception,
            _ => null,
        };
        if (exception is not null)
        {
            Assert.Contains(server.Url, exception.Message, StringComparison.Ordinal);
            if (reaction.Contains(' ', StringComparison.Ordinal))
                Assert.EndsWith(exception.Error!.Condition.Value, reaction, StringComparison.Ordinal);
            if (reaction.StartsWith("detach", StringComparison.Ordinal))
                Assert.Contains($"'{link!.Name}'", exception.Message, StringComparison.Ordinal);
        }

        if (!reaction.StartsWith("close", StringComparison.Ordinal))
            Assert.Equal(ConnectionState.Connected, (await connecting.Bounded()).State);
        (ISender sender, IReceiver receiver) = await bystander.SendingLinkAsync();
        Task sending = sender.SendAsync(new Message("still here"), BoundedWaits.Stop).AsTask();
        await foreach (IDelivery delivery in receiver.ReceiveAllAsync(1, BoundedWaits.Stop))
            Assert.Equal("still here", delivery.Message.Body);
        await sending.Bounded();
        await peer.DisposeAsync();
        await connecting.ContinueWith(_ => { }, TaskScheduler.Default).Bounded();
    }

    private static async Task<MessagingException> FailureAsync(Task<IConnection> connecting)
    {
        try
        {
            return (await (await connecting.Bounded()).Closed.Bounded()).Exception!;
        }
        catch (MessagingConnectionException exception)
        {
            return exception;
        }
    }

    private static async Task<ILink?> ReachAsync(RawServer server, RawPeer peer, Task<IConnection> connecting, Stage stage)
    {
        await peer.LogInAsServerAsync();
        Assert.Equal("AMQP", await peer.ReadAsync<string>());
        await peer.ReadAsync<Open>();
        await peer.SendRawAsync(FrameWriter.AmqpHeader.ToArray());
        if (stage == Stage.Amqp)
            return null;
        await peer.SendAsync(new Open { ContainerId = "bad" });
        IConnection connection = await connecting.Bounded();
        if (stage == Stage.Open)
            return null;
        if (stage == Stage.Session)
        {
            ValueTask<ISession> beginning = connection.CreateSessionAsync(cancellationToken: BoundedWaits.Stop);
            await peer.AnswerBeginAsync();
            await beginning.Bounded();
            return null;
        }

        if (stage == Stage.Sender)
        {
            ValueTask<IReceiver> receiving = connection.CreateReceiverAsync("q", new ReceiverOptions { CreditWindow = 0 }, BoundedWaits.Stop);
            await peer.AnswerBeginAsync();
            await peer.AnswerAttachAsync();
            IReceiver receiver = await receiving.Bounded();
            await receiver.AddCreditAsync(10, BoundedWaits.Stop).Bounded();
            await peer.ReadUntilAsync<Flow>();
            return receiver;
        }

        ValueTask<ISender> sending = connection.CreateSenderAsync("q", BoundedWaits.Stop);
        await peer.AnswerBeginAsync();
        await peer.AnswerAttachAsync();
        return await sending.Bounded();
    }
}
