namespace Messaging.Interop.Tests.Peers;

/// <summary>Places in the repository that the tests run from.</summary>
internal static class Repository
{
    private static readonly Lazy<string> LazyRoot = new(FindRoot);

    public static string Root => LazyRoot.Value;

    public static string PeerScript(string name) => Path.Combine(Root, "test", "peers", name);

    /// <summary>A built sample, of the configuration that the tests were built with.</summary>
    public static string Sample(string name)
    {
        var framework = new DirectoryInfo(AppContext.BaseDirectory);
        return Path.Combine(Root, "samples", name, "bin", framework.Parent!.Name, framework.Name, name + ".dll");
    }

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
