using System.Collections.Concurrent;
using Messaging.Tests.Support;

namespace Messaging.Interop.Tests.SecurityTests;

/// <summary>Our listener over TLS, which echoes: alice may log in with her password, whoever has a certificate of the authority by it, and others anonymously.</summary>
internal static class SecureListener
{
    /// <param name="client">Owns it.</param>
    /// <param name="certificates">The server's, and the authority of clients.</param>
    /// <param name="mode">Whether clients show a certificate.</param>
    /// <param name="logins">Takes identity and mechanism of each connection, and whether it is encrypted.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public static Task<Listening> StartAsync(
        IMessagingClient client, TestCertificates certificates, ClientCertificateMode mode, ConcurrentQueue<string> logins, CancellationToken cancellationToken)
    {
        var users = new InMemoryUserStore();
        users.Add("alice", Passwords.Right);
        var options = new ListenerOptions
        {
            Url = "amqps://localhost:0",
            Users = users,
            AllowAnonymous = true,
            Tls = new ListenerTlsOptions
            {
                ServerCertificate = _ => certificates.Server,
                ClientCertificate = mode,
                TrustedCertificates = mode is ClientCertificateMode.None ? null : certificates.Roots,
            },
        };
        return Listening.StartAsync(
            client, options, new Echo().ServeAsync, login => logins.Enqueue($"{login.Identity} {login.SaslMechanism} {(login.IsEncrypted ? "encrypted" : "clear")}"), cancellationToken);
    }
}
