using System.Net;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Messaging.Transport;

/// <summary>What every transport is made with.</summary>
internal sealed record TransportSettings
{
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    public ILogger Logger { get; init; } = NullLogger.Instance;

    /// <summary>Gives the addresses of a name; asked for each connection anew.</summary>
    public Func<string, CancellationToken, Task<IPAddress[]>> Resolve { get; init; } = Dns.GetHostAddressesAsync;

    /// <summary>How a client uses TLS.</summary>
    public TlsOptions Tls { get; init; } = new();

    /// <summary>Whether there was a connection with the files of <see cref="Tls"/> before: what they hold now may pass.</summary>
    public bool WereFilesGood { get; init; }

    /// <summary>The host name that the peer is told where it differs from the URL's; it is then the name that the server's certificate must be for.</summary>
    public string? VirtualHost { get; init; }

    /// <summary>How a listener uses TLS; null for clear text.</summary>
    public ListenerTlsOptions? ListenerTls { get; init; }

    /// <summary>SO_SNDBUF in bytes; 0 leaves it to the system, which tunes itself.</summary>
    public int SendBufferSize { get; init; }

    /// <summary>SO_RCVBUF in bytes; 0 leaves it to the system, which tunes itself.</summary>
    public int ReceiveBufferSize { get; init; }

    /// <summary>Up to how many bytes one read takes. The buffer starts at 4 KiB and grows to this only where the peer fills it, and further for a frame that needs it.</summary>
    public int ReadBufferSize { get; init; } = 64 * 1024;

    /// <summary>How many bytes an in-process stream holds before its writer waits.</summary>
    public int InProcessBufferSize { get; init; } = 1024 * 1024;

    /// <summary>How many connections may wait to be accepted.</summary>
    public int Backlog { get; init; } = 512;

    /// <summary>How long one address may stay silent before the next one is tried beside it (RFC 8305, 5: 250 ms).</summary>
    public TimeSpan AddressStagger { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>How long an orderly end waits for a peer that is still sending, so that it can read our last frame.</summary>
    public TimeSpan LingerTimeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long accepting rests when the process is out of file handles or memory.</summary>
    public TimeSpan AcceptPause { get; init; } = TimeSpan.FromMilliseconds(100);
}
