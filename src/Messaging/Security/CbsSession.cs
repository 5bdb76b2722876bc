using System.Globalization;
using Messaging.Client;
using Microsoft.Extensions.Logging;

namespace Messaging.Security;

/// <summary>
/// Claims-based security on one line of a connection: which audiences its links want, and the node to which their tokens are put. It ends with the line:
/// before the links are attached on the next one, that one's own puts every token anew.
/// </summary>
/// <param name="connection">The connection.</param>
/// <param name="options">Where tokens come from.</param>
/// <param name="url">The server.</param>
/// <param name="allowsClearText">Whether tokens may be shown to whoever listens.</param>
internal sealed class CbsSession(Connection connection, CbsOptions options, ConnectionUrl url, bool allowsClearText)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, CbsGrant> _grants = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly CancellationTokenSource _ended = new();
    private readonly bool _isAllowed = allowsClearText || connection.Loop.Transport is { IsSecure: true } or { IsInProcess: true };
    private CbsNode? _node;

    public CbsOptions Options => options;

    public TimeProvider Time => connection.Loop.Settings.TimeProvider;

    public ILogger Logger => connection.Loop.Settings.Logger;

    /// <summary>The connection for texts.</summary>
    public string Name => connection.Loop.Settings.Name;

    /// <summary>Cancelled when the line has ended.</summary>
    public CancellationToken Ended => _ended.Token;

    /// <summary>Completes when the peer has taken a token for the address that is still valid. Concurrent callers share one request.</summary>
    /// <returns>What is renewed for as long as links use it (<see cref="CbsGrant.Join"/>).</returns>
    /// <exception cref="LinkException">The peer refused the token or gave no answer, or has no <c>$cbs</c>; or the application gave no token.</exception>
    public async Task<CbsGrant> AuthorizeAsync(string address)
    {
        CbsGrant grant = Find(options.Audience?.Invoke(address) ?? DefaultAudience(address));
        await grant.ReadyAsync().ConfigureAwait(false);
        return grant;
    }

    /// <summary>Gets a token from the application, off the loop, and puts it to the node.</summary>
    /// <returns>When it expires.</returns>
    /// <exception cref="LinkException">See <see cref="AuthorizeAsync"/>.</exception>
    public async Task<DateTimeOffset> PutAsync(string audience)
    {
        if (!_isAllowed)
            throw new LinkException($"Connection {Name}: a token for '{audience}' would be shown on an unencrypted connection: use amqps, or set AllowInsecureMechanisms to allow it.");
        using CancellationTokenSource timeout = connection.Loop.OperationTimeout();
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, _ended.Token);
        string due = "the token provider";
        try
        {
            CbsToken token = await GetTokenAsync(audience, either.Token).ConfigureAwait(false);
            due = "the peer's $cbs node";
            CbsNode node = await NodeAsync(either.Token).ConfigureAwait(false);
            await node.PutAsync(audience, token, either.Token).ConfigureAwait(false);
            CbsLog.Put(Logger, Name, audience, token.ExpiresAt);
            return token.ExpiresAt;
        }
        catch (OperationCanceledException exception) when (either.IsCancellationRequested)
        {
            if (_ended.IsCancellationRequested)
                throw new MessagingConnectionException($"Connection {Name} ended while a token for '{audience}' was being put.", innerException: exception);
            throw new LinkException(
                $"Connection {Name}: {due} gave no answer about a token for '{audience}' within {connection.Loop.Settings.OperationTimeout}. Check it, or raise OperationTimeout.", isTransient: true, innerException: exception);
        }
    }

    /// <summary>No link uses it any more: the next one gets a new one.</summary>
    public void Forget(CbsGrant grant)
    {
        lock (_lock)
        {
            if (_grants.TryGetValue(grant.Audience, out CbsGrant? known) && ReferenceEquals(known, grant))
                _grants.Remove(grant.Audience);
        }
    }

    /// <summary>The line has ended. Runs on the loop, so what hangs on the token does not.</summary>
    public void Stop() => _ended.CancelAsync().MayFailUnseen();

    private CbsGrant Find(string audience)
    {
        lock (_lock)
        {
            if (!_grants.TryGetValue(audience, out CbsGrant? grant))
                _grants.Add(audience, grant = new CbsGrant(this, audience));
            return grant;
        }
    }

    private string DefaultAudience(string address) => $"{url.Scheme}://{url.Host}/{address.TrimStart('/')}";

    private async Task<CbsToken> GetTokenAsync(string audience, CancellationToken cancellationToken)
    {
        try
        {
            CbsToken? token = await Task.Run(() => options.TokenProvider(audience, cancellationToken).AsTask(), CancellationToken.None).WaitOrLeaveAsync(cancellationToken).ConfigureAwait(false);
            return Checked(token, audience);
        }
        catch (Exception exception) when (exception is not MessagingException && !(exception is OperationCanceledException && cancellationToken.IsCancellationRequested))
        {
            // Neither its text nor the exception itself goes on: a token service's answer may stand in it.
            throw new LinkException($"Connection {Name}: the token provider gave no token for '{audience}': it threw {exception.GetType().Name}.", isTransient: true);
        }
    }

    /// <summary>A provider's next answer may be better, so both faults may pass. The peer is not asked about a token that has expired: it might take it, and want another one at once.</summary>
    private CbsToken Checked(CbsToken? token, string audience)
    {
        if (token is not { Value.Length: > 0, Type.Length: > 0 })
            throw new LinkException($"Connection {Name}: the token provider gave null for '{audience}', or an empty token or type.", isTransient: true);
        DateTimeOffset now = Time.GetUtcNow();
        return token.ExpiresAt > now
            ? token
            : throw new LinkException(string.Create(CultureInfo.InvariantCulture, $"Connection {Name}: the token provider gave a token for '{audience}' that expired at {token.ExpiresAt:u}; it is {now:u}. Check what it caches, and the clock."), isTransient: true);
    }

    /// <summary>The pair of links to the node: made at first need, and anew when it has ended.</summary>
    private async Task<CbsNode> NodeAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_node is { HasEnded: true } ended)
            {
                _node = null;
                await ended.DisposeAsync().ConfigureAwait(false);
            }

            return _node ??= await CbsNode.OpenAsync(connection, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _gate.Release();
        }
    }
}
