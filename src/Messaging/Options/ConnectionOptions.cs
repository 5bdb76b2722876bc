using System.ComponentModel.DataAnnotations;
using Messaging.Amqp;
using Messaging.Amqp.Framing;
using Messaging.Client;

namespace Messaging;

/// <summary>Options of a connection. A copy is taken when it is opened.</summary>
public sealed class ConnectionOptions
{
    /// <summary>The server: <c>amqp://[user[:password]@]host[:port][/address]</c>, <c>inproc://name</c>; see <see cref="ConnectionUrl"/>.</summary>
    /// <value><c>amqp://localhost:5672</c>.</value>
    public string Url { get; set; } = "amqp://localhost:5672";

    /// <summary>More servers, tried in this order when those before cannot be reached: <c>Failover = ["amqp://beta.example.com"]</c>. A server may name still more in its <c>open</c> (<c>failover-server-list</c>); see <see cref="RecoveryOptions.MaxRedirects"/>.</summary>
    /// <value>Empty.</value>
    public IReadOnlyList<EndpointOptions> Failover { get; set; } = [];

    /// <summary>The user name; it wins over the URL's.</summary>
    /// <value><see langword="null"/>: that of the URL, which goes to no other server; else anonymous.</value>
    public string? User { get; set; }

    /// <summary>The password of <see cref="User"/>; without any user it is refused. Never logged, traced or printed.</summary>
    /// <value><see langword="null"/>: that of the URL, else none.</value>
    public string? Password { get; set; }

    /// <summary>The container id of this connection.</summary>
    /// <value><see langword="null"/>: that of the client.</value>
    public string? ContainerId { get; set; }

    /// <summary>The host name told in <c>open</c> and to SASL, where it differs from the URL's host (part 2, 2.7.1, <c>hostname</c>).</summary>
    /// <value><see langword="null"/>: the URL's host. Empty: none is told.</value>
    public string? VirtualHost { get; set; }

    /// <summary>Whether the SASL layer is used (part 5, 5.3). Without it the bare AMQP header is sent.</summary>
    /// <value><see langword="true"/>.</value>
    public bool SaslEnabled { get; set; } = true;

    /// <summary>Gives user, password or token at each attempt; it wins over <see cref="User"/> and the URL.</summary>
    /// <value><see langword="null"/>.</value>
    public ICredentialProvider? CredentialProvider { get; set; }

    /// <summary>TLS, for <c>amqps</c>. Refused where no server of the connection has that scheme, so that nobody takes clear text for TLS.</summary>
    /// <value><see langword="null"/>: the defaults of <see cref="TlsOptions"/>.</value>
    public TlsOptions? Tls { get; set; }

    /// <summary>Claims-based security.</summary>
    /// <value><see langword="null"/>: not used.</value>
    public CbsOptions? Cbs { get; set; }

    /// <summary>SASL mechanisms of the application's own, the strongest first; they go before those of the SDK.</summary>
    /// <value>Empty.</value>
    public IReadOnlyList<ISaslClientMechanism> CustomMechanisms { get; set; } = [];

    /// <summary>The SASL mechanisms that may be used. The name of a SCRAM mechanism allows its <c>-PLUS</c> form, which is the same tied to the TLS connection, too.</summary>
    /// <value><see langword="null"/>: every one that the credentials allow; GSSAPI only when it is named here.</value>
    public IReadOnlyCollection<string>? AllowedMechanisms { get; set; }

    /// <summary>Whether what shows a password or token to whoever listens may be used on an unencrypted connection, loopback included: PLAIN, OAUTHBEARER, XOAUTH2, mechanisms of the application's own that say so, and the tokens of <see cref="Cbs"/>.</summary>
    /// <value><see langword="false"/>.</value>
    public bool AllowInsecureMechanisms { get; set; }

    /// <summary>Whether a connection that could not be opened or was lost is opened again, as <see cref="Recovery"/> says. Without it the servers are tried once.</summary>
    /// <value><see langword="true"/>.</value>
    public bool Reconnect { get; set; } = true;

    /// <summary>How a lost connection is opened anew.</summary>
    /// <value>The defaults of <see cref="RecoveryOptions"/>.</value>
    public RecoveryOptions Recovery { get; set; } = new();

    /// <summary>How many sends are queued while the connection is lost; further ones wait for it outside the queue, in their calls.</summary>
    /// <value>10,000. Range 1 to 100,000,000.</value>
    [Range(1, 100_000_000)]
    public int MaxPendingSends { get; set; } = 10_000;

    /// <summary>How many bytes of messages are queued while the connection is lost, as <see cref="MaxPendingSends"/>; one message is let in whatever its size.</summary>
    /// <value>64 MiB. At least 1.</value>
    [Range(1, long.MaxValue)]
    public long MaxPendingBytes { get; set; } = 64 * 1024 * 1024;

