using System.Diagnostics;
using Messaging.Transport;

namespace Messaging.Loop;

/// <summary>
/// Decides whether the loop's thread, while it continues the application, leaves its input alone, and stays a moment for the peer's answer when it is back.
/// Over a short way the answer is there within microseconds, sooner than a sleeping thread could be woken. It does so only where that has paid lately.
/// See docs/adr/0006.
/// </summary>
/// <param name="transport">What is waited for.</param>
/// <param name="signal">What ends the wait as well.</param>
/// <param name="time">The loop's clock. With one that tests turn nothing would end an absence, so there is none.</param>
internal sealed class Linger(ITransport transport, LoopSignal signal, TimeProvider time)
{
    /// <summary>How long input may be left for the application, in milliseconds; then a timer brings the loop back to it.</summary>
    public const long LongestAbsence = 20;

    /// <summary>How long an application that blocks is not trusted again, in milliseconds.</summary>
    private const long Distrust = 10_000;

    private const int Certain = 8;
    private const int RetryAfter = 64;
    private static readonly long Longest = Stopwatch.Frequency * 60 / 1_000_000;

    private readonly bool _isPossible = transport.CanLook && time == TimeProvider.System;
    private int _confidence = 1;
    private int _skipped;
    private long _leftAt;
    private long _notBefore;

    /// <summary>Leaves the input, if the last answers came soon enough. Now and then it tries again though they did not.</summary>
    public bool TryLeave(long now)
    {
        if (!_isPossible || now < _notBefore || !IsWorthIt())
            return false;
        _leftAt = now;
        return true;
    }

    /// <summary>Something else than the thread that left the input has come to it first.</summary>
    public void OnOvertaken(long now)
    {
        if (now - _leftAt >= LongestAbsence)
            _notBefore = now + Distrust;
    }

    /// <summary>Waits for input or a command, 60 microseconds at the most. Whoever else wants this core gets it: it may be the peer.</summary>
    public void WaitForInput()
    {
        long end = Stopwatch.GetTimestamp() + Longest;
        do
        {
            if (transport.LookForInput())
            {
                _confidence = Math.Min(_confidence + 1, Certain);
                return;
            }

            if (signal.IsSet)
                return;
            Thread.Yield();
        }
        while (Stopwatch.GetTimestamp() < end);

        _confidence = Math.Max(_confidence - (Certain / 4), 0);
    }

    private bool IsWorthIt()
    {
        if (_confidence > 0)
            return true;
        if (++_skipped < RetryAfter)
            return false;
        _skipped = 0;
        _confidence = 1;
        return true;
    }
}
