using Messaging.Interop.Tests.Peers;
using Lite = global::Amqp;

namespace Messaging.Interop.Tests.LiteTests;

/// <summary>AMQPNetLite as the client of a test.</summary>
internal sealed class LiteClient(Lite.Connection connection) : IAsyncDisposable
{
    private static readonly TimeSpan ReceiveLimit = TimeSpan.FromSeconds(30);

    public Lite.Connection Connection { get; } = connection;

    public Lite.Session Session { get; } = new(connection);

    public static async Task<LiteClient> ConnectAsync(string url) => new(await new Lite.ConnectionFactory().CreateAsync(new Lite.Address(url)));

    public Lite.SenderLink Sender(string address, Lite.Session? session = null) => new(session ?? Session, $"sender-{Guid.NewGuid():N}", address);

    public Lite.ReceiverLink Receiver(string address, Lite.Session? session = null) => new(session ?? Session, $"receiver-{Guid.NewGuid():N}", address);

    /// <summary>The next message; it is not settled.</summary>
    public static async Task<Lite.Message> ReceiveAsync(Lite.ReceiverLink receiver) =>
        await receiver.ReceiveAsync(ReceiveLimit) ?? throw new PeerFailedException("AMQPNetLite received nothing.");

    /// <summary>Receives so many bodies and accepts them.</summary>
    public static async Task<List<object>> ReceiveBodiesAsync(Lite.ReceiverLink receiver, int count)
    {
        List<object> bodies = [];
        while (bodies.Count < count)
        {
            var message = await ReceiveAsync(receiver);
            receiver.Accept(message);
            bodies.Add(message.Body);
        }

        return bodies;
    }

    /// <summary>The outcome that the peer gives to one message.</summary>
    public static Task<Lite.Framing.Outcome> SendForOutcomeAsync(Lite.SenderLink sender, Lite.Message message)
    {
        var outcome = new TaskCompletionSource<Lite.Framing.Outcome>(TaskCreationOptions.RunContinuationsAsynchronously);
        sender.Send(message, (_, _, result, _) => outcome.TrySetResult(result), null);
        return outcome.Task.WaitAsync(ReceiveLimit, TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync() => await Connection.CloseAsync();
}
