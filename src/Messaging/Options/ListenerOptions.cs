using System.ComponentModel.DataAnnotations;
using Messaging.Amqp;
using Messaging.Amqp.Framing;
using Messaging.Client;

namespace Messaging;

/// <summary>Options of a listener. A copy is taken when it starts.</summary>
public sealed class ListenerOptions
{
    /// <summary>Where to listen: <c>amqp://host:port</c> or <c>amqps://host:port</c>, where <c>localhost</c> is loopback, <c>0.0.0.0</c> and <c>[::]</c> every interface, and port 0 one of the system's choice; or <c>inproc://name</c>.</summary>
    /// <value><c>amqp://localhost:5672</c>.</value>
    public string Url { get; set; } = "amqp://localhost:5672";

    /// <summary>The container id told to peers.</summary>
    /// <value><see langword="null"/>: that of the client.</value>
    public string? ContainerId { get; set; }

    /// <summary>Whether a peer may connect without credentials: SASL ANONYMOUS, or no SASL layer at all. <see cref="AllowedMechanisms"/> without ANONYMOUS refuses both.</summary>
    /// <value>
    /// <see langword="null"/>: only where nothing else is set to log in with: no <see cref="Users"/>, <see cref="AuthenticatePlain"/>, <see cref="AuthenticateToken"/>, <see cref="AllowKerberos"/>,
    /// <see cref="CertificateIdentity"/> or <see cref="CustomMechanisms"/>, and no client certificate that is <see cref="ClientCertificateMode.Required"/>.
    /// </value>
    public bool? AllowAnonymous { get; set; }

    /// <summary>Checks a user name and password (SASL PLAIN), neither of them empty; the name is prepared by SASLprep (RFC 4013) and becomes the identity. Compare in constant time; say the same for an unknown user and for a wrong password. It wins over <see cref="Users"/>.</summary>
    /// <value><see langword="null"/>: passwords are checked against <see cref="Users"/>; without those PLAIN is not offered.</value>
    /// <remarks>Called on the thread pool, several calls at a time. What it throws is logged (5001), never told to the peer, and refuses the login (outcome 2, sys; a <see cref="SaslException"/> that may pass: 4, sys-temp). The token is cancelled when the connection ends, at <see cref="HandshakeTimeout"/> at the latest.</remarks>
    public Func<string, string, CancellationToken, ValueTask<bool>>? AuthenticatePlain { get; set; }

    /// <summary>The users that may log in by PLAIN or SCRAM.</summary>
    /// <value><see langword="null"/>: none.</value>
    public ISaslUserStore? Users { get; set; }

    /// <summary>Gives the identity of a client that logs in with its certificate (EXTERNAL); <see langword="null"/> refuses it.</summary>
    /// <value><see langword="null"/>: the certificate's subject common name, else its whole subject.</value>
    public Func<System.Security.Cryptography.X509Certificates.X509Certificate2, string?>? CertificateIdentity { get; set; }

    /// <summary>Checks an access token (OAUTHBEARER, XOAUTH2) and gives the identity behind it; <see langword="null"/> refuses it.</summary>
    /// <value><see langword="null"/>: tokens are not taken.</value>
    /// <remarks>Called as <see cref="AuthenticatePlain"/> is; what it throws means the same.</remarks>
    public Func<string, CancellationToken, ValueTask<string?>>? AuthenticateToken { get; set; }

    /// <summary>Whether Kerberos (GSSAPI) is offered; the keytab is the system's (<c>KRB5_KTNAME</c>).</summary>
    /// <value><see langword="false"/>.</value>
    public bool AllowKerberos { get; set; }

    /// <summary>SASL mechanisms of the application's own.</summary>
    /// <value>Empty.</value>
    public IReadOnlyList<ISaslServerMechanism> CustomMechanisms { get; set; } = [];

    /// <summary>The SASL mechanisms that may be offered. The name of a SCRAM mechanism allows its <c>-PLUS</c> form too.</summary>
    /// <value><see langword="null"/>: every one that the other options make possible.</value>
    public IReadOnlyCollection<string>? AllowedMechanisms { get; set; }

    /// <summary>TLS; needed for <c>amqps</c>.</summary>
    /// <value><see langword="null"/>: clear text.</value>
    public ListenerTlsOptions? Tls { get; set; }

    /// <summary>Decides whether a peer that has logged in may open a connection; when not, it is refused with <c>amqp:unauthorized-access</c>. Only one that may is seen by <see cref="IListener.AcceptAllAsync"/>.</summary>
    /// <value><see langword="null"/>: every peer may.</value>
    /// <remarks>Called on the thread pool. What it throws is logged and refuses the connection. The token is cancelled when <see cref="DecisionTimeout"/> is over or the peer is gone. To refuse with another error, call <see cref="IIncomingConnection.RefuseAsync"/> in the hook.</remarks>
    public Func<IIncomingConnection, CancellationToken, ValueTask<bool>>? AuthorizeConnection { get; set; }

    /// <summary>Decides whether a peer may attach a link to an address; when not, the link is refused with <c>amqp:unauthorized-access</c>. Only one that may is seen by <see cref="IConnection.IncomingLinksAsync"/>.</summary>
    /// <value><see langword="null"/>: every peer may.</value>
    /// <remarks>Called on the thread pool, several calls at a time, for every address: dynamic nodes, the anonymous terminus, <c>$management</c> and <c>$cbs</c> too. What it throws is logged and refuses the link; the connection lives. The token is cancelled when <see cref="DecisionTimeout"/> is over or the connection has ended.</remarks>
    public Func<LinkAuthorization, CancellationToken, ValueTask<bool>>? AuthorizeLink { get; set; }

