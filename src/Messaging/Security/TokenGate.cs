using Messaging.Client;

namespace Messaging.Security;

/// <summary>Holds a link back until the peer has a token for its address: before its first attach, and before each later one, on a new line of the connection too. Owned by the loop.</summary>
internal sealed class TokenGate(LinkEndpoint link, string address)
{
    private CbsGrant? _grant; // the one that is kept valid for this link
    private CbsSession? _answered; // the line on which a token was just put
    private volatile bool _isAsking;
    private bool _isWatching;

    /// <summary>Whether a token is being put. From any thread.</summary>
    public bool IsAsking => _isAsking;

    /// <summary>Whether an address needs a token: dynamic nodes and the anonymous terminus have none, and <c>$cbs</c> is where tokens go.</summary>
    public static bool Guards(string? address) => address is not null and not CbsNode.Address;

    /// <summary>Whether the link may be attached; when not, a token is asked for, and the link is attached, or told, when there is an answer.</summary>
    public bool IsOpen(CbsSession? cbs)
    {
        // A token that was just put counts once even if it has expired on the way: the peer decides, and tokens of no life make no loop.
        bool isAnswered = ReferenceEquals(_answered, cbs);
        _answered = null;
        if (cbs is null || isAnswered || Volatile.Read(ref _grant)?.IsValidFor(cbs) == true)
            return true;
        if (!_isAsking)
        {
            _isAsking = true;
            _ = Task.Run(() => AskAsync(cbs));
        }

        return false;
    }

    private async Task AskAsync(CbsSession cbs)
    {
        CbsSession? answered = null;
        MessagingException? failure = null;
        try
        {
            Hold(await cbs.AuthorizeAsync(address).ConfigureAwait(false));
            answered = cbs;
        }
        catch (Exception exception)
        {
            failure = exception as MessagingException ?? new LinkException($"The token could not be asked for: CbsOptions.Audience threw {exception.GetType().Name}."); // its text may hold anything
        }

        await link.Loop.InvokeAsync(() => OnAnswer(answered, cbs.Ended.IsCancellationRequested ? null : failure)).ContinueWith(
            static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default).ConfigureAwait(false);
    }

    /// <summary>Keeps the token valid until the link has ended, in place of the one of an earlier line. One continuation serves all of them: a link may outlive any number of lines.</summary>
    private void Hold(CbsGrant grant)
    {
        grant.Join();
        Interlocked.Exchange(ref _grant, grant)?.Leave();
        if (link.Closed.IsCompleted)
        {
            Release();
        }
        else if (!_isWatching)
        {
            _isWatching = true;
            _ = link.Closed.ContinueWith(static (_, gate) => ((TokenGate)gate!).Release(), this, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
    }

    private void Release() => Interlocked.Exchange(ref _grant, null)?.Leave();

    /// <summary>A line that has ended meanwhile is no failure: the next one asks anew.</summary>
    private void OnAnswer(CbsSession? answered, MessagingException? failure)
    {
        _isAsking = false;
        _answered = answered;
        if (failure is null)
            link.Reattach();
        else
            link.OnTokenFailed(failure);
    }
}
