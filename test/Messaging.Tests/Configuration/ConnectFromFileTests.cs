using Messaging.Tests.Support;

namespace Messaging.Tests.Configuration;

/// <summary>Connections that are set up by connect.json, against a listener of our own.</summary>
public sealed class ConnectFromFileTests : IDisposable
{
    private readonly ConnectFolders _folders = new();
    private readonly LogCapture _log = new();

    public void Dispose()
    {
        _folders.Dispose();
        _log.Dispose();
    }

    [Fact]
    public async Task Connect_WithoutArguments_UsesTheFile()
    {
        var logins = new List<(string User, string Password)>();
        await using TestPair pair = await TestPair.ListenAsync(Listener(logins), tcp: true);
        WriteFile(pair, "t0ps3cret");
        await using MessagingClient client = Client();

        IConnection connection = await ConnectAsync(pair, () => client.ConnectAsync(BoundedWaits.Stop));

        Assert.Equal(ConnectionState.Connected, connection.State);
        Assert.Equal([("alice", "t0ps3cret")], logins);
        Assert.DoesNotContain(_log.Lines, line => line.Text.Contains("t0ps3cret", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Connect_PasswordIsRotated_UsesTheNewOne()
    {
        var logins = new List<(string User, string Password)>();
        await using TestPair pair = await TestPair.ListenAsync(Listener(logins), tcp: true);
        await using MessagingClient client = Client();
        WriteFile(pair, "first");
        await ConnectAsync(pair, () => client.ConnectAsync(BoundedWaits.Stop));

        WriteFile(pair, "second");
        await ConnectAsync(pair, () => client.ConnectAsync(BoundedWaits.Stop));

        Assert.Equal([("alice", "first"), ("alice", "second")], logins);
    }

    [Fact]
    public async Task SharedConnection_NoConnectionOptions_UsesTheFile()
    {
        await using TestPair pair = await TestPair.ListenAsync(Listener([]), tcp: true);
        WriteFile(pair, "secret");
        await using MessagingClient client = Client();

        IConnection connection = await ConnectAsync(pair, () => client.GetConnectionAsync(BoundedWaits.Stop));

        Assert.Same(connection, await client.GetConnectionAsync(BoundedWaits.Stop));
    }

    [Fact]
    public async Task SharedConnection_FileIsMended_OpensAtTheNextCall()
    {
        await using TestPair pair = await TestPair.ListenAsync(Listener([]), tcp: true);
        await using MessagingClient client = Client();
        ConnectFolders.Write(_folders.Current, "{");
        await client.GetConnectionAsync(BoundedWaits.Stop).Throws<FormatException, IConnection>();
        await client.CreateSenderAsync("q", BoundedWaits.Stop).Throws<FormatException, ISender>();

        WriteFile(pair, "secret");
        IConnection connection = await ConnectAsync(pair, () => client.GetConnectionAsync(BoundedWaits.Stop));

        Assert.Equal(ConnectionState.Connected, connection.State);
    }

    [Fact]
    public async Task Connect_ConnectionOptionsAreSet_LeavesTheFileAlone()
    {
        await using TestPair pair = await TestPair.ListenAsync();
        ConnectFolders.Write(_folders.Current, "this is not read");
        await using var client = new MessagingClient(new MessagingClientOptions { Connection = new ConnectionOptions { Url = pair.Listener.Url } }, _folders.Places());

        Assert.Equal(ConnectionState.Connected, (await ConnectAsync(pair, () => client.ConnectAsync(BoundedWaits.Stop))).State);
        Assert.Equal(ConnectionState.Connected, (await ConnectAsync(pair, () => client.ConnectAsync(pair.Listener.Url, BoundedWaits.Stop))).State);
    }

    [Fact]
    public async Task Connect_NamedFileIsMissing_Throws()
    {
        _folders["MESSAGING_CONNECT_FILE"] = _folders.Other;
        await using MessagingClient client = Client();

        await client.ConnectAsync(BoundedWaits.Stop).Throws<FileNotFoundException, IConnection>();
    }

    [Fact]
    public async Task Connect_FileNamesAnAddress_LinksWithoutOneUseIt()
    {
        await using TestPair pair = await TestPair.ListenAsync(tcp: true);
        ConnectFolders.Write(_folders.Current, $$"""{ "url": "{{pair.Listener.Url}}/orders", "containerId": "from-file" }""");
        await using MessagingClient client = Client();
        ValueTask<IConnection> connecting = client.ConnectAsync(BoundedWaits.Stop);
        IConnection accepted = await (await pair.NextConnectionAsync()).AcceptAsync(BoundedWaits.Stop).Bounded();
        IConnection connection = await connecting.Bounded();

        ValueTask<ISender> creating = connection.CreateSenderAsync(BoundedWaits.Stop);
        IIncomingLink link = await accepted.IncomingLinksAsync(BoundedWaits.Stop).FirstAsync(BoundedWaits.Stop).Bounded();
        await link.AcceptReceiverAsync(cancellationToken: BoundedWaits.Stop).Bounded();

        Assert.Equal("orders", (await creating.Bounded()).Target.Address);
        Assert.Equal("from-file", accepted.RemoteContainerId);
    }

    private static async Task<IConnection> ConnectAsync(TestPair pair, Func<ValueTask<IConnection>> connect)
    {
        ValueTask<IConnection> connecting = connect();
        await (await pair.NextConnectionAsync()).AcceptAsync(BoundedWaits.Stop).Bounded();
        return await connecting.Bounded();
    }

    private static ListenerOptions Listener(List<(string User, string Password)> logins) => new()
    {
        AllowAnonymous = false,
        AllowInsecureMechanisms = true,
        AuthenticatePlain = (user, password, _) =>
        {
            logins.Add((user, password));
            return new ValueTask<bool>(true);
        },
    };

    private MessagingClient Client() => new(new MessagingClientOptions { LoggerFactory = _log }, _folders.Places());

    private void WriteFile(TestPair pair, string password)
    {
        ConnectionUrl url = ConnectionUrl.Parse(pair.Listener.Url);
        ConnectFolders.Write(_folders.Current, $$"""
            { // what a deployment writes
                "scheme": "{{url.Scheme}}", "host": "{{url.Host}}", "port": {{url.Port}},
                "user": "alice", "password": "{{password}}",
                "sasl": { "mechanisms": "PLAIN", "allow_insecure": true }
            }
            """);
    }
}