    /// <summary>Whether mechanisms that show a password or token (PLAIN, OAUTHBEARER, XOAUTH2) are offered on an unencrypted connection, loopback included.</summary>
    /// <value><see langword="false"/>.</value>
    public bool AllowInsecureMechanisms { get; set; }

    /// <summary>Decides whether a session that a peer begins is accepted; it must be quick.</summary>
    /// <value><see langword="null"/>: every session is accepted.</value>
    public Func<IIncomingSession, bool>? AcceptSession { get; set; }

    /// <summary>How long a peer may take from its first byte to its <c>open</c>.</summary>
    /// <value>15 seconds. Above zero and at most 49 days, or <see cref="Timeout.InfiniteTimeSpan"/>.</value>
    public TimeSpan HandshakeTimeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How long the application may take to accept or refuse a connection or a link, <see cref="AuthorizeConnection"/> and <see cref="AuthorizeLink"/> included; then it is refused.</summary>
    /// <value>30 seconds. Above zero and at most 49 days, or <see cref="Timeout.InfiniteTimeSpan"/>.</value>
    public TimeSpan DecisionTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>See <see cref="ConnectionOptions.OperationTimeout"/>.</summary>
    /// <value>60 seconds. Above zero and at most 49 days, or <see cref="Timeout.InfiniteTimeSpan"/>.</value>
    public TimeSpan OperationTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>See <see cref="ConnectionOptions.IdleTimeout"/>.</summary>
    /// <value>60 seconds. Zero, or 100 milliseconds to 24 days.</value>
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>See <see cref="ConnectionOptions.WriteTimeout"/>.</summary>
    /// <value>30 seconds. Above zero and at most 49 days, or <see cref="Timeout.InfiniteTimeSpan"/>.</value>
    public TimeSpan WriteTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How many connections may be open at once; more are closed at once.</summary>
    /// <value>10,000. Range 1 to 1,000,000.</value>
    [Range(1, 1_000_000)]
    public int MaxConnections { get; set; } = 10_000;

    /// <summary>See <see cref="ConnectionOptions.MaxFrameSize"/>.</summary>
    /// <value>65,536 bytes. Range 512 to 16,777,216.</value>
    [Range(512, 16 * 1024 * 1024)]
    public int MaxFrameSize { get; set; } = 65_536;

    /// <summary>See <see cref="ConnectionOptions.ChannelMax"/>.</summary>
    /// <value>255. Range 0 to 65,535.</value>
    [Range(0, ushort.MaxValue)]
    public int ChannelMax { get; set; } = 255;

    /// <summary>How many sessions and links a peer may begin and end within 10 seconds, each message in either direction excusing 16; one more closes its connection with <c>amqp:resource-limit-exceeded</c>. 0 for any number.</summary>
    /// <value>5,000. Range 0 to 1,000,000.</value>
    [Range(0, 1_000_000)]
    public int MaxChurn { get; set; } = 5_000;

    /// <summary>The capabilities offered in <c>open</c>.</summary>
    /// <value>Empty.</value>
    public IReadOnlyList<Symbol> OfferedCapabilities { get; set; } = [];

    /// <summary>The properties told in <c>open</c>.</summary>
    /// <value><see langword="null"/>: the SDK's product name and version.</value>
    public IReadOnlyDictionary<Symbol, object?>? Properties { get; set; }

    /// <summary>Whether anonymous peers are let in. Who sets users means that peers log in.</summary>
    internal bool IsAnonymousAllowed => AllowAnonymous
        ?? (Users is null && AuthenticatePlain is null && AuthenticateToken is null && !AllowKerberos && CustomMechanisms.Count == 0 && CertificateIdentity is null && Tls?.ClientCertificate != ClientCertificateMode.Required);

    internal ListenerOptions Freeze()
    {
        ArgumentNullException.ThrowIfNull(Url);
        string scheme = ConnectionUrl.ParseListener(Url).Scheme;
        Require.NotEmpty(ContainerId);
        ArgumentNullException.ThrowIfNull(CustomMechanisms);
        Require.MechanismNames(AllowedMechanisms);
        Require.MechanismNames(CustomMechanisms.Select(static mechanism => mechanism?.Name), isUpperCase: true, nameof(CustomMechanisms));
        Require.PositiveOrInfinite(HandshakeTimeout);
        Require.PositiveOrInfinite(DecisionTimeout);
        Require.PositiveOrInfinite(OperationTimeout);
        Require.PositiveOrInfinite(WriteTimeout);
        Require.IdleTimeout(IdleTimeout);
        Require.Range(MaxConnections, 1, 1_000_000);
        Require.Range(MaxFrameSize, 512, 16 * 1024 * 1024);
        Require.Range(ChannelMax, 0, ushort.MaxValue);
        Require.Range(MaxChurn, 0, 1_000_000);
        if (scheme == ConnectionUrl.Amqps && Tls is null)
            throw new ArgumentException("An 'amqps' listener needs a certificate: set Tls.Certificate or Tls.ServerCertificate.", nameof(Tls));

        var copy = (ListenerOptions)MemberwiseClone();
        copy.OfferedCapabilities = Require.Copy(OfferedCapabilities);
        copy.AllowedMechanisms = AllowedMechanisms is null ? null : [.. AllowedMechanisms];
        copy.CustomMechanisms = Require.Copy(CustomMechanisms);
        copy.Tls = Tls?.Freeze(scheme);
        Encodable.RequireOption(nameof(ContainerId), new Open { ContainerId = copy.ContainerId! });
        copy.Properties = Encodable.RequireOption(nameof(Properties), new Open { Properties = copy.Properties }).Properties;
        return copy;
    }
}
