using System.Text.RegularExpressions;

namespace Messaging.Recovery;

/// <summary>What was tried between the loss of a connection, or the wish for one, and its open.</summary>
internal sealed partial class Outage
{
    private const int KeptFailures = 8;

    private readonly OrderedDictionary<string, int> _failures = [];

    /// <summary>The attempts that have failed.</summary>
    public int Attempts { get; private set; }

    public MessagingException? Last { get; set; }

    /// <summary>Whether the connection is open.</summary>
    public bool IsOver { get; set; }

    /// <summary>The rounds that have failed inside the application's own pipeline.</summary>
    public int Rounds { get; set; }

    /// <summary>Keeps the last few kinds of failure: with no limit of time there may be any number of them.</summary>
    public void Add(MessagingException failure)
    {
        Last = failure;
        Attempts++;
        string kind = Kind(failure);
        int count = _failures.GetValueOrDefault(kind) + 1;
        _failures.Remove(kind);
        _failures.Add(kind, count);
        if (_failures.Count > KeptFailures)
            _failures.RemoveAt(0);
    }

    /// <summary>Whether it is what one of the attempts has failed with.</summary>
    public bool Has(MessagingException failure) => _failures.ContainsKey(Kind(failure));

    public MessagingConnectionException GivenUp(string url, string why, string advice, Exception? cause = null)
    {
        string attempts = string.Join(" ", _failures.Select(failure => $"{failure.Value} × {failure.Key}"));
        string tried = Attempts switch
        {
            0 => "The first attempt had not ended.",
            1 => $"1 attempt: {attempts}",
            _ => $"{Attempts} attempts: {attempts}",
        };
        return new MessagingConnectionException(
            $"Could not connect to {url}: {why.TrimEnd('.')}. {tried} {advice}".TrimEnd(),
            Last?.Error,
            isTransient: Last?.IsTransient ?? true,
            cause ?? Last);
    }

    /// <summary>The system gives each attempt a port of its own: without it, attempts that failed alike read alike.</summary>
    private static string Kind(MessagingException failure) => OwnPort().Replace(failure.Message, "from ${host} to ");

    [GeneratedRegex(@"\bfrom (?<host>\[[0-9a-fA-F:.%]+\]|[0-9.]+):[0-9]+ to ", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex OwnPort();
}
