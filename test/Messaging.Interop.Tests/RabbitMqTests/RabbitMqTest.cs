using Messaging.Interop.Tests.Peers;

namespace Messaging.Interop.Tests.RabbitMqTests;

/// <summary>What the tests against RabbitMQ 4 share: a login, and queues of their own.</summary>
public abstract class RabbitMqTest(RealPeers peers) : InteropTest
{
    internal Task<PeerServer> ServerAsync() => peers.RabbitMqAsync();

    internal Task<RabbitMqServer> ServerWithTlsAsync() => peers.RabbitMqWithTlsAsync();

    /// <summary>Connects as guest with SASL PLAIN.</summary>
    protected async Task<IConnection> ConnectAsync() => await Client.ConnectAsync(await OptionsAsync(), Limit);

    protected async Task<ConnectionOptions> OptionsAsync() => new()
    {
        Url = (await ServerAsync()).Url,
        User = "guest",
        Password = "guest",
        AllowInsecureMechanisms = true,
        Reconnect = false,
    };

    /// <summary>The address of a new queue, declared through the management node; classic unless said otherwise.</summary>
    protected async Task<string> DeclareQueueAsync(IConnection connection, string type = "classic")
    {
        var name = $"{GetType().Name}-{Guid.NewGuid():N}";
        await Management.DeclareAsync(connection, name, type, Limit);
        return "/queues/" + name;
    }
}
