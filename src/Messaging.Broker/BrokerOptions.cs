using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Logging;

namespace Messaging.Broker;

/// <summary>Options of a <see cref="MessageBroker"/>. A copy is taken when it starts.</summary>
public sealed class BrokerOptions
{
    /// <summary>Where to listen: <c>amqp://host:port</c>, where port 0 is one of the system's choice, or <c>inproc://name</c>. The same as <see cref="Listener"/>'s.</summary>
    /// <value><c>amqp://127.0.0.1:5672</c>.</value>
    public string Url
    {
        get => Listener.Url;
        set => Listener.Url = value;
    }

    /// <summary>How it listens: TLS, users and mechanisms, who may connect and who may use which address, time-outs and limits.</summary>
    /// <value>The defaults of <see cref="ListenerOptions"/>, on loopback, offering <c>ANONYMOUS-RELAY</c>.</value>
    /// <remarks>
    /// <see cref="ListenerOptions.AuthorizeLink"/> is asked about each link and, on a link to the anonymous terminus, about each address that its messages name:
    /// an address that was allowed once stays allowed for that link, as it would for a link of its own.
    /// </remarks>
    public ListenerOptions Listener { get; } = new() { Url = "amqp://127.0.0.1:5672", OfferedCapabilities = [BrokerCapabilities.AnonymousRelay] };

    /// <summary>The container id told to peers. The same as <see cref="Listener"/>'s.</summary>
    /// <value><see langword="null"/>: a new UUID. Not empty otherwise.</value>
    public string? ContainerId
    {
        get => Listener.ContainerId;
        set => Listener.ContainerId = value;
    }

    /// <summary>How many messages a queue holds: those that wait and those that are delivered and not settled. A full queue gives its senders no credit. What comes all the same, through the anonymous terminus, waits; it is dropped only when its sender has settled it and as much waits already as the queue may hold.</summary>
    /// <value>1,000,000 messages. Range 1 to 100,000,000.</value>
    [Range(1, 100_000_000)]
    public int QueueCapacity { get; set; } = 1_000_000;

    /// <summary>How many bytes of messages a queue holds, each counted with 256 bytes on top and its annotations by the memory that they take. The message that reaches the bound is still taken, whatever its size.</summary>
    /// <value>256 MiB. Range 1 to 1 TiB.</value>
    [Range(1, 1L << 40)]
    public long QueueCapacityBytes { get; set; } = 256L * 1024 * 1024;

    /// <summary>How many queues there may be, temporary ones included. At the bound, empty queues without a link make room; if there are none, the link is refused with <c>amqp:resource-limit-exceeded</c>.</summary>
    /// <value>10,000. Range 1 to 10,000,000.</value>
    [Range(1, 10_000_000)]
    public int MaxQueues { get; set; } = 10_000;

    /// <summary>The largest message in bytes; a larger one ends the link that brings it with <c>amqp:link:message-size-exceeded</c>. 0 for no limit.</summary>
    /// <value>64 MiB. Range 0 to 2,147,483,591.</value>
    [Range(0, 2_147_483_591)]
    public long MaxMessageSize { get; set; } = 64L * 1024 * 1024;

    /// <summary>How many connections may be open at once; more are closed at once. The same as <see cref="Listener"/>'s.</summary>
    /// <value>10,000. Range 1 to 1,000,000.</value>
    [Range(1, 1_000_000)]
    public int MaxConnections
    {
        get => Listener.MaxConnections;
        set => Listener.MaxConnections = value;
    }

    /// <summary>See <see cref="ListenerOptions.AllowAnonymous"/>. The same as <see cref="Listener"/>'s.</summary>
    /// <value><see langword="null"/>: only where nothing else is set to log in with.</value>
    public bool? AllowAnonymous
    {
        get => Listener.AllowAnonymous;
        set => Listener.AllowAnonymous = value;
    }

    /// <summary>See <see cref="ListenerOptions.AuthenticatePlain"/>. The same as <see cref="Listener"/>'s.</summary>
    /// <value><see langword="null"/>: PLAIN is not offered.</value>
    public Func<string, string, CancellationToken, ValueTask<bool>>? AuthenticatePlain
    {
        get => Listener.AuthenticatePlain;
        set => Listener.AuthenticatePlain = value;
    }

    /// <summary>See <see cref="ListenerOptions.AllowInsecureMechanisms"/>. The same as <see cref="Listener"/>'s.</summary>
    /// <value><see langword="false"/>.</value>
    public bool AllowInsecureMechanisms
    {
        get => Listener.AllowInsecureMechanisms;
        set => Listener.AllowInsecureMechanisms = value;
    }

    /// <summary>Whether a message of a user that has logged in may name another user in its <c>user-id</c>; when not, it is rejected with <c>amqp:unauthorized-access</c>, so that consumers can rely on it. Anonymous peers' messages are not looked at.</summary>
    /// <value><see langword="false"/>. Set it for users that pass messages of others on.</value>
    public bool AllowForeignUserId { get; set; }

    /// <summary>How many links may wait to be resumed after their connection was lost (AMQP 1.0 part 2, 2.6.13), each with the outcomes that its sender has not seen: at most about 1,000. At the bound the one that waits longest is forgotten.</summary>
    /// <value>1,000. Range 0 to 1,000,000; 0: links are not resumed.</value>
    [Range(0, 1_000_000)]
    public int MaxKeptLinks { get; set; } = 1000;

    /// <summary>How long a lost link waits at most; its terminus asks for less, or for ever, by its time-out and expiry policy (part 3, 3.5.6).</summary>
    /// <value>10 minutes. More than zero, at most 24 days.</value>
    public TimeSpan KeptLinkTimeout { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Where log lines go.</summary>
    /// <value><see langword="null"/>: nowhere.</value>
    public ILoggerFactory? LoggerFactory { get; set; }

    /// <summary>The clock for every time-out and for the messages' time to live.</summary>
    /// <value><see cref="TimeProvider.System"/>.</value>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    internal BrokerOptions Freeze()
    {
        ArgumentNullException.ThrowIfNull(Url);
        ArgumentNullException.ThrowIfNull(TimeProvider);
        if (ContainerId is { Length: 0 })
            throw new ArgumentException("BrokerOptions.ContainerId is empty: set a name, or leave it null for a generated one.", nameof(ContainerId));
        Check(QueueCapacity, 1, 100_000_000, nameof(QueueCapacity));
        Check(QueueCapacityBytes, 1, 1L << 40, nameof(QueueCapacityBytes));
        Check(MaxQueues, 1, 10_000_000, nameof(MaxQueues));
        Check(MaxMessageSize, 0, 2_147_483_591, nameof(MaxMessageSize));
        Check(MaxKeptLinks, 0, 1_000_000, nameof(MaxKeptLinks));
        Check((long)KeptLinkTimeout.TotalMilliseconds, 1, (long)TimeSpan.FromDays(24).TotalMilliseconds, nameof(KeptLinkTimeout));
        Check(MaxConnections, 1, 1_000_000, nameof(MaxConnections));
        return (BrokerOptions)MemberwiseClone();
    }

    private static void Check(long value, long minimum, long maximum, string name)
    {
        if (value < minimum || value > maximum)
            throw new ArgumentOutOfRangeException(name, value, $"BrokerOptions.{name} is {value}; it must be from {minimum} to {maximum}.");
    }
}
