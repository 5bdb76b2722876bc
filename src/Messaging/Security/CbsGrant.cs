namespace Messaging.Security;

/// <summary>The token of one audience: put once for all links that want it, and renewed before it expires for as long as one of them lives.</summary>
internal sealed class CbsGrant(CbsSession cbs, string audience)
{
    private static readonly TimeSpan ShortestWait = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LastTry = TimeSpan.FromSeconds(1); // before the token expires
    private static readonly TimeSpan LongestTimer = TimeSpan.FromDays(20);

    private readonly Lock _lock = new();
    private Task? _ready;
    private DateTimeOffset _expiresAt;
    private DateTimeOffset _renewAt;
    private int _links;
    private bool _isRenewing;

    public string Audience { get; } = audience;

    /// <summary>Whether the peer has, on this line, a token that is still valid.</summary>
    public bool IsValidFor(CbsSession line)
    {
        lock (_lock)
            return ReferenceEquals(line, cbs) && _ready is { IsCompletedSuccessfully: true } && cbs.Time.GetUtcNow() < _expiresAt;
    }

    /// <summary>Completes when the peer has a token that is still valid. After a failure, or once the token has expired, the next call tries anew.</summary>
    public Task ReadyAsync()
    {
        lock (_lock)
        {
            bool isUsable = _ready is { IsFaulted: false, IsCanceled: false } && (!_ready.IsCompleted || cbs.Time.GetUtcNow() < _expiresAt);
            if (!isUsable)
            {
                _ready = Task.Run(PutAsync);
                _ready.MayFailUnseen();
            }

            return _ready!;
        }
    }

    /// <summary>One more link uses the token: it is kept valid until each has left.</summary>
    public void Join()
    {
        lock (_lock)
        {
            _links++;
            StartRenewing();
        }
    }

    public void Leave()
    {
        lock (_lock)
            _links--;
    }

    private async Task PutAsync()
    {
        DateTimeOffset expiresAt = await cbs.PutAsync(Audience).ConfigureAwait(false);
        lock (_lock)
        {
            DateTimeOffset now = cbs.Time.GetUtcNow();
            TimeSpan life = expiresAt - now;
            TimeSpan before = cbs.Options.RenewBefore;
            TimeSpan wait = life < before * 2 ? life / 2 : life - before;
            _expiresAt = expiresAt;
            _renewAt = now + (wait < ShortestWait ? ShortestWait : wait);
            StartRenewing();
        }
    }

    private void StartRenewing()
    {
        if (_isRenewing)
            return;
        _isRenewing = true;
        _ = Task.Run(RenewAsync);
    }

    private async Task RenewAsync()
    {
        try
        {
            while (await IsDueAsync().ConfigureAwait(false) && await TryRenewAsync().ConfigureAwait(false))
            {
                // The new token decides when the next one is due.
            }
        }
        catch (OperationCanceledException) when (cbs.Ended.IsCancellationRequested)
        {
            // The line has ended: the next one has tokens of its own.
        }
    }

    /// <summary>Waits until the token is to be renewed.</summary>
    /// <returns>False when no link uses it then.</returns>
    private async Task<bool> IsDueAsync()
    {
        while (Remaining() is { Ticks: > 0 } wait)
            await Task.Delay(wait < LongestTimer ? wait : LongestTimer, cbs.Time, cbs.Ended).ConfigureAwait(false);
        lock (_lock)
        {
            if (_links > 0)
                return true;
            _isRenewing = false;
        }

        cbs.Forget(this);
        return false;
    }

    private TimeSpan Remaining()
    {
        lock (_lock)
            return _renewAt - cbs.Time.GetUtcNow();
    }

    /// <summary>Tries, and again with longer and longer pauses, until the old token expires: then the links end when the server says so.</summary>
    private async Task<bool> TryRenewAsync()
    {
        for (TimeSpan next = ShortestWait; ; next = next * 2 < LongestWait ? next * 2 : LongestWait)
        {
            TimeSpan pause;
            try
            {
                await PutAsync().ConfigureAwait(false);
                return true;
            }
            catch (Exception exception) when (cbs.Ended.IsCancellationRequested)
            {
                throw new OperationCanceledException(exception.Message, exception, cbs.Ended);
            }
            catch (Exception exception)
            {
                TimeSpan left = _expiresAt - cbs.Time.GetUtcNow() - LastTry;
                pause = next < left ? next : left;
                if (pause <= TimeSpan.Zero)
                {
                    GiveUp(exception);
                    return false;
                }

                CbsLog.RenewalFailed(cbs.Logger, cbs.Name, Audience, _expiresAt, pause, exception.Message);
            }

            await Task.Delay(pause, cbs.Time, cbs.Ended).ConfigureAwait(false);
        }
    }

    private void GiveUp(Exception exception)
    {
        cbs.Forget(this);
        lock (_lock)
            _isRenewing = false;
        CbsLog.Expiring(cbs.Logger, cbs.Name, Audience, _expiresAt, exception.Message);
    }
}
