using Messaging.Testing.Accounting;

namespace Messaging.Testing.Interleaving;

/// <summary>What happened in many interleavings: that something did.</summary>
public sealed class InterleavingSums
{
    public int Interleavings { get; private set; }

    public long Calls { get; private set; }

    /// <summary>Calls that ended without an exception.</summary>
    public long Done { get; private set; }

    public long Drops { get; private set; }

    public long Accepted { get; private set; }

    public long Failed { get; private set; }

    public long Unknown { get; private set; }

    public long Duplicates { get; private set; }

    public override string ToString() =>
        $"{Interleavings} interleavings: {Calls} calls, {Done} of them done, {Drops} drops; messages: {Accepted} accepted, {Failed} failed, {Unknown} unknown, {Duplicates} duplicates";

    internal void Add(JournalReport report, IReadOnlyCollection<PendingOperation> operations, int drops)
    {
        Interleavings++;
        Calls += operations.Count;
        Done += operations.Count(operation => operation.IsDone);
        Drops += drops;
        Accepted += report.Accepted;
        Failed += report.Failed;
        Unknown += report.Unknown;
        Duplicates += report.Duplicates;
    }
}
