using System.Text;

namespace Messaging.Testing.Accounting;

/// <summary>The sums of a journal, and what is wrong with them.</summary>
public sealed class JournalReport
{
    private const int Shown = 5;

    private readonly Dictionary<string, (long Count, List<string> First)> _offences = [];

    internal JournalReport(Journal journal, int seed)
    {
        Seed = seed;
        Sent = journal.Sent;
        Strangers = journal.Strangers;
        FirstFailure = journal.FirstFailure;
        for (long id = 0; id < Sent; id++)
            Add(id, journal[id]);
        if (Strangers > 0)
            _offences["received but never sent"] = (Strangers, []);
    }

    public int Seed { get; }

    public long Sent { get; }

    public long Accepted { get; private set; }

    public long Failed { get; private set; }

    public long Unknown { get; private set; }

    public long Pending { get; private set; }

    /// <summary>Messages that went out more than once.</summary>
    public long Resent { get; private set; }

    /// <summary>Messages that were consumed at least once.</summary>
    public long Received { get; private set; }

    /// <summary>Deliveries beyond the first of each message, allowed ones included.</summary>
    public long Duplicates { get; private set; }

    /// <summary>Duplicates that only the message's id gives away: neither resent by the producer nor with a delivery-count.</summary>
    public long Unmarked { get; private set; }

    /// <summary>Accepted and never consumed.</summary>
    public long Lost { get; private set; }

    public long Strangers { get; }

    /// <summary>Why a send failed, the first time.</summary>
    public Exception? FirstFailure { get; }

    /// <summary>How many kinds of things are wrong.</summary>
    public int Offences => _offences.Count;

    /// <summary>The one line for a soak's log.</summary>
    public string Line => $"{Testing.Seed.Variable}={Seed} sent={Sent} accepted={Accepted} failed={Failed} unknown={Unknown} pending={Pending} resent={Resent} received={Received} duplicates={Duplicates} unmarked={Unmarked} lost={Lost}";

    /// <summary>At least once: nothing lost, no end untold, nothing received that was refused, no duplicate without a reason.</summary>
    public void AssertAtLeastOnce() => AssertNone(_offences.Keys);

    /// <summary>Exactly once: as above, and no duplicate, whatever its reason, and nothing unknown.</summary>
    public void AssertExactlyOnce()
    {
        AssertAtLeastOnce();
        Assert.True(Duplicates == 0 && Unknown == 0, $"{Line}: not exactly once.");
    }

    public override string ToString()
    {
        var text = new StringBuilder(Line);
        foreach ((string offence, (long count, List<string> first)) in _offences)
            text.AppendLine().Append($"  {count} {offence}").AppendJoin("", first.Select(entry => $"\n    {entry}"));
        if (FirstFailure is not null)
            text.AppendLine().Append($"  the first send that failed: {FirstFailure}");
        return text.ToString();
    }

    private void Add(long id, JournalEntry entry)
    {
        Count(entry);
        bool mayBeTwo = entry.SendEnd == SendEnd.Unknown || entry.Attempts > 1;
        if (entry.SendEnd == SendEnd.Pending)
            Offend("neither confirmed nor failed: a hang, or forgotten", id, entry);
        if (entry.EndsTold > 1)
            Offend("ended more than once", id, entry);
        if (entry is { SendEnd: SendEnd.Accepted, Consumed: 0 })
            Offend("lost: accepted and never received", id, entry);
        if (entry is { SendEnd: SendEnd.Failed, Consumed: > 0 })
            Offend("received though its sending failed for sure", id, entry);
        if (entry.AfterSettled > 0 && !mayBeTwo)
            Offend("received again after the settlement had reached the server", id, entry);
    }

    private void Count(JournalEntry entry)
    {
        Accepted += entry.SendEnd == SendEnd.Accepted ? 1 : 0;
        Failed += entry.SendEnd == SendEnd.Failed ? 1 : 0;
        Unknown += entry.SendEnd == SendEnd.Unknown ? 1 : 0;
        Pending += entry.SendEnd == SendEnd.Pending ? 1 : 0;
        Resent += entry.Attempts > 1 ? 1 : 0;
        Received += entry.Consumed > 0 ? 1 : 0;
        Duplicates += Math.Max(0, entry.Consumed - 1);
        if (entry is { SendEnd: not SendEnd.Unknown, Attempts: 1 })
            Unmarked += Math.Max(0, entry.Consumed - 1 - entry.Redelivered);
        Lost += entry is { SendEnd: SendEnd.Accepted, Consumed: 0 } ? 1 : 0;
    }

    private void Offend(string offence, long id, JournalEntry entry)
    {
        (long count, List<string> first) = _offences.TryGetValue(offence, out (long, List<string>) seen) ? seen : (0, []);
        if (first.Count < Shown)
            first.Add($"message {id}: {entry.SendEnd}, {entry.Attempts} attempts, received {entry.Consumed} times, {entry.Settled} settled, {entry.Redelivered} with a delivery-count");
        _offences[offence] = (count + 1, first);
    }

    private void AssertNone(IEnumerable<string> offences) => Assert.False(offences.Any(), ToString());
}