    /// <summary>When links that do nothing are reported.</summary>
    /// <value>The defaults of <see cref="WatchdogOptions"/>; <see langword="null"/>: never.</value>
    public WatchdogOptions? Watchdog { get; set; } = new();

    /// <summary>How long one attempt at one server may take, from the first packet to its <c>open</c>.</summary>
    /// <value>15 seconds. Above zero and at most 49 days, or <see cref="Timeout.InfiniteTimeSpan"/>.</value>
    public TimeSpan HandshakeTimeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How long opening may take in all, attempts and delays included. <see cref="Timeout.InfiniteTimeSpan"/> for no limit.</summary>
    /// <value>30 seconds. Above zero and at most 49 days.</value>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a call without a cancellation token may take. <see cref="Timeout.InfiniteTimeSpan"/> for no limit.</summary>
    /// <value>60 seconds. Above zero and at most 49 days.</value>
    public TimeSpan OperationTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How long the peer may be silent before the connection counts as lost; half of it is told to the peer (part 2, 2.4.5). Zero for no limit.</summary>
    /// <value>30 seconds. Zero, or 100 milliseconds to 24 days.</value>
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long the network may refuse to take bytes before the connection counts as lost.</summary>
    /// <value>30 seconds. Above zero and at most 49 days, or <see cref="Timeout.InfiniteTimeSpan"/>.</value>
    public TimeSpan WriteTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The largest frame in bytes that this side takes (part 2, 2.7.1, <c>max-frame-size</c>).</summary>
    /// <value>65,536. Range 512 to 16,777,216.</value>
    [Range(512, 16 * 1024 * 1024)]
    public int MaxFrameSize { get; set; } = 65_536;

    /// <summary>The highest channel number, so one less than the sessions of the connection (part 2, 2.7.1, <c>channel-max</c>).</summary>
    /// <value>255. Range 0 to 65,535.</value>
    [Range(0, ushort.MaxValue)]
    public int ChannelMax { get; set; } = 255;

    /// <summary>The capabilities offered in <c>open</c>.</summary>
    /// <value>Empty.</value>
    public IReadOnlyList<Symbol> OfferedCapabilities { get; set; } = [];

    /// <summary>The capabilities desired in <c>open</c>.</summary>
    /// <value>Empty.</value>
    public IReadOnlyList<Symbol> DesiredCapabilities { get; set; } = [];

    /// <summary>The properties told in <c>open</c>.</summary>
    /// <value><see langword="null"/>: the SDK's product name and version.</value>
    public IReadOnlyDictionary<Symbol, object?>? Properties { get; set; }

    /// <summary>The scheme and host without the password.</summary>
    /// <returns>A text that is safe to log.</returns>
    public override string ToString() => ConnectionUrl.TryParse(Url, out ConnectionUrl url) ? url.ToString() : "(malformed URL)";

    internal ConnectionOptions Freeze()
    {
        ArgumentNullException.ThrowIfNull(Url);
        ArgumentNullException.ThrowIfNull(Failover);
        ArgumentNullException.ThrowIfNull(Recovery);
        _ = ConnectionUrl.ParseServer(Url);
        if (Tls is not null && !UsesTls())
            throw new ArgumentException($"Tls is set, and the scheme '{ConnectionUrl.Parse(Url).Scheme}' is without TLS: use 'amqps', or leave Tls null.", nameof(Tls));
        Require.Range(MaxFrameSize, 512, 16 * 1024 * 1024);
        Require.Range(ChannelMax, 0, ushort.MaxValue);
        Require.PositiveOrInfinite(ConnectTimeout);
        Require.PositiveOrInfinite(HandshakeTimeout);
        Require.PositiveOrInfinite(OperationTimeout);
        Require.PositiveOrInfinite(WriteTimeout);
        Require.IdleTimeout(IdleTimeout);
        Require.Range(MaxPendingSends, 1, 100_000_000);
        Require.Range(MaxPendingBytes, 1, long.MaxValue);
        Require.NotEmpty(ContainerId);
        foreach (EndpointOptions endpoint in Failover)
            ArgumentNullException.ThrowIfNull(endpoint, nameof(Failover));
        ArgumentNullException.ThrowIfNull(CustomMechanisms);
        Require.MechanismNames(AllowedMechanisms);
        Require.MechanismNames(CustomMechanisms.Select(static mechanism => mechanism?.Name), isUpperCase: true, nameof(CustomMechanisms));
        var copy = (ConnectionOptions)MemberwiseClone();
        copy.OfferedCapabilities = Require.Copy(OfferedCapabilities);
        copy.DesiredCapabilities = Require.Copy(DesiredCapabilities);
        copy.AllowedMechanisms = AllowedMechanisms is null ? null : [.. AllowedMechanisms];
        copy.CustomMechanisms = Require.Copy(CustomMechanisms);
        copy.Tls = Tls?.Freeze();
        copy.Cbs = Cbs?.Freeze();
        copy.Recovery = Recovery.Freeze();
        copy.Watchdog = Watchdog?.Freeze();
        copy.Failover = [.. Failover.Select(endpoint => endpoint.Freeze())];
        copy.RequireUser();
        Encodable.RequireOption(nameof(ContainerId), new Open { ContainerId = copy.ContainerId! });
        Encodable.RequireOption(nameof(VirtualHost), new Open { Hostname = copy.VirtualHost });
        copy.Properties = Encodable.RequireOption(nameof(Properties), new Open { Properties = copy.Properties }).Properties;
        return copy;
    }

