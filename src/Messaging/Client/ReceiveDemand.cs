namespace Messaging.Client;

/// <summary>
/// What the receive calls and streams of one receiver want from the peer, as one number: outstanding credit and buffered
/// deliveries together must not exceed it. See docs/architecture.md, "Credit".
/// </summary>
internal sealed class ReceiveDemand(int window)
{
    private readonly Lock _lock = new();
    private bool _isWindowOpen;
    private int _endless;
    private long _counted;
    private int _waiting;

    /// <summary>The most that may be on its way and buffered together; 0 with a window of 0, where all credit is the application's.</summary>
    public int Target
    {
        get
        {
            if (window == 0)
                return 0;
            lock (_lock)
            {
                int streams = _endless > 0 ? window : (int)Math.Min(_counted, window);
                int singles = _isWindowOpen ? Math.Max(window, _waiting) : 0;
                return Math.Max(streams, singles);
            }
        }
    }

    /// <summary>A single receive call opens the window for good: others will follow.</summary>
    /// <returns>Whether the window was closed.</returns>
    public bool OpenWindow()
    {
        lock (_lock)
        {
            bool opened = !_isWindowOpen;
            _isWindowOpen = true;
            return opened;
        }
    }

    /// <summary>One more single receive call waits.</summary>
    /// <returns>Whether more is wanted from the peer than before.</returns>
    public bool BeginWait()
    {
        lock (_lock)
        {
            bool opened = !_isWindowOpen;
            _isWindowOpen = true;
            _waiting++;
            return opened || _waiting > window;
        }
    }

    /// <summary>A single receive call has ended.</summary>
    /// <returns>Whether less is wanted from the peer than before.</returns>
    public bool EndWait()
    {
        lock (_lock)
            return --_waiting >= window && window > 0;
    }

    /// <param name="count">How many it wants; null for an endless stream.</param>
    public void BeginStream(int? count)
    {
        lock (_lock)
        {
            _endless += count is null ? 1 : 0;
            _counted += count ?? 0;
        }
    }

    /// <summary>A counted stream got one of those it wants.</summary>
    public void TakeCounted()
    {
        lock (_lock)
            _counted--;
    }

    /// <param name="left">How many a counted stream did not get; null for an endless stream.</param>
    public void EndStream(int? left)
    {
        lock (_lock)
        {
            _endless -= left is null ? 1 : 0;
            _counted -= left ?? 0;
        }
    }
}
