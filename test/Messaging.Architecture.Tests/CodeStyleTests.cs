using System.Text.RegularExpressions;

namespace Messaging.Architecture.Tests;

/// <summary>The house rules that no analyzer checks.</summary>
public partial class CodeStyleTests
{
    private const int MostLines = 400;

    [Fact]
    public void CodeFiles_All_HaveOneJob()
    {
        var tooLong = Repository.CodeFiles().Select(file => (file, Lines: Repository.Lines(file).Length)).Where(f => f.Lines > MostLines);

        Assert.Empty(tooLong);
    }

    [Fact]
    public void CodeFiles_All_AreFinished() => Assert.Empty(Repository.Matches(Repository.CodeFiles(), line => Unfinished().IsMatch(line)));

    [Fact]
    public void Suppressions_All_SayWhy() => Assert.Empty(Repository.Matches(
        Repository.CodeFiles(), line => line.TrimStart().StartsWith("#pragma warning disable", StringComparison.Ordinal) && !line.Contains("//", StringComparison.Ordinal)));

    [Fact]
    public void Tests_All_Run() => Assert.Empty(Repository.Matches(
        Repository.Files("test", "*.cs"), line => SwitchedOff().IsMatch(line) && !line.Contains("SkipUnless", StringComparison.Ordinal) && !line.Contains("SkipWhen", StringComparison.Ordinal)));

    [Fact]
    public void Tests_None_WaitByTheClock() => Assert.Empty(Repository.Matches(Repository.Files("test", "*.cs"), line => Sleep().IsMatch(line)));

    [Fact]
    public void Libraries_All_AreDocumented()
    {
        string[] libraries = ["Messaging.Amqp", "Messaging", "Messaging.Hosting", "Messaging.Broker"];

        // the compiler writes the file only if every public member has its comment: CS1591 is an error in src
        var undocumented = libraries.Where(name => !File.Exists(Path.Combine(AppContext.BaseDirectory, name + ".xml")));
        var suppressed = Repository.Matches(Repository.Files("src", "*.*"), line => line.Contains("CS1591", StringComparison.Ordinal));

        Assert.Empty(undocumented);
        Assert.Empty(suppressed);
    }

    [Fact]
    public void Documents_RelativeLinks_LeadSomewhere()
    {
        var documents = Repository.Files("docs", "*.md").Concat(Directory.GetFiles(Repository.Root, "*.md").Select(file => Path.GetFileName(file)));

        var broken = documents.SelectMany(document => Link().Matches(File.ReadAllText(Path.Combine(Repository.Root, document)))
            .Select(match => match.Groups["path"].Value)
            .Where(path => !path.Contains(':', StringComparison.Ordinal))
            .Where(path => !Path.Exists(Path.Combine(Repository.Root, Path.GetDirectoryName(document)!, path)))
            .Select(path => $"{document}: {path}"));

        Assert.Empty(broken);
    }

    [GeneratedRegex(@"\b(NotImplemented[E]xception|TO[D]O|FIX[M]E|HAC[K]|XX[X])\b(?!\()", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Unfinished();

    [GeneratedRegex(@"\[(Fact|Theory)\([^)]*Skip *=", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex SwitchedOff();

    [GeneratedRegex(@"Thread\.Sleep\(|Task\.Delay\(", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Sleep();

    [GeneratedRegex(@"\]\((?<path>[^)#\s]+)(#[^)]*)?\)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Link();
}
