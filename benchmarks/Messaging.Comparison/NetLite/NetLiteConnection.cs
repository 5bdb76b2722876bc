using Amqp;
using Amqp.Framing;

namespace Comparison.NetLite;

/// <summary>A connection of AMQPNetLite with one session, closed in order.</summary>
internal sealed class NetLiteConnection : IAsyncDisposable
{
    private readonly Connection _connection;

    private NetLiteConnection(Connection connection)
    {
        _connection = connection;
        Session = new Session(connection);
    }

    public Session Session { get; }

    public static async Task<NetLiteConnection> OpenAsync(RoundSpec spec)
    {
        var factory = new ConnectionFactory();
        factory.TCP.NoDelay = true;
        return new NetLiteConnection(await factory.CreateAsync(new Address($"amqp://127.0.0.1:{spec.Port}")));
    }

    public SenderLink Sender(string address) => new(Session, $"sender-{address}", address);

    public ReceiverLink Receiver(string address) => new(Session, $"receiver-{address}", address);

    public static Message NewMessage(byte[] body) => new() { BodySection = new Data { Binary = body } };

    /// <summary>Looks at the body the cheapest way there is: the view on the frame's buffer, not the copy that <c>Binary</c> makes.</summary>
    public static int BodyLength(Message message) => ((Data)message.BodySection).Buffer.Length;

    public async ValueTask DisposeAsync() => await _connection.CloseAsync();
}
