namespace Messaging.Configuration;

/// <summary>Where connect.json is looked for, and with which environment.</summary>
internal sealed class ConnectFilePlaces
{
    public const string FileName = "connect.json";
    public const string FileVariable = "MESSAGING_CONNECT_FILE";

    public static ConnectFilePlaces OfThisProcess { get; } = new();

    public Func<string, string?> Variable { get; init; } = Environment.GetEnvironmentVariable;

    public Func<string> CurrentDirectory { get; init; } = static () => Environment.CurrentDirectory;

    public string SystemDirectory { get; init; } = "/etc/messaging";

    public bool IsWindows { get; init; } = OperatingSystem.IsWindows();

    /// <summary>The file that counts now; null when there is none.</summary>
    /// <exception cref="FileNotFoundException">The environment names a file that does not exist.</exception>
    public string? Find() => Variable(FileVariable) is { Length: > 0 } named ? Named(named) : Candidates().FirstOrDefault(File.Exists);

    private string Named(string named)
    {
        string file = Path.GetFullPath(named, CurrentDirectory());
        return File.Exists(file)
            ? file
            : throw new FileNotFoundException($"The environment variable {FileVariable} names the file '{file}', {(Directory.Exists(file) ? "which is a directory" : "which does not exist")}. Name a connect.json file, or unset the variable.", file);
    }

    private IEnumerable<string> Candidates()
    {
        yield return Path.Combine(CurrentDirectory(), FileName);
        if (IsWindows)
            yield break;
        if (Variable("HOME") is { Length: > 0 } home)
            yield return Path.Combine(home, ".config", "messaging", FileName);
        yield return Path.Combine(SystemDirectory, FileName);
    }
}
