using Messaging.Tests.Support;

namespace Messaging.Tests.Security;

/// <summary>A listener that takes every mechanism, over TCP in clear text, and logins at it.</summary>
internal sealed class SaslTesting : IAsyncDisposable
{
    public const string User = "alice";
    public const string Password = "pA55-w0rd=,ü";
    public const string Token = "eyJhbGciOiJub25lIn0.t0ken-Of-Alice";

    private readonly TestPair _pair;

    private SaslTesting(TestPair pair, LogCapture log)
    {
        _pair = pair;
        Log = log;
    }

    public LogCapture Log { get; }

    public string Url => _pair.Listener.Url;

    public MessagingClient Client => _pair.Client;

    public static async Task<SaslTesting> ListenAsync(Action<ListenerOptions>? change = null, TimeProvider? time = null)
    {
        var users = new InMemoryUserStore(4096);
        users.Add(User, Password);
        var options = new ListenerOptions
        {
            Users = users,
            AuthenticateToken = (token, _) => new ValueTask<string?>(token == Token ? User : null),
            AllowAnonymous = true,
            AllowInsecureMechanisms = true,
        };
        change?.Invoke(options);
        var log = new LogCapture();
        var client = new MessagingClientOptions { LoggerFactory = log, TimeProvider = time ?? TimeProvider.System };
        return new SaslTesting(await TestPair.ListenAsync(options, client, tcp: true), log);
    }

    /// <summary>One attempt by one mechanism.</summary>
    public ConnectionOptions Options(string? mechanism, string? user = User, string? password = Password, string? token = null) => new()
    {
        Url = Url,
        Reconnect = false,
        AllowedMechanisms = mechanism is null ? null : [mechanism],
        AllowInsecureMechanisms = true,
        CredentialProvider = CredentialProvider.Create((_, _) =>
            new ValueTask<SaslCredentials?>(user is null && token is null ? null : new SaslCredentials { User = user, Password = password, Token = token })),
    };

    /// <summary>Logs in, and what the listener knows of it.</summary>
    public async Task<(string Identity, string? Mechanism)> LogInAsync(ConnectionOptions options)
    {
        Task<IConnection> connecting = _pair.Client.ConnectAsync(options, BoundedWaits.Stop).AsTask();
        Task<IIncomingConnection> arriving = _pair.NextConnectionAsync();
        if (await Task.WhenAny(connecting, arriving).Bounded() == connecting)
            await connecting; // it cannot be open before it is accepted: it failed, and says why
        IIncomingConnection incoming = await arriving;
        await using IConnection accepted = await incoming.AcceptAsync(BoundedWaits.Stop).Bounded();
        await using IConnection connection = await connecting.Bounded();
        return (incoming.Identity, incoming.SaslMechanism);
    }

    /// <summary>The error with which a login ends.</summary>
    public Task<SaslException> RefusedAsync(ConnectionOptions options) => _pair.Client.ConnectAsync(options, BoundedWaits.Stop).Throws<SaslException, IConnection>();

    public Task<RawPeer> DialAsync() => RawPeer.ConnectAsync(Url);

    public ValueTask DisposeAsync() => _pair.DisposeAsync();
}
