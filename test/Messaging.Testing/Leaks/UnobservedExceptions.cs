using System.Collections.Concurrent;

namespace Messaging.Testing.Leaks;

/// <summary>Exceptions of tasks that nobody looked at, in the whole process, since the test began. A test recognises its own by its URL.</summary>
public sealed class UnobservedExceptions
{
    private static readonly ConcurrentQueue<string> Seen = Watch();

    /// <summary>Those before are another test's, which may have had the same port.</summary>
    private readonly int _before = Seen.Count;

    private UnobservedExceptions()
    {
    }

    /// <summary>Starts to watch.</summary>
    public static UnobservedExceptions Start() => new();

    /// <summary>No task that is collected by now has failed with a text that has this URL in it.</summary>
    public void AssertNone(string url)
    {
        Collect();
        Assert.DoesNotContain(Seen.Skip(_before), text => Names(text, url));
    }

    /// <summary>No task of the whole process that is collected by now has failed: where nothing else runs.</summary>
    public void AssertNone()
    {
        Collect();
        Assert.Empty(Seen.Skip(_before));
    }

    /// <summary>Returns when the task is collected: only then is its exception unobserved, or is not.</summary>
    public static Task CollectedAsync(WeakReference task) => BoundedWaits.UntilAsync(() =>
    {
        GC.Collect();
        return !task.IsAlive;
    });

    private static void Collect()
    {
        for (int i = 0; i < 2; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
    }

    /// <summary>Whether the URL is there whole: port 4000 is not port 40001.</summary>
    private static bool Names(string text, string url)
    {
        for (int at = text.IndexOf(url, StringComparison.Ordinal); at >= 0; at = text.IndexOf(url, at + 1, StringComparison.Ordinal))
        {
            int end = at + url.Length;
            if (end == text.Length || !char.IsAsciiDigit(text[end]))
                return true;
        }

        return false;
    }

    private static ConcurrentQueue<string> Watch()
    {
        ConcurrentQueue<string> seen = [];
        TaskScheduler.UnobservedTaskException += (_, args) => seen.Enqueue(args.Exception.ToString());
        return seen;
    }
}
