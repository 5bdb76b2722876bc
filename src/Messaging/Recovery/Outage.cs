namespace Messaging.Recovery;

/// <summary>What was tried between the loss of a connection, or the wish for one, and its open.</summary>
internal sealed class Outage
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
        _failures[failure.Message] = _failures.GetValueOrDefault(failure.Message) + 1;
        if (_failures.Count > KeptFailures)
            _failures.RemoveAt(0);
    }

    public MessagingConnectionException GivenUp(string url, string why, string advice, Exception? cause = null)
    {
        string attempts = string.Join(" ", _failures.Select(failure => $"{failure.Value} × {failure.Key}"));
        return new MessagingConnectionException(
            $"Could not connect to {url}: {why}. {(Attempts == 0 ? "The first attempt had not ended." : $"{Attempts} attempts: {attempts}")} {advice}",
            Last?.Error,
            isTransient: Last?.IsTransient ?? true,
            cause ?? Last);
    }
}
