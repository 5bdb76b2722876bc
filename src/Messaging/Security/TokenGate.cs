using Messaging.Client;

namespace Messaging.Security;

/// <summary>Holds a link back until the peer has a token for its address: before its first attach, and before each later one, on a new line of the connection too. Owned by the loop.</summary>
internal sealed class TokenGate(LinkEndpoint link, string address)
{
    private CbsGrant? _grant;
    private volatile bool _isAsking;

    /// <summary>Whether a token is being put. From any thread.</summary>
    public bool IsAsking => _isAsking;

    /// <summary>Whether an address needs a token: dynamic nodes and the anonymous terminus have none, and <c>$cbs</c> is where tokens go.</summary>
    public static bool Guards(string? address) => address is not null and not CbsNode.Address;

    /// <summary>Whether the link may be attached; when not, a token is asked for, and the link is attached, or told, when there is an answer.</summary>
    public bool IsOpen(CbsSession? cbs)
    {
        if (cbs is null || _grant?.IsValidFor(cbs) == true)
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
        CbsGrant? grant = null;
        MessagingException? failure = null;
        try
        {
            grant = await cbs.AuthorizeAsync(address).ConfigureAwait(false);
            grant.Use(link.Closed);
        }
        catch (Exception exception)
        {
            failure = exception as MessagingException ?? new LinkException($"The token could not be asked for: {exception.Message}", innerException: exception);
        }

        await link.Loop.InvokeAsync(() => OnAnswer(grant, cbs.Ended.IsCancellationRequested ? null : failure)).ContinueWith(
            static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default).ConfigureAwait(false);
    }

    /// <summary>A line that has ended meanwhile is no failure: the next one asks anew.</summary>
    private void OnAnswer(CbsGrant? grant, MessagingException? failure)
    {
        _isAsking = false;
        _grant = grant;
        if (failure is null)
            link.Reattach();
        else
            link.OnTokenFailed(failure);
    }
}
