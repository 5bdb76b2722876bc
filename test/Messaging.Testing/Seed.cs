using System.Globalization;

namespace Messaging.Testing;

/// <summary>Where the randomness of a test begins: printed by the test, and given again by <c>CHAOS_SEED</c> to repeat it.</summary>
public static class Seed
{
    public const string Variable = "CHAOS_SEED";

    /// <summary>The seed of this run, told to the test's output.</summary>
    public static int Next()
    {
        int seed = Environment.GetEnvironmentVariable(Variable) is { } given ? int.Parse(given, CultureInfo.InvariantCulture) : System.Random.Shared.Next();
        TestContext.Current.TestOutputHelper?.WriteLine($"{Variable}={seed}");
        return seed;
    }

    /// <summary>Randomness of its own for the index-th part of a run, whatever the other parts do.</summary>
    public static Random Random(int seed, int index) => new(unchecked((seed * 31) + (index * 7919)));
}
