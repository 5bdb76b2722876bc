using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Messaging.Tests.Support;

namespace Messaging.Tests.Transport.Tls;

/// <summary>Certificates, keys and authorities as files, in every form that is taken, and the errors of the others.</summary>
public sealed class TlsFileTests
{
    private const string Password = TestCertificates.Password;

    private static readonly Dictionary<string, Action<TlsOptions, TestCertificates>> GoodFiles = new(StringComparer.Ordinal)
    {
        ["PEM pair"] = (tls, made) => (tls.Certificate, tls.Key) = (made.WritePem("c.pem", made.Client), made.WriteKey("c.key", made.Client)),
        ["PEM pair, encrypted key"] = (tls, made) => (tls.Certificate, tls.Key, tls.KeyPassword) = (made.WritePem("c.pem", made.Client), made.WriteKey("c.key", made.Client, Password), Password),
        ["PEM pair, a password that is not needed"] = (tls, made) => (tls.Certificate, tls.Key, tls.KeyPassword) = (made.WritePem("c.pem", made.Client), made.WriteKey("c.key", made.Client), Password),
        ["one PEM file, key first"] = (tls, made) => tls.Certificate = made.Write("c.pem", File.ReadAllText(made.WriteKey("c.key", made.Client)) + made.Client.ExportCertificatePem()),
        ["one PEM file, encrypted key, chain above"] = (tls, made) => (tls.Certificate, tls.KeyPassword) =
            (made.Write("c.pem", $"{made.Client.ExportCertificatePem()}\n{made.Authority.ExportCertificatePem()}\n{File.ReadAllText(made.WriteKey("c.key", made.Client, Password))}"), Password),
        ["DER with a PEM key"] = (tls, made) =>
        {
            tls.Certificate = made.PathOf("c.der");
            File.WriteAllBytes(tls.Certificate, made.Client.RawData);
            tls.Key = made.WriteKey("c.key", made.Client);
        },
        ["SEC 1 key behind its parameters"] = (tls, made) =>
        {
            using ECDsa key = made.Client.GetECDsaPrivateKey()!;
            tls.Certificate = made.WritePem("c.pem", made.Client);
            tls.Key = made.Write("c.key", "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n" + key.ExportECPrivateKeyPem());
        },
        ["PKCS#12"] = (tls, made) => (tls.Certificate, tls.KeyPassword) = (made.WritePkcs12("c.p12", Password, made.Client, made.Authority), Password),
        ["PKCS#12 without a password"] = (tls, made) => tls.Certificate = made.WritePkcs12("c.p12", null, made.Client),
        ["in memory"] = (tls, made) => tls.ClientCertificate = made.Client,
    };

