using System.Net.Security;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Security.Cryptography.X509Certificates;

namespace Messaging.Transport;

/// <summary>The listener's side of TLS: certificates, trust, and the handshake of each connection.</summary>
internal sealed class TlsAcceptor
{
    private readonly ConnectionUrl _url;
    private readonly ListenerTlsOptions _options;
    private readonly TransportSettings _settings;
    private readonly ReloadedFiles<SslStreamCertificateContext>? _certificate;
    private readonly ReloadedFiles<X509Certificate2Collection>? _authorities;
    private readonly ConditionalWeakTable<X509Certificate2, SslStreamCertificateContext> _contexts = [];

    private TlsAcceptor(ConnectionUrl url, ListenerTlsOptions options, TransportSettings settings)
    {
        _url = url;
        _options = options;
        _settings = settings;
        if (options.Certificate is { } certificate)
        {
            var files = new CertificateFiles(certificate, options.Key, options.KeyPassword);
            _certificate = new ReloadedFiles<SslStreamCertificateContext>(files.ToString(), files.ReadAsync, files.Parse, settings.Logger);
        }

        if (options.Ca is { } ca)
        {
            var files = new TrustFiles(ca);
            _authorities = new ReloadedFiles<X509Certificate2Collection>(files.ToString(), files.ReadAsync, files.Parse, settings.Logger);
        }
    }

    /// <summary>Listens. The files must be good at the start; later bad ones leave the good ones in force.</summary>
    /// <exception cref="TlsException">A file is no good.</exception>
    public static async ValueTask<ITransportListener> ListenAsync(ConnectionUrl url, ListenerTlsOptions options, TransportSettings settings, CancellationToken cancellationToken)
    {
        var acceptor = new TlsAcceptor(url, options, settings);
        if (acceptor._certificate is not null) await acceptor._certificate.GetAsync(cancellationToken).ConfigureAwait(false);
        if (acceptor._authorities is not null) await acceptor._authorities.GetAsync(cancellationToken).ConfigureAwait(false);
        return await TcpTransportListener.StartAsync(url, settings, cancellationToken, acceptor.Wrap).ConfigureAwait(false);
    }

    /// <summary>Brings one connection to the point where AMQP begins. On failure it is closed so that the peer can still read why.</summary>
    /// <exception cref="TlsException">TLS failed.</exception>
    /// <exception cref="MessagingConnectionException">The connection was lost on the way.</exception>
    public async ValueTask<ITransport> EstablishAsync(Socket socket, NetworkStream network, CancellationToken cancellationToken)
    {
        if (_options.Mode == TlsMode.InBand)
        {
            ReadOnlyMemory<byte> header = await TlsHeader.ReadAsync(network, cancellationToken).ConfigureAwait(false);
            bool isTls = TlsHeader.Is(header.Span);
            if (!isTls && _url.Scheme == ConnectionUrl.Amqp) return new StreamTransport(socket, network, _settings, security: null, header);

            await network.WriteAsync(TlsHeader.Bytes, cancellationToken).ConfigureAwait(false); // the answer also to a wrong one: part 2, 2.2
            if (!isTls) throw new TlsException($"the peer did not ask for TLS but sent {TlsFailure.Quote(header.Span)}; it was answered with the header that is wanted.");
        }

        return await HandshakeAsync(socket, network, cancellationToken).ConfigureAwait(false);
    }

    private IncomingTls Wrap(Socket socket)
    {
        try
        {
            StreamTransport.Prepare(socket, _settings);
            return new IncomingTls(socket, _settings, this);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private async ValueTask<ITransport> HandshakeAsync(Socket socket, NetworkStream network, CancellationToken cancellationToken)
    {
        var below = new FirstBytesStream(network);
        var tls = new SslStream(below, leaveInnerStreamOpen: true); // who called closes the socket, after the alert has gone out
        var check = new CertificateCheck("client", host: null, _options.ClientCertificate == ClientCertificateMode.Required, isVerified: true);
        try
        {
            await tls.AuthenticateAsServerAsync((_, hello, _, token) => OptionsAsync(hello, check, token), state: null, cancellationToken).ConfigureAwait(false);
            TransportSecurity security = TlsFacts.OfServer(tls);
            var transport = new StreamTransport(socket, tls, _settings, security);
            TlsLog.Established(_settings.Logger, security.Description, transport.LocalEndPoint, transport.RemoteEndPoint, TlsFacts.Name(security.RemoteCertificate));
            return transport;
        }
        catch (Exception e)
        {
            await tls.DisposeAsync().ConfigureAwait(false);
            if (e is TlsException || (e is OperationCanceledException && cancellationToken.IsCancellationRequested)) throw;

            TlsFailure failure = TlsFailure.OfHandshake(e, check, below);
            if (failure.IsNetwork) throw new MessagingConnectionException(failure.What, innerException: e);
            throw new TlsException(failure.What, isTransient: failure.IsTransient, innerException: e);
        }
    }

    private async ValueTask<SslServerAuthenticationOptions> OptionsAsync(SslClientHelloInfo hello, CertificateCheck check, CancellationToken cancellationToken)
    {
        bool isAsking = _options.ClientCertificate != ClientCertificateMode.None;
        X509ChainPolicy policy = TlsTrust.Policy(await TrustedAsync(cancellationToken).ConfigureAwait(false));
        var options = new SslServerAuthenticationOptions
        {
            EnabledSslProtocols = _options.Protocols,
            AllowTlsResume = false, // a resumed session brings the client's certificate of the one before, from another listener even
            AllowRenegotiation = false,
            ClientCertificateRequired = isAsking,
            RemoteCertificateValidationCallback = check.Check,
            ServerCertificateContext = await CertificateAsync(hello.ServerName, cancellationToken).ConfigureAwait(false),
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
            CertificateChainPolicy = policy,
        };
        _options.Configure?.Invoke(options);
        TlsTrust.TakeRevocation(policy, options.CertificateChainPolicy, options.CertificateRevocationCheckMode);
        return options;
    }

    private async ValueTask<X509Certificate2Collection?> TrustedAsync(CancellationToken cancellationToken) =>
        _authorities is null ? _options.TrustedCertificates : await _authorities.GetAsync(cancellationToken).ConfigureAwait(false);

    private async ValueTask<SslStreamCertificateContext?> CertificateAsync(string? name, CancellationToken cancellationToken)
    {
        if (_certificate is not null) return await _certificate.GetAsync(cancellationToken).ConfigureAwait(false);
        if (_options.ServerCertificate is not { } choose) return null; // Configure gives it

        X509Certificate2 certificate = choose(string.IsNullOrEmpty(name) ? null : name) ?? throw new TlsException("Tls.ServerCertificate gave no certificate");
        return _contexts.GetValue(certificate, static chosen => SslStreamCertificateContext.Create(chosen, additionalCertificates: null, offline: true));
    }
}
