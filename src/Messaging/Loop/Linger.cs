using System.Diagnostics;
using Messaging.Transport;

namespace Messaging.Loop;

/// <summary>
/// Decides whether the loop's thread stays a moment for the peer's answer before it sleeps. Over a short way an answer is there within
/// microseconds, sooner than a sleeping thread could be woken. It stays only where that has paid lately, and never on a machine with one core,
/// where the peer would need it. See docs/adr/0006.
/// </summary>
internal sealed class Linger(ITransport transport)
{
    private const int Certain = 8;
    private const int RetryAfter = 64;
    private static readonly long Longest = Stopwatch.Frequency * 40 / 1_000_000;
    private static readonly bool IsPossible = Environment.ProcessorCount > 1;

    private int _confidence = 1;
    private int _skipped;

    /// <summary>Whether the last answers came soon enough. Now and then it tries again though they did not.</summary>
    public bool IsWorthIt()
    {
        if (!IsPossible || !transport.CanPoll)
            return false;
        if (_confidence > 0)
            return true;
        if (++_skipped < RetryAfter)
            return false;
        _skipped = 0;
        _confidence = 1;
        return true;
    }

    /// <summary>Waits for input, 40 microseconds at the most.</summary>
    public void WaitForInput()
    {
        long end = Stopwatch.GetTimestamp() + Longest;
        do
        {
            if (transport.HasInput)
            {
                _confidence = Math.Min(_confidence + 1, Certain);
                return;
            }

            Thread.SpinWait(10);
        }
        while (Stopwatch.GetTimestamp() < end);

        _confidence = Math.Max(_confidence - (Certain / 4), 0);
    }
}
