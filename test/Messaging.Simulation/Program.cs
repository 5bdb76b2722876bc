using System.Globalization;
using Messaging.Simulation;
using Messaging.Testing.Interleaving;

if (args.Length is < 2 or > 4 || args.Take(3).Any(arg => arg != "--trace" && !int.TryParse(arg, CultureInfo.InvariantCulture, out _)))
{
    Console.Error.WriteLine("usage: Messaging.Simulation SEED COUNT [FIRST] [--trace]");
    Console.Error.WriteLine("Runs COUNT random interleavings, from number FIRST (0) on. --trace tells every step.");
    return 2;
}

int[] numbers = [.. args.Where(arg => arg != "--trace").Select(arg => int.Parse(arg, CultureInfo.InvariantCulture))];
TextWriter? trace = args.Contains("--trace") ? Console.Out : null;
return await Task.Run(() => RunAsync(numbers[0], numbers[1], numbers.ElementAtOrDefault(2)));

async Task<int> RunAsync(int seed, int count, int first)
{
    var sums = new InterleavingSums();
    var leftovers = new Leftovers();
    try
    {
        for (int index = first; index < first + count; index++)
            Console.WriteLine($"{index} {await World.RunAsync(seed, index, sums, leftovers, trace)}");
        leftovers.ThrowIfAny(last: first + count - 1);
    }
    catch (Exception exception)
    {
        Console.WriteLine(exception);
        return 1;
    }

    Console.WriteLine(sums);
    return 0;
}
