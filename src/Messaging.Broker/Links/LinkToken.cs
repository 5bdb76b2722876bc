namespace Messaging.Broker.Links;

/// <summary>A token that is cancelled when a link has ended or the broker stops: what waits for room then stops waiting, and its sender, which knows of nothing, may send it again.</summary>
internal sealed class LinkToken : IDisposable
{
    private readonly CancellationTokenSource _source;

    public LinkToken(ILink link, CancellationToken stopping)
    {
        _source = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        Token = _source.Token;
        _ = link.Closed.ContinueWith(_ => Cancel(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    public CancellationToken Token { get; }

    public void Dispose() => _source.Dispose();

    private void Cancel()
    {
        try
        {
            _source.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // Nobody waits any more.
        }
    }
}
