namespace Messaging.Testing;

/// <summary>A program that tests start as a process of its own.</summary>
internal static class TestProgram
{
    /// <summary>The program of a project that lies beside the one whose tests run, built as that one is.</summary>
    public static string PathOf(string project)
    {
        var framework = new DirectoryInfo(AppContext.BaseDirectory);
        DirectoryInfo configuration = framework.Parent!;
        string projects = configuration.Parent!.Parent!.Parent!.FullName;
        return Path.Combine(projects, project, "bin", configuration.Name, framework.Name, $"{project}.dll");
    }
}
