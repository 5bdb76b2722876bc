using System.Reflection;
using System.Text.RegularExpressions;
using Messaging.Amqp;

namespace Messaging.Architecture.Tests;

/// <summary>What a layer must not know (docs/architecture.md), read from the compiled code.</summary>
public partial class LayerTests
{
    private static readonly Assembly Amqp = typeof(Symbol).Assembly;
    private static readonly Assembly Client = typeof(IConnection).Assembly;

    // errors are values that every layer reports with
    private static readonly string[] SharedValues = ["AmqpError", "ErrorCondition"];

    [Fact]
    public void Types_Know_NoFramesAndNoEngine() =>
        Assert.Empty(Uses(InFolder("Types"), used => InFolder("Framing", "Engine").Contains(used) && !SharedValues.Contains(used.Name, StringComparer.Ordinal)));

    [Fact]
    public void Framing_Knows_NoEngine() => Assert.Empty(Uses(InFolder("Framing"), used => InFolder("Engine").Contains(used)));

    [Fact]
    public void Engine_Knows_NoSocketsTasksClocksOrLoggers() => Assert.Empty(Uses(InFolder("Engine"), used =>
        IsIn(used, "System.Threading", "System.Net", "System.IO.Pipelines", "Microsoft.Extensions", "Polly")
        || used == typeof(TimeProvider) || used == typeof(System.Diagnostics.Stopwatch) || used == typeof(Environment)));

    [Fact]
    public void Transport_Knows_NoLinksAndNoSessions() => Assert.Empty(Uses(InNamespace(Client, "Messaging.Transport"), used =>
        IsIn(used, "Messaging.Amqp.Engine") || used == typeof(ISession) || used == typeof(ISender) || used == typeof(IReceiver) || used == typeof(IConnection)));

    [Fact]
    public void Layers_All_AreThere()
    {
        Assert.NotEmpty(InFolder("Types"));
        Assert.NotEmpty(InFolder("Framing"));
        Assert.NotEmpty(InFolder("Engine"));
        Assert.NotEmpty(InNamespace(Client, "Messaging.Transport"));
    }

    private static string[] Uses(IEnumerable<Type> layer, Func<Type, bool> forbidden) =>
        [.. layer.SelectMany(type => TypeUses.Of(type).Where(forbidden).Select(used => $"{type} uses {used}"))];

    private static bool IsIn(Type type, params ReadOnlySpan<string> namespaces)
    {
        foreach (var name in namespaces)
        {
            if (type.Namespace is { } own && (own.Equals(name, StringComparison.Ordinal) || own.StartsWith(name + ".", StringComparison.Ordinal)))
                return true;
        }

        return false;
    }

    private static IEnumerable<Type> InNamespace(Assembly assembly, string name) => TopLevel(assembly).Where(type => IsIn(type, name));

    /// <summary>The types that are declared in folders of Messaging.Amqp: folders are not namespaces there.</summary>
    private static HashSet<Type> InFolder(params string[] folders)
    {
        var names = folders.SelectMany(folder => Repository.Files($"src/Messaging.Amqp/{folder}", "*.cs"))
            .SelectMany(Repository.Lines).Select(line => Declaration().Match(line)).Where(match => match.Success)
            .Select(match => match.Groups["name"].Value).ToHashSet(StringComparer.Ordinal);
        return [.. TopLevel(Amqp).Where(type => names.Contains(type.Name.Split('`')[0]))];
    }

    private static IEnumerable<Type> TopLevel(Assembly assembly) => assembly.GetTypes().Where(type => !type.IsNested);

    [GeneratedRegex(@"^(public|internal|file) [a-z ]*\b(class|struct|interface|enum|record|record struct) (?<name>\w+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Declaration();
}
