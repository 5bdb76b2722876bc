using System.Text.RegularExpressions;

namespace Messaging.Architecture.Tests;

/// <summary>The security checklist names the tests that prove it: they are there.</summary>
public partial class SecurityChecklistTests
{
    [Fact]
    public void Checklist_EveryTestThatItNames_Exists()
    {
        ILookup<string, string> classes = Repository.Files("test", "*.cs").ToLookup(file => Path.GetFileName(file).Split('.')[0], StringComparer.Ordinal);
        string[] named = [.. Named().Matches(string.Join('\n', Repository.Lines("docs/security-checklist.md"))).Select(match => match.Value.Trim('`'))];

        var missing = named.Where(name => !classes[name.Split('.')[0]].Any(file =>
            Repository.Lines(file).Any(line => name.Split('.') is [_, var method] ? line.Contains($" {method}(", StringComparison.Ordinal) : true)));

        Assert.NotEmpty(named);
        Assert.Empty(missing);
    }

    [Fact]
    public void Checklist_EveryPoint_IsThere()
    {
        var points = Repository.Lines("docs/security-checklist.md").Select(line => Point().Match(line)).Where(match => match.Success).Select(match => match.Groups["number"].Value);

        Assert.Equal(string.Join(' ', Enumerable.Range(1, 22)), string.Join(' ', points));
    }

    [GeneratedRegex(@"`[A-Z]\w+Tests(\.\w+)?`", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Named();

    [GeneratedRegex(@"^## (?<number>\d+)\. ", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Point();
}