    private static readonly Dictionary<string, (string Problem, Action<TlsOptions, TestCertificates> Change)> BadFiles = new(StringComparer.Ordinal)
    {
        ["no certificate file"] = ("Tls.Certificate '/nowhere/c.pem' cannot be read", (tls, _) => tls.Certificate = "/nowhere/c.pem"),
        ["no key file"] = ("Tls.Key '/nowhere/c.key' cannot be read", (tls, made) => (tls.Certificate, tls.Key) = (made.WritePem("c.pem", made.Client), "/nowhere/c.key")),
        ["no key"] = ("c.pem' holds no private key: name its file with Tls.Key", (tls, made) => tls.Certificate = made.WritePem("c.pem", made.Client)),
        ["no key in its file"] = ("c.key' holds no private key", (tls, made) => (tls.Certificate, tls.Key) = (made.WritePem("c.pem", made.Client), made.Write("c.key", "nothing"))),
        ["key of another"] = ("does not belong to the first certificate of", (tls, made) => (tls.Certificate, tls.Key) = (made.WritePem("c.pem", made.Client), made.WriteKey("c.key", made.Server))),
        ["chain first"] = ("does not belong to the first certificate of", (tls, made) => (tls.Certificate, tls.Key) = (made.WritePem("c.pem", made.Authority, made.Client), made.WriteKey("c.key", made.Client))),
        ["wrong password"] = ("Tls.KeyPassword is not its password", (tls, made) => (tls.Certificate, tls.Key, tls.KeyPassword) = (made.WritePem("c.pem", made.Client), made.WriteKey("c.key", made.Client, Password), "wrong-" + Password)),
        ["no password"] = ("the key is encrypted: set Tls.KeyPassword", (tls, made) => (tls.Certificate, tls.Key) = (made.WritePem("c.pem", made.Client), made.WriteKey("c.key", made.Client, Password))),
        ["old encryption"] = ("openssl pkcs8 -topk8", (tls, made) => (tls.Certificate, tls.Key) =
            (made.WritePem("c.pem", made.Client), made.Write("c.key", "-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\nAAAA\n-----END EC PRIVATE KEY-----\n"))),
        ["garbage"] = ("cannot be read as PEM or as PKCS#12", (tls, made) => tls.Certificate = made.Write("c.pem", "garbage")),
        ["empty"] = ("cannot be read as PEM or as PKCS#12", (tls, made) => tls.Certificate = made.Write("c.pem", "")),
        ["broken PEM"] = ("holds no certificate", (tls, made) => tls.Certificate = made.Write("c.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")),
        ["PKCS#12, wrong password"] = ("with Tls.KeyPassword: check both", (tls, made) => (tls.Certificate, tls.KeyPassword) = (made.WritePkcs12("c.p12", Password, made.Client), "wrong-" + Password)),
        ["PKCS#12, no password"] = ("set Tls.KeyPassword if it has one", (tls, made) => tls.Certificate = made.WritePkcs12("c.p12", Password, made.Client)),
        ["PKCS#12 and a key"] = ("leave out Tls.Key", (tls, made) => (tls.Certificate, tls.Key) = (made.WritePkcs12("c.p12", null, made.Client), made.WriteKey("c.key", made.Client))),
        ["PKCS#12 without its key"] = ("holds no private key: export it with its key", (tls, made) => tls.Certificate = made.WritePkcs12("c.p12", null, made.Roots)),
        ["no authorities"] = ("Tls.Ca '/nowhere/ca.pem' cannot be read", (tls, _) => tls.Ca = "/nowhere/ca.pem"),
        ["authorities without certificates"] = ("ca.pem' holds no certificate", (tls, made) => tls.Ca = made.Write("ca.pem", "# nobody yet\n")),
        ["empty directory"] = ("holds no certificate: give a file of PEM or DER certificates, or a directory", (tls, made) => tls.Ca = Directory.CreateDirectory(made.PathOf("empty")).FullName),
    };

