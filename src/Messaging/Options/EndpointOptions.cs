namespace Messaging;

/// <summary>One more server of a connection, tried when those before it cannot be reached; a text converts to it.</summary>
public sealed class EndpointOptions
{
    /// <summary>The server; see <see cref="ConnectionOptions.Url"/>.</summary>
    /// <value>Must be set.</value>
    public required string Url { get; set; }

    /// <summary>The user name here.</summary>
    /// <value><see langword="null"/>: that of the URL, else <see cref="ConnectionOptions.User"/>.</value>
    public string? User { get; set; }

    /// <summary>The password of <see cref="User"/>. Never logged, traced or printed.</summary>
    /// <value><see langword="null"/>: that of the URL, else <see cref="ConnectionOptions.Password"/>.</value>
    public string? Password { get; set; }

    /// <summary>The host name told here.</summary>
    /// <value><see langword="null"/>: <see cref="ConnectionOptions.VirtualHost"/>.</value>
    public string? VirtualHost { get; set; }

    /// <summary>TLS here.</summary>
    /// <value><see langword="null"/>: <see cref="ConnectionOptions.Tls"/>.</value>
    public TlsOptions? Tls { get; set; }

    /// <summary>A server with the options of its connection.</summary>
    /// <param name="url">See <see cref="Url"/>.</param>
    public static implicit operator EndpointOptions(string url) => FromString(url);

    /// <summary>A server with the options of its connection.</summary>
    /// <param name="url">See <see cref="Url"/>.</param>
    /// <returns>The options.</returns>
    public static EndpointOptions FromString(string url) => new() { Url = url };

    internal EndpointOptions Freeze()
    {
        ArgumentNullException.ThrowIfNull(Url);
        ConnectionUrl server = ConnectionUrl.ParseServer(Url);
        if (Tls is not null && !server.UsesTls)
            throw new ArgumentException($"Failover: Tls is set, and the scheme '{server.Scheme}' of {server} is without TLS: use 'amqps', or leave Tls null.", nameof(Tls));
        var copy = (EndpointOptions)MemberwiseClone();
        copy.Tls = Tls?.Freeze();
        return copy;
    }
}
