using Messaging.Amqp;

namespace Messaging.Interop.Tests;

/// <summary>A client for the test and a bound on everything that the test waits for.</summary>
public abstract class InteropTest : IAsyncDisposable
{
    private readonly CancellationTokenSource _limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);

    protected InteropTest() => _limit.CancelAfter(TimeSpan.FromSeconds(120));

    /// <summary>How long a program of the peer may take.</summary>
    protected static TimeSpan ProgramLimit { get; } = TimeSpan.FromSeconds(60);

    /// <summary>Cancelled when the test has taken too long.</summary>
    protected CancellationToken Limit => _limit.Token;

    protected MessagingClient Client { get; } = new();

    public async ValueTask DisposeAsync()
    {
        await Client.DisposeAsync();
        Release();
        _limit.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Gives back what the test class itself has made.</summary>
    protected virtual void Release()
    {
    }

    /// <summary>Connects with one attempt: what fails, fails at once.</summary>
    protected async Task<IConnection> ConnectAsync(string url) =>
        await Client.ConnectAsync(new ConnectionOptions { Url = url, Reconnect = false }, Limit);

    /// <summary>Receives so many messages and accepts them.</summary>
    protected async Task<List<Message>> ReceiveAsync(IReceiver receiver, int count)
    {
        List<Message> messages = [];
        await foreach (var delivery in receiver.ReceiveAllAsync(count, Limit))
            messages.Add(delivery.Message);
        return messages;
    }

    /// <summary>Sends a message to an address and receives it from there; gives its body.</summary>
    protected async Task<object?> PassAsync(IConnection connection, string address)
    {
        await using var sender = await connection.CreateSenderAsync(address, Limit);
        await using var receiver = await connection.CreateReceiverAsync(address, Limit);
        await sender.SendAsync(new Message("there and back"), Limit);
        return Assert.Single(await ReceiveAsync(receiver, 1)).Body;
    }

    /// <summary>Sends bodies pipelined and waits until all are accepted.</summary>
    protected async Task SendAllAsync(ISender sender, IEnumerable<object?> bodies)
    {
        var outcomes = await sender.SendBatchAsync(bodies.Select(body => new Message(body)), Limit);

        Assert.All(outcomes, outcome => Assert.IsType<Accepted>(outcome));
    }

    /// <summary>Bytes that show it when a part is missing or in the wrong place.</summary>
    protected static byte[] Pattern(int length)
    {
        var bytes = new byte[length];
        for (var i = 0; i < length; i++)
            bytes[i] = (byte)((i * 31) ^ (i >> 8));
        return bytes;
    }
}
