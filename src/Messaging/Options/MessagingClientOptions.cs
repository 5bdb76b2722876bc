using Messaging.Amqp.Framing;
using Messaging.Client;
using Microsoft.Extensions.Logging;

namespace Messaging;

/// <summary>Options of a <see cref="MessagingClient"/>.</summary>
public sealed class MessagingClientOptions
{
    /// <summary>The container id told to every peer. A durable subscription needs a stable one.</summary>
    /// <value><see langword="null"/>: a new UUID per client. Not empty otherwise.</value>
    public string? ContainerId { get; set; }

    /// <summary>Where log lines go.</summary>
    /// <value><see langword="null"/>: nowhere.</value>
    public ILoggerFactory? LoggerFactory { get; set; }

    /// <summary>The clock for every time-out and delay.</summary>
    /// <value><see cref="TimeProvider.System"/>.</value>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    /// <summary>The connection of <see cref="IMessagingClient.GetConnectionAsync"/> and of <see cref="IMessagingClient.ConnectAsync(CancellationToken)"/>.</summary>
    /// <value><see langword="null"/>: what the file connect.json says each time that a connection is opened; see <see cref="IMessagingClient.ConnectAsync(CancellationToken)"/>.</value>
    public ConnectionOptions? Connection { get; set; }

    /// <summary>Checks these options and those of <see cref="Connection"/>, as <see cref="MessagingClient(MessagingClientOptions)"/> does; opens nothing.</summary>
    /// <exception cref="ArgumentException">An option is out of its range; the text names it.</exception>
    /// <exception cref="FormatException">A URL is malformed, or has a scheme that is not supported.</exception>
    public void Validate() => _ = Freeze();

    internal MessagingClientOptions Freeze()
    {
        if (ContainerId is { Length: 0 })
            throw new ArgumentException("MessagingClientOptions.ContainerId is empty: set a name, or leave it null for a generated one.", nameof(ContainerId));
        ArgumentNullException.ThrowIfNull(TimeProvider);
        Encodable.RequireOption(nameof(ContainerId), new Open { ContainerId = ContainerId! });
        var copy = (MessagingClientOptions)MemberwiseClone();
        copy.Connection = Connection?.Freeze();
        return copy;
    }
}
