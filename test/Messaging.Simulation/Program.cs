using System.Globalization;
using Messaging.Simulation;

const string Usage = """
    usage: Messaging.Simulation interleavings SEED COUNT [FIRST] [--trace]
           Messaging.Simulation books SEED FAULTS [--trace]
    interleavings runs COUNT random interleavings of calls and faults, from number FIRST (0) on.
    books runs producers and consumers through FAULTS faults, with each behaviour on a lost connection.
    --trace tells every step.
    """;

TextWriter? trace = args.Contains("--trace") ? Console.Out : null;
string[] words = [.. args.Where(arg => arg != "--trace")];
int[] numbers = [.. words.Skip(1).Select(word => int.TryParse(word, CultureInfo.InvariantCulture, out int number) ? number : -1)];
Func<Task>? run = (words.FirstOrDefault(), numbers) switch
{
    _ when numbers.Contains(-1) => null,
    ("interleavings", [int seed, int count]) => () => new Interleavings(seed, trace).RunAsync(0, count),
    ("interleavings", [int seed, int count, int first]) => () => new Interleavings(seed, trace).RunAsync(first, count),
    ("books", [int seed, int faults]) => () => new Books(seed, trace).RunAsync(faults),
    _ => null,
};
if (run is null)
{
    Console.Error.WriteLine(Usage);
    return 2;
}

try
{
    await Task.Run(run);
    return 0;
}
catch (Exception exception)
{
    Console.WriteLine(exception);
    return 1;
}
