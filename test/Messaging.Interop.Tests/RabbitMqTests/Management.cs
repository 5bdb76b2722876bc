using Messaging.Amqp;

namespace Messaging.Interop.Tests.RabbitMqTests;

/// <summary>RabbitMQ's management node: requests and answers over a pair of links with one name.</summary>
internal static class Management
{
    private const string Node = "/management";
    private static readonly Dictionary<Symbol, object?> Paired = new() { ["paired"] = true };

    public static async Task DeclareAsync(IConnection connection, string queue, string type, CancellationToken cancellationToken)
    {
        var request = new Message(new OrderedDictionary<object, object?>
        {
            ["durable"] = true,
            ["exclusive"] = false,
            ["auto_delete"] = false,
            ["arguments"] = new OrderedDictionary<object, object?> { ["x-queue-type"] = type },
        });

        var answer = await RequestAsync(connection, "PUT", "/queues/" + queue, request, cancellationToken);

        Assert.Equal("201", answer.Subject);
    }

    /// <summary>One request, on a session of its own: an error there ends that session and nothing else.</summary>
    private static async Task<Message> RequestAsync(IConnection connection, string method, string path, Message request, CancellationToken cancellationToken)
    {
        var name = $"management-{Guid.NewGuid():N}";
        await using var session = await connection.CreateSessionAsync(cancellationToken: cancellationToken);
        await using var receiver = await session.CreateReceiverAsync(Node, new ReceiverOptions { Name = name, Properties = Paired, SenderSettleMode = SenderSettleMode.Settled, CreditWindow = 0 }, cancellationToken);
        await using var sender = await session.CreateSenderAsync(Node, new SenderOptions { Name = name, Properties = Paired, SettleMode = SenderSettleMode.Settled }, cancellationToken);

        // credit for the answer has to be there before the request
        await receiver.AddCreditAsync(1, cancellationToken);
        request.MessageId = Guid.NewGuid().ToString();
        request.To = path;
        request.Subject = method;
        request.ReplyTo = "$me";
        await sender.SendAsync(request, cancellationToken);
        using var answer = await receiver.ReceiveAsync(cancellationToken);

        Assert.Equal(request.MessageId, answer.Message.CorrelationId);
        return answer.Message;
    }
}
