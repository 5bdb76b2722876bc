using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace Messaging.Transport;

/// <summary>The client's side of TLS for one attempt to connect: the files are read once, the handshake is done with one address after the other.</summary>
internal sealed class TlsClient : IDisposable
{
    private readonly ConnectionUrl _url;
    private readonly TransportSettings _settings;
    private readonly TlsOptions _options;
    private readonly X509Certificate2Collection? _trusted;
    private readonly SslStreamCertificateContext? _certificate;

    private TlsClient(ConnectionUrl url, TransportSettings settings, X509Certificate2Collection? trusted, SslStreamCertificateContext? certificate)
    {
        _url = url;
        _settings = settings;
        _options = settings.Tls;
        _trusted = trusted;
        _certificate = certificate;
    }

    /// <summary>The name for SNI and for the check of the certificate. An IPv6 zone means something on this machine only.</summary>
    private string ServerName
    {
        get
        {
            string name = _options.ServerName ?? (string.IsNullOrEmpty(_settings.VirtualHost) ? _url.Host : _settings.VirtualHost);
            int zone = name.IndexOf('%', StringComparison.Ordinal);
            return zone < 0 ? name : name[..zone];
        }
    }

    /// <exception cref="TlsException">A file that the options name is no good.</exception>
    public static async ValueTask<TlsClient> PrepareAsync(ConnectionUrl url, TransportSettings settings, CancellationToken cancellationToken)
    {
        TlsOptions options = settings.Tls;
        X509Certificate2Collection? trusted = options.TrustedCertificates;
        if (options.Ca is { } path)
        {
            var files = new TrustFiles(path);
            trusted = await SettledFiles.ReadAsync(files.ReadAsync, files.Parse, settings.WereFilesGood, settings.TimeProvider, cancellationToken).ConfigureAwait(false);
        }

        SslStreamCertificateContext? certificate = options.ClientCertificate is { } inMemory ? SslStreamCertificateContext.Create(inMemory, additionalCertificates: null, offline: true) : null;
        if (options.Certificate is { } certificatePath)
        {
            var files = new CertificateFiles(certificatePath, options.Key, options.KeyPassword);
            certificate = await SettledFiles.ReadAsync(files.ReadAsync, files.Parse, settings.WereFilesGood, settings.TimeProvider, cancellationToken).ConfigureAwait(false);
        }

        return new TlsClient(url, settings, trusted, certificate);
    }

    /// <summary>The attempt is over: what was read for it is not needed after the handshake. What the application gave is its own.</summary>
    public void Dispose()
    {
        if (_options.Ca is not null)
            Dispose(_trusted!);
        if (_options.Certificate is null)
            return;
        _certificate!.TargetCertificate.Dispose();
        Dispose(_certificate.IntermediateCertificates);
    }

    /// <summary>Takes over a connected socket; on failure it is closed.</summary>
    /// <exception cref="TlsException">TLS failed.</exception>
    /// <exception cref="MessagingConnectionException">The connection was lost on the way.</exception>
    public async ValueTask<ITransport> HandshakeAsync(Socket socket, CancellationToken cancellationToken)
    {
        Stream owner = Stream.Null;
        try
        {
            StreamTransport.Prepare(socket, _settings);
            var network = new NetworkStream(socket, ownsSocket: true);
            if (_options.Mode == TlsMode.InBand) await AskForTlsAsync(network, cancellationToken).ConfigureAwait(false);

            var below = new FirstBytesStream(network);
            var tls = new SslStream(below, leaveInnerStreamOpen: false);
            owner = tls;
            bool isAsked = await AuthenticateAsync(tls, below, cancellationToken).ConfigureAwait(false);
            TransportSecurity security = TlsFacts.OfClient(tls, isAsked);
            var transport = new StreamTransport(socket, tls, _settings, security);
            TlsLog.Established(_settings.Logger, security.Description, transport.LocalEndPoint, transport.RemoteEndPoint, TlsFacts.Name(security.RemoteCertificate));
            if (!_options.Verify) TlsLog.NotVerified(_settings.Logger, _url.Endpoint);
            return transport;
        }
        catch (Exception e)
        {
            await owner.DisposeAsync().ConfigureAwait(false);
            socket.Dispose();
            if (e is not (SocketException or IOException)) throw;
            throw Lost(TlsFailure.Lost(e, "before the TLS handshake"), e);
        }
    }

