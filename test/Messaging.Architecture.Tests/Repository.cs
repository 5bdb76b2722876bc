namespace Messaging.Architecture.Tests;

/// <summary>The source files that the tests read.</summary>
internal static class Repository
{
    private static readonly string[] CodeFolders = ["src", "test", "samples", "benchmarks"];
    private static readonly Lazy<string> LazyRoot = new(FindRoot);

    public static string Root => LazyRoot.Value;

    /// <summary>Every C# file of the repository, as a path from its root.</summary>
    public static IEnumerable<string> CodeFiles() => CodeFolders.SelectMany(folder => Files(folder, "*.cs"));

    /// <summary>The files of a folder and those below it, without build output.</summary>
    public static IEnumerable<string> Files(string folder, string pattern)
    {
        var path = Path.Combine(Root, folder);
        return !Directory.Exists(path) ? [] : Directory.EnumerateFiles(path, pattern, SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(Root, file).Replace('\\', '/'))
            .Where(file => !file.Split('/').Any(part => part is "bin" or "obj" or "artifacts"))
            .Order(StringComparer.Ordinal);
    }

    public static string[] Lines(string file) => File.ReadAllLines(Path.Combine(Root, file));

    /// <summary>Places in the code where a line matches, as <c>file:line: text</c>.</summary>
    public static string[] Matches(IEnumerable<string> files, Func<string, bool> predicate) =>
        [.. files.SelectMany(file => Lines(file).Index().Where(line => predicate(line.Item)).Select(line => $"{file}:{line.Index + 1}: {line.Item.Trim()}"))];

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Messaging.sln")))
                return folder.FullName;
        }

        throw new DirectoryNotFoundException($"No Messaging.sln above {AppContext.BaseDirectory}.");
    }
}
