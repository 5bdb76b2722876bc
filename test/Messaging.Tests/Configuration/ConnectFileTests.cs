using Messaging.Configuration;
using Messaging.Tests.Support;
using Microsoft.Extensions.Logging;

namespace Messaging.Tests.Configuration;

/// <summary>Which connect.json counts, and when it is read.</summary>
public sealed class ConnectFileTests : IDisposable
{
    private readonly ConnectFolders _folders = new();
    private readonly LogCapture _log = new();

    public void Dispose()
    {
        _folders.Dispose();
        _log.Dispose();
    }

    [Fact]
    public async Task Read_NoFile_GivesTheTablesDefaults()
    {
        ConnectionOptions options = await ReadAsync();

        Assert.Equal("amqps://localhost:5671", options.Url);
        Assert.Contains(_log.Lines, line => line.Id == 1021 && line.Text.Contains("amqps://localhost:5671", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Read_FilesInEveryPlace_TakesTheFirst()
    {
        ConnectFolders.Write(_folders.System, """{ "host": "system" }""");
        Assert.Equal("amqps://system", (await ReadAsync()).Url);

        ConnectFolders.Write(_folders.Home, """{ "host": "home" }""");
        Assert.Equal("amqps://home", (await ReadAsync()).Url);

        ConnectFolders.Write(_folders.Current, """{ "host": "current" }""");
        Assert.Equal("amqps://current", (await ReadAsync()).Url);

        ConnectFolders.Write(_folders.Other, """{ "host": "named" }""");
        _folders["MESSAGING_CONNECT_FILE"] = _folders.Other;
        Assert.Equal("amqps://named", (await ReadAsync()).Url);
        Assert.Contains(_log.Lines, line => line.Id == 1020 && line.Text.Contains(_folders.Other, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Read_OnWindows_LooksInTheCurrentDirectoryOnly()
    {
        ConnectFolders.Write(_folders.System, """{ "host": "system" }""");
        ConnectFolders.Write(_folders.Home, """{ "host": "home" }""");
        Assert.Equal("amqps://localhost:5671", (await ReadAsync(isWindows: true)).Url);

        ConnectFolders.Write(_folders.Current, """{ "host": "current" }""");
        Assert.Equal("amqps://current", (await ReadAsync(isWindows: true)).Url);
    }

    [Fact]
    public async Task Read_NamedFileIsRelative_StartsAtTheCurrentDirectory()
    {
        ConnectFolders.Write(_folders.Other, """{ "host": "named" }""");
        _folders["MESSAGING_CONNECT_FILE"] = Path.Combine("..", "other", "named.json");

        Assert.Equal("amqps://named", (await ReadAsync()).Url);
    }

    [Fact]
    public async Task Read_NamedFileIsMissing_IsAnErrorEvenBesideOthers()
    {
        ConnectFolders.Write(_folders.Current, """{ "host": "current" }""");
        _folders["MESSAGING_CONNECT_FILE"] = _folders.Other;

        FileNotFoundException exception = await ReadAsync().Throws<FileNotFoundException>();

        Assert.Equal(_folders.Other, exception.FileName);
        Assert.Contains("MESSAGING_CONNECT_FILE", exception.Message, StringComparison.Ordinal);
        Assert.Contains(_folders.Other, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Read_NamedFileIsADirectory_IsAnError()
    {
        ConnectFolders.Write(_folders.Other, "{}");
        _folders["MESSAGING_CONNECT_FILE"] = Path.GetDirectoryName(_folders.Other);

        FileNotFoundException exception = await ReadAsync().Throws<FileNotFoundException>();

        Assert.Contains("a directory", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Read_VariablesAreEmpty_AreAsIfUnset()
    {
        ConnectFolders.Write(_folders.Home, """{ "host": "home" }""");
        _folders["MESSAGING_CONNECT_FILE"] = "";
        Assert.Equal("amqps://home", (await ReadAsync()).Url);

        _folders["HOME"] = "";
        Assert.Equal("amqps://localhost:5671", (await ReadAsync()).Url);
    }

    [Fact]
    public async Task Read_DirectoryOfThatName_IsNoFile()
    {
        Directory.CreateDirectory(_folders.Current);
        ConnectFolders.Write(_folders.System, """{ "host": "system" }""");

        Assert.Equal("amqps://system", (await ReadAsync()).Url);
    }

    [Fact]
    public async Task Read_WrongFile_IsNotPassedOver()
    {
        ConnectFolders.Write(_folders.Current, "{ \"prot\": 1 }");
        ConnectFolders.Write(_folders.System, """{ "host": "system" }""");

        FormatException exception = await ReadAsync().Throws<FormatException>();

        Assert.Contains($"'{_folders.Current}', line 1: The key 'prot' is unknown", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Read_OneMebibyte_IsTheMost()
    {
        const int Limit = 1024 * 1024;
        ConnectFolders.Write(_folders.Current, "{}".PadRight(Limit));
        Assert.Equal("amqps://localhost:5671", (await ReadAsync()).Url);

        ConnectFolders.Write(_folders.Current, "{}".PadRight(Limit + 1));
        FormatException exception = await ReadAsync().Throws<FormatException>();

        Assert.Contains(_folders.Current, exception.Message, StringComparison.Ordinal);
        Assert.Contains("larger than 1048576 bytes", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Read_FileChanges_IsReadAnew()
    {
        ConnectFolders.Write(_folders.Current, """{ "user": "alice", "password": "old" }""");
        var file = new ConnectFile(_folders.Places(), _log);
        Assert.Equal("old", (await file.ReadOptionsAsync(BoundedWaits.Stop)).Password);

        ConnectFolders.Write(_folders.Current, """{ "user": "alice", "password": "new" }""");

        Assert.Equal("new", (await file.ReadOptionsAsync(BoundedWaits.Stop)).Password);
    }

    [Fact]
    public async Task Read_Cancelled_Throws()
    {
        ConnectFolders.Write(_folders.Current, "{}");
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();

        await new ConnectFile(_folders.Places(), _log).ReadOptionsAsync(cancelled.Token).AsTask().ThrowsAny<OperationCanceledException>();
    }

    [Fact]
    public void Places_OfThisProcess_AreTheSystems()
    {
        ConnectFilePlaces places = ConnectFilePlaces.OfThisProcess;

        Assert.Equal(Environment.CurrentDirectory, places.CurrentDirectory());
        Assert.Equal("/etc/messaging", places.SystemDirectory);
        Assert.Equal(OperatingSystem.IsWindows(), places.IsWindows);
        Assert.Equal(Environment.GetEnvironmentVariable("PATH"), places.Variable("PATH"));
    }

    private Task<ConnectionOptions> ReadAsync(bool isWindows = false) => new ConnectFile(_folders.Places(isWindows), _log).ReadOptionsAsync(BoundedWaits.Stop).AsTask();
}