    private static readonly Dictionary<string, Func<TestCertificates, string>> GoodAuthorities = new(StringComparer.Ordinal)
    {
        ["PEM"] = made => made.WritePem("ca.pem", made.Authority),
        ["PEM with comments and others"] = made => made.Write("ca.pem", $"# ours\n{made.SelfSigned().ExportCertificatePem()}\n# and\n{made.Authority.ExportCertificatePem()}"),
        ["DER"] = made =>
        {
            File.WriteAllBytes(made.PathOf("ca.der"), made.Authority.RawData);
            return made.PathOf("ca.der");
        },
        ["directory with other files in it"] = made =>
        {
            string folder = Directory.CreateDirectory(made.PathOf("authorities")).FullName;
            made.Write("authorities/README", "the authorities");
            made.Write("authorities/broken.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
            made.WritePem("authorities/other.crt", made.SelfSigned());
            made.WritePem("authorities/ours.crt", made.Authority);
            Directory.CreateDirectory(made.PathOf("authorities/folder"));
            if (!OperatingSystem.IsWindows())
                File.CreateSymbolicLink(made.PathOf("authorities/gone.crt"), "removed.crt");
            return folder;
        },
    };

    public static TheoryData<string> Good => [.. GoodFiles.Keys];

    public static TheoryData<string> Bad => [.. BadFiles.Keys];

    public static TheoryData<string> Authorities => [.. GoodAuthorities.Keys];

    [Theory]
    [MemberData(nameof(Good))]
    public async Task Certificate_OfAClient_IsShown(string form)
    {
        await using var testing = new TlsTesting();
        IListener listener = await testing.ListenAsync(options => (options.Tls!.ClientCertificate, options.Tls.TrustedCertificates) = (ClientCertificateMode.Required, testing.Certificates.Roots));

        (IConnection connection, IIncomingConnection incoming, _) = await testing.ConnectAsync(listener, tls => GoodFiles[form](tls, testing.Certificates));

        Assert.Equal("CN=alice", incoming.ClientCertificate!.Subject);
        await connection.DisposeAsync();
        AssertNoSecret(testing);
    }

    [Theory]
    [MemberData(nameof(Bad))]
    public async Task Files_OfAClient_NoGood_SayWhichAndWhy(string form)
    {
        await using var testing = new TlsTesting();
        IListener listener = await testing.ListenAsync();

        TlsException error = await testing.FailsAsync<TlsException>(listener.Url, tls =>
        {
            tls.TrustedCertificates = null;
            BadFiles[form].Change(tls, testing.Certificates);
        });

        Assert.Contains(BadFiles[form].Problem, error.Message, StringComparison.Ordinal);
        Assert.False(error.IsTransient);
        Assert.DoesNotContain(Password, error.ToString(), StringComparison.Ordinal);
        AssertNoSecret(testing);
        Assert.DoesNotContain(testing.Log.Lines, line => line.Id == 4003); // found out before anything was sent
    }

    [Theory]
    [MemberData(nameof(Bad))]
    public async Task Files_OfAListener_NoGood_SayWhichAndWhy(string form)
    {
        await using var testing = new TlsTesting();
        var wrong = new TlsOptions();
        BadFiles[form].Change(wrong, testing.Certificates);

        TlsException error = await testing.Client.ListenAsync(
            new ListenerOptions
            {
                Url = "amqps://localhost:0",
                Tls = new ListenerTlsOptions
                {
                    Certificate = wrong.Certificate,
                    Key = wrong.Key,
                    KeyPassword = wrong.KeyPassword,
                    Ca = wrong.Ca,
                    ClientCertificate = wrong.Ca is null ? ClientCertificateMode.None : ClientCertificateMode.Required,
                    ServerCertificate = wrong.Certificate is null ? _ => testing.Certificates.Server : null,
                },
            },
            BoundedWaits.Stop).Throws<TlsException, IListener>();

        Assert.Contains(BadFiles[form].Problem, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Password, error.ToString(), StringComparison.Ordinal);
        AssertNoSecret(testing);
    }

    [Theory]
    [MemberData(nameof(Authorities))]
    public async Task Ca_InAnyForm_IsTrusted(string form)
    {
        await using var testing = new TlsTesting();
        IListener listener = await testing.ListenAsync();

        (IConnection connection, _, _) = await testing.ConnectAsync(listener, tls => (tls.TrustedCertificates, tls.Ca) = (null, GoodAuthorities[form](testing.Certificates)));

        await connection.DisposeAsync();
    }

    [Fact]
    public async Task Ca_OfOthers_IsNotTrusted()
    {
        await using var testing = new TlsTesting();
        using var others = new TestCertificates();
        IListener listener = await testing.ListenAsync();

        await testing.FailsAsync<TlsException>(listener.Url, tls => (tls.TrustedCertificates, tls.Ca) = (null, others.WritePem("ca.pem", others.Authority)));
    }

    private static void AssertNoSecret(TlsTesting testing) => Assert.DoesNotContain(testing.Log.Lines, line => line.Text.Contains(Password, StringComparison.Ordinal));
}
