using System.Text;
using Messaging.Amqp;
using Microsoft.Extensions.Logging;

namespace Messaging.Broker.Links;

/// <summary>What the peer of one connection may do beyond what the listener has checked: send to an address through the anonymous terminus, name a user in its messages.</summary>
internal sealed class PeerRights(IIncomingConnection peer, AccessRules rules, ILogger logger)
{
    private readonly byte[]? _userId = rules.AllowForeignUserId || peer.SaslMechanism is null or "ANONYMOUS" ? null : Encoding.UTF8.GetBytes(peer.Identity);

    /// <summary>Whether every address is allowed, so that nobody need be asked.</summary>
    public bool AreUnlimited => rules.AuthorizeLink is null;

    /// <summary>Asks the application's hook; what it throws, and no answer in time, is a no.</summary>
    public async ValueTask<bool> MaySendToAsync(string address, CancellationToken cancellationToken)
    {
        if (rules.AuthorizeLink is not { } hook)
            return true;
        using var timeout = new CancellationTokenSource(rules.DecisionTimeout, rules.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            var wish = new LinkAuthorization { Identity = peer.Identity, Role = LinkRole.Receiver, Address = address, Hostname = peer.Hostname };
            return await Task.Run(() => hook(wish, either.Token).AsTask(), CancellationToken.None).WaitAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception exception)
        {
            BrokerLog.HookFailed(logger, exception);
            return false;
        }
    }

    /// <summary>Why a message may not be taken: it is in another user's name.</summary>
    /// <exception cref="AmqpCodecException">Its properties are malformed.</exception>
    public AmqpError? Refusal(Message message) => _userId is null || message.UserId is not { Length: > 0 } named || named.AsSpan().SequenceEqual(_userId)
        ? null
        : new AmqpError(ErrorCondition.UnauthorizedAccess, $"the message's user-id is not that of '{peer.Identity}', who sends it");
}
