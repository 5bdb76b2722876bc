using Messaging.Configuration;

namespace Messaging.Tests.Configuration;

/// <summary>Folders of a test's own in the places where connect.json is looked for.</summary>
internal sealed class ConnectFolders : IDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("messaging-connect-");
    private readonly Dictionary<string, string> _variables = new(StringComparer.Ordinal);

    public ConnectFolders() => _variables["HOME"] = Path.Combine(_root.FullName, "home");

    public string Current => Path.Combine(_root.FullName, "current", "connect.json");

    public string Home => Path.Combine(_root.FullName, "home", ".config", "messaging", "connect.json");

    public string System => Path.Combine(_root.FullName, "system", "connect.json");

    public string Other => Path.Combine(_root.FullName, "other", "named.json");

    public string? this[string variable]
    {
        set => _variables[variable] = value ?? "";
    }

    public ConnectFilePlaces Places(bool isWindows = false) => new()
    {
        Variable = name => _variables.GetValueOrDefault(name),
        CurrentDirectory = () => Path.GetDirectoryName(Current)!,
        SystemDirectory = Path.GetDirectoryName(System)!,
        IsWindows = isWindows,
    };

    public static void Write(string file, string content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, content);
    }

    public void Dispose() => _root.Delete(recursive: true);
}
