using Messaging.Interop.Tests.Peers;
using Messaging.Interop.Tests.SecurityTests;

[assembly: AssemblyFixture(typeof(RealPeers))]

namespace Messaging.Interop.Tests.Peers;

/// <summary>The servers that the tests share: each is started by the first test that asks for it and stopped with the test run.</summary>
public sealed class RealPeers : IAsyncDisposable
{
    private readonly Lazy<Task<RabbitMqServer>> _rabbitMq = new(() => RabbitMq.StartAsync(CancellationToken.None));
    private readonly Lazy<Task<PeerServer>> _typeEcho = new(() => Proton.StartTypeEchoAsync(CancellationToken.None));
    private readonly Lazy<Task<PeerServer>> _cyrus = new(() => ProtonLogin.Cyrus.ServeAsync("PLAIN SCRAM-SHA-1 SCRAM-SHA-256 SCRAM-SHA-512", Passwords.Right, [], CancellationToken.None));
    private readonly Lazy<Task<Kdc>> _kdc = new(() => Kdc.StartAsync(CancellationToken.None));
    private readonly Dictionary<ProtonBinding, Lazy<Task<PeerServer>>> _protonBrokers = new()
    {
        [ProtonBinding.Cpp] = new(() => Proton.StartBrokerAsync(ProtonBinding.Cpp, CancellationToken.None)),
        [ProtonBinding.Python] = new(() => Proton.StartBrokerAsync(ProtonBinding.Python, CancellationToken.None)),
    };

    /// <summary>RabbitMQ; skips the test when it is not on this machine.</summary>
    internal async Task<PeerServer> RabbitMqAsync() => (await RabbitMqWithTlsAsync()).Server;

    /// <summary>RabbitMQ and what it takes to use TLS with it; skips the test when it is not on this machine.</summary>
    internal Task<RabbitMqServer> RabbitMqWithTlsAsync()
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

    /// <summary>Proton with Cyrus SASL and the user alice; skips the test when it is not on this machine.</summary>
    internal Task<PeerServer> CyrusAsync()
    {
        _ = ProtonLogin.Cyrus;
        return _cyrus.Value;
    }

    /// <summary>A Kerberos realm; skips the test when it is not on this machine.</summary>
    internal Task<Kdc> KdcAsync()
    {
        Kdc.Require();
        return _kdc.Value;
    }

    public async ValueTask DisposeAsync()
    {
        if (_rabbitMq.IsValueCreated && _rabbitMq.Value.IsCompletedSuccessfully)
            await (await _rabbitMq.Value).Server.DisposeAsync();
        if (_kdc.IsValueCreated && _kdc.Value.IsCompletedSuccessfully)
            await (await _kdc.Value).DisposeAsync();
        foreach (var server in (IEnumerable<Lazy<Task<PeerServer>>>)[_typeEcho, _cyrus, .. _protonBrokers.Values])
        {
            if (server.IsValueCreated && server.Value.IsCompletedSuccessfully)
                await (await server.Value).DisposeAsync();
        }
    }
}
