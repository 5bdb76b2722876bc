using System.Reflection;
using System.Runtime.CompilerServices;
using Messaging.Amqp;

namespace Messaging.Architecture.Tests;

/// <summary>Which assembly may know which other (docs/architecture.md).</summary>
public class AssemblyReferenceTests
{
    private static readonly Assembly Amqp = typeof(Symbol).Assembly;
    private static readonly Assembly Client = typeof(IConnection).Assembly;
    private static readonly Assembly Hosting = Assembly.Load("Messaging.Hosting");
    private static readonly Assembly Broker = Assembly.Load("Messaging.Broker");

    [Fact]
    public void Amqp_References_NothingButTheFramework() => Assert.Empty(BeyondTheFramework(Amqp));

    [Fact]
    public void Client_References_NoContainerAndNoHost() => Assert.Empty(BeyondTheFramework(Client)
        .Except(["Messaging.Amqp", "Microsoft.Extensions.Logging.Abstractions", "Microsoft.Extensions.Options", "Polly.Core"], StringComparer.Ordinal));

    [Fact]
    public void Hosting_References_NoSockets() => Assert.DoesNotContain("System.Net.Sockets", References(Hosting), StringComparer.Ordinal);

    [Fact]
    public void Broker_References_OnlyTheClientAndItsTypes() => Assert.Empty(BeyondTheFramework(Broker)
        .Except(["Messaging", "Messaging.Amqp", "Microsoft.Extensions.Logging.Abstractions"], StringComparer.Ordinal));

    [Theory]
    [InlineData("Messaging.Broker")]
    [InlineData("Messaging.Hosting")]
    public void Internals_OfTheLayersBelow_AreHiddenFrom(string assembly)
    {
        var friends = new[] { Amqp, Client }.SelectMany(a => a.GetCustomAttributes<InternalsVisibleToAttribute>()).Select(a => new AssemblyName(a.AssemblyName).Name);

        Assert.DoesNotContain(assembly, friends, StringComparer.Ordinal);
    }

    private static IEnumerable<string> References(Assembly assembly) => assembly.GetReferencedAssemblies().Select(a => a.Name!);

    private static IEnumerable<string> BeyondTheFramework(Assembly assembly)
    {
        var framework = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        return References(assembly).Where(name => !File.Exists(Path.Combine(framework, name + ".dll")));
    }
}
