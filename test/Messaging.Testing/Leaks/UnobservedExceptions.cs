using System.Collections.Concurrent;

namespace Messaging.Testing.Leaks;

/// <summary>Exceptions of tasks that nobody looked at, in the whole process. A test recognises its own by its URL, which has a port of its own.</summary>
public static class UnobservedExceptions
{
    private static readonly ConcurrentQueue<string> Seen = Watch();

    /// <summary>Starts to watch.</summary>
    public static void Start() => _ = Seen.Count;

    /// <summary>No task that is collected by now has failed with a text that contains this.</summary>
    public static void AssertNone(string mark)
    {
        for (int i = 0; i < 2; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.DoesNotContain(Seen, text => text.Contains(mark, StringComparison.Ordinal));
    }

    private static ConcurrentQueue<string> Watch()
    {
        ConcurrentQueue<string> seen = [];
        TaskScheduler.UnobservedTaskException += (_, args) => seen.Enqueue(args.Exception.ToString());
        return seen;
    }
}