    /// <summary>Part 5, 5.2: both sides send the header. Any other answer means no TLS, and so no connection.</summary>
    private async ValueTask AskForTlsAsync(NetworkStream network, CancellationToken cancellationToken)
    {
        await network.WriteAsync(TlsHeader.Bytes, cancellationToken).ConfigureAwait(false);
        ReadOnlyMemory<byte> answer = await TlsHeader.ReadAsync(network, cancellationToken).ConfigureAwait(false);
        if (answer.IsEmpty) throw new IOException("The peer closed the connection instead of answering.");
        if (!TlsHeader.Is(answer.Span))
            throw new TlsException($"Cannot connect to {_url.Endpoint}: the server answered the header that asks for TLS with {TlsFailure.Quote(answer.Span)}: it does not offer in-band TLS here. Use Tls.Mode = Direct and its amqps port.");
    }

    /// <returns>Whether the server asked for a client certificate.</returns>
    private async ValueTask<bool> AuthenticateAsync(SslStream tls, FirstBytesStream below, CancellationToken cancellationToken)
    {
        bool isAsked = false;
        var check = new CertificateCheck("server", ServerName, isWanted: true, _options.Verify);
        SslClientAuthenticationOptions options = Options(check, () => isAsked = true);
        try
        {
            await tls.AuthenticateAsClientAsync(options, cancellationToken).ConfigureAwait(false);
            return isAsked || tls.LocalCertificate is not null;
        }
        catch (OperationCanceledException e) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException($"Connecting to {_url.Endpoint} was cancelled during the TLS handshake.", e, cancellationToken);
        }
        catch (Exception e)
        {
            TlsFailure failure = TlsFailure.OfHandshake(e, check, below);
            throw failure.IsNetwork ? Lost(failure.What, e) : new TlsException($"Cannot connect to {_url.Endpoint}: {failure.What.TrimEnd('.')}.{Advice(check)}", isTransient: failure.IsTransient, innerException: e);
        }
    }

    private SslClientAuthenticationOptions Options(CertificateCheck check, Action onAsked)
    {
        X509ChainPolicy policy = TlsTrust.Policy(_trusted);
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = ServerName,
            EnabledSslProtocols = _options.Protocols,
            AllowTlsResume = false, // a resumed session brings the identities of the one before: every connection is verified anew
            AllowRenegotiation = false,
            RemoteCertificateValidationCallback = check.Check,
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck, // .NET's own default is not the same in all its versions
            CertificateChainPolicy = policy,
            ClientCertificateContext = _certificate,
        };
        if (_certificate is null)
        {
            options.LocalCertificateSelectionCallback = (_, _, own, remote, issuers) =>
            {
                if (remote is not null || issuers.Length > 0) onAsked(); // it is also called before the handshake, with neither
                return own.Count > 0 ? own[0] : null!; // those of Configure, else none: the delegate's type says not null, its documentation that null is fine
            };
        }

        _options.Configure?.Invoke(options);
        TlsTrust.TakeRevocation(policy, options.CertificateChainPolicy, options.CertificateRevocationCheckMode);
        return options;
    }

    private string Advice(CertificateCheck check) => check.Refusal is null
        ? ""
        : $" {(_trusted is null ? "The system's authorities are trusted; set Tls.Ca to trust another." : "Only the authorities of Tls.Ca or Tls.TrustedCertificates are trusted.")} The name comes from Tls.ServerName, else the virtual host, else the URL.";

    private static MessagingConnectionException Lost(string what, Exception cause) => new(what, innerException: cause); // one address of several: the caller says of what server

    private static void Dispose(IEnumerable<X509Certificate2> certificates)
    {
        foreach (X509Certificate2 certificate in certificates)
            certificate.Dispose();
    }
}