    /// <summary>The address of links without one, when the URL names none: that of the first URL.</summary>
    internal string? FallbackAddress { get; private set; }

    /// <summary>Whether one of the servers is connected to by TLS: a list of servers may mix schemes.</summary>
    internal bool UsesTls() => Failover.Select(static endpoint => endpoint?.Url).Append(Url)
        .Any(static url => ConnectionUrl.TryParse(url, out ConnectionUrl server) ? server.UsesTls : url is not null); // what is malformed is refused as such

    /// <summary>Whether what these options have for logging in was left out, because nobody knows who has named the server.</summary>
    internal bool IsLoginWithheld { get; private set; }

    /// <summary>Whether the connection has a login that does not go to this server (another one has named it, or the login is in the URL of the first): nobody is anonymous here unawares.</summary>
    internal bool IsLoginMissing { get; private set; }

    /// <summary>Whether the user or the password is that of one endpoint, and not that of the connection.</summary>
    internal bool HasOwnLogin { get; private set; }

    /// <summary>The same for another server of the options. A user belongs to where it stands: the endpoint's, its URL's, else that of these options.</summary>
    internal ConnectionOptions For(EndpointOptions endpoint)
    {
        bool hasUser = endpoint.User is not null || ConnectionUrl.Parse(endpoint.Url).User is not null;
        var copy = (ConnectionOptions)MemberwiseClone();
        copy.Url = endpoint.Url;
        copy.FallbackAddress = FallbackAddress ?? ConnectionUrl.Parse(Url).Path;
        copy.User = hasUser ? endpoint.User : User;
        copy.Password = endpoint.Password ?? (hasUser ? null : Password);
        copy.HasOwnLogin = CredentialProvider is null && (hasUser || endpoint.Password is not null);
        copy.VirtualHost = endpoint.VirtualHost ?? VirtualHost;
        copy.Tls = endpoint.Tls ?? Tls;
        copy.IsLoginMissing = !hasUser && MissesLogin(copy);
        return copy;
    }

    /// <summary>The same for a server that another one has named; <paramref name="isTrusted"/> says whether the login goes there.</summary>
    internal ConnectionOptions ForNamed(string url, string? virtualHost, bool isTrusted)
    {
        ConnectionOptions copy = For(new EndpointOptions { Url = url, VirtualHost = virtualHost });
        if (!isTrusted)
            copy.WithholdLogin();
        copy.IsLoginMissing = MissesLogin(copy);
        return copy;
    }

    /// <summary>The same server by another host name.</summary>
    internal ConnectionOptions WithVirtualHost(string virtualHost)
    {
        var copy = (ConnectionOptions)MemberwiseClone();
        copy.VirtualHost = virtualHost;
        return copy;
    }

    /// <summary>The same without other servers to fail over to.</summary>
    internal ConnectionOptions Alone()
    {
        var copy = (ConnectionOptions)MemberwiseClone();
        copy.Failover = [];
        return copy;
    }

    /// <summary>Whether there is something to log in with that could go to another server.</summary>
    private bool HasLogin => User is not null || CredentialProvider is not null || Cbs is not null || CustomMechanisms.Count > 0;

    private bool MissesLogin(ConnectionOptions copy) => !copy.HasLogin && (IsLoginMissing || HasLogin || ConnectionUrl.Parse(Url).User is not null);

    /// <summary>A password alone logs nobody in: its owner would be anonymous unawares.</summary>
    private void RequireUser()
    {
        if (string.IsNullOrEmpty(Password) || User is not null || CredentialProvider is not null)
            return;
        IEnumerable<string> urls = Failover.Select(static endpoint => endpoint.Url).Append(Url);
        if (!Failover.Any(static endpoint => endpoint.User is not null) && !urls.Any(static url => ConnectionUrl.Parse(url).User is not null))
            throw new ArgumentException("Password is set, and no User for it: set User, or put both into the URL.", nameof(Password));
    }

    private void WithholdLogin()
    {
        IsLoginWithheld = true;
        User = Password = null;
        CredentialProvider = null;
        Cbs = null;
        CustomMechanisms = []; // what they show a server is not known here
    }
}
