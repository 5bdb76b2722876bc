using Messaging.Interop.Tests.Peers;

[assembly: AssemblyFixture(typeof(RealPeers))]

namespace Messaging.Interop.Tests.Peers;

/// <summary>The servers that the tests share: each is started by the first test that asks for it and stopped with the test run.</summary>
public sealed class RealPeers : IAsyncDisposable
{
    private readonly Lazy<Task<PeerServer>> _rabbitMq = new(() => RabbitMq.StartAsync(CancellationToken.None));
    private readonly Lazy<Task<PeerServer>> _typeEcho = new(() => Proton.StartTypeEchoAsync(CancellationToken.None));
    private readonly Dictionary<ProtonBinding, Lazy<Task<PeerServer>>> _protonBrokers = new()
    {
        [ProtonBinding.Cpp] = new(() => Proton.StartBrokerAsync(ProtonBinding.Cpp, CancellationToken.None)),
        [ProtonBinding.Python] = new(() => Proton.StartBrokerAsync(ProtonBinding.Python, CancellationToken.None)),
    };

    /// <summary>RabbitMQ; skips the test when it is not on this machine.</summary>
    internal Task<PeerServer> RabbitMqAsync()
    {
        RabbitMq.Require();
        return _rabbitMq.Value;
    }

    /// <summary>The example broker of a Proton binding; skips the test when it is not on this machine.</summary>
    internal Task<PeerServer> ProtonBrokerAsync(ProtonBinding binding)
    {
        Proton.Require(binding);
        return _protonBrokers[binding].Value;
    }

    /// <summary>type_echo.py; skips the test when Proton for Python is not on this machine.</summary>
    internal Task<PeerServer> TypeEchoAsync()
    {
        Proton.Require(ProtonBinding.Python);
        return _typeEcho.Value;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in (IEnumerable<Lazy<Task<PeerServer>>>)[_rabbitMq, _typeEcho, .. _protonBrokers.Values])
        {
            if (server.IsValueCreated && server.Value.IsCompletedSuccessfully)
                await (await server.Value).DisposeAsync();
        }
    }
}
