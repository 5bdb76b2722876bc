using Messaging.Amqp;
using Messaging.Amqp.Framing;
using Messaging.Client;
using Messaging.Loop;
using Microsoft.Extensions.Logging;

namespace Messaging.Listening;

/// <summary>Asks the application's hooks about one connection and about its links: off the loop, and until the time to decide is over.</summary>
internal sealed class Authorizer(Connection connection, ListenerOptions options, IncomingConnection peer)
{
    private LoopSettings Settings => connection.Loop.Settings;

    /// <summary>Asks about the connection; then the listener offers it to the application, unless the hook refused it. Runs on the loop.</summary>
    public void Authorize(Action offer)
    {
        if (options.AuthorizeConnection is { } hook)
            _ = AuthorizeAsync(hook, offer);
        else
            offer();
    }

    /// <summary>Asks about a link; then the application sees it, unless the hook refused it. Runs on the loop.</summary>
    public void Authorize(IncomingLink link)
    {
        if (options.AuthorizeLink is { } hook)
            _ = AuthorizeAsync(hook, link);
        else
            connection.Offer(link);
    }

    private async Task AuthorizeAsync(Func<IIncomingConnection, CancellationToken, ValueTask<bool>> hook, Action offer)
    {
        bool? isAllowed = await AskAsync(token => hook(peer, token), "AuthorizeConnection", peer.Ended).ConfigureAwait(false);
        if (isAllowed is null || peer.IsDecided)
            return;
        if (isAllowed == false)
        {
            AuthorizationLog.ConnectionRefused(Settings.Logger, Settings.Name, Shown(peer.Identity), Shown(peer.RemoteContainerId));
            peer.Abandon(new AmqpError(ErrorCondition.UnauthorizedAccess, $"'{Shown(peer.Identity)}' may not connect"));
            return;
        }

        await OnLoopAsync(offer).ConfigureAwait(false);
    }

    private async Task AuthorizeAsync(Func<LinkAuthorization, CancellationToken, ValueTask<bool>> hook, IncomingLink link)
    {
        LinkAuthorization wish = link.Wish(peer.Identity, peer.Hostname);
        bool? isAllowed = await AskAsync(token => hook(wish, token), "AuthorizeLink", link.Decided).ConfigureAwait(false);
        if (isAllowed is null)
            return;
        if (isAllowed == false)
            AuthorizationLog.LinkRefused(Settings.Logger, Settings.Name, Shown(peer.Identity), Describe(wish), Shown(link.Name));
        await OnLoopAsync(() => Decide(link, wish, isAllowed.Value)).ConfigureAwait(false);
    }

    private void Decide(IncomingLink link, LinkAuthorization wish, bool isAllowed)
    {
        if (isAllowed)
            connection.Offer(link);
        else
            link.RefuseNow(new AmqpError(ErrorCondition.UnauthorizedAccess, $"'{Shown(wish.Identity)}' may not {Describe(wish)}"));
    }

    private static string Describe(LinkAuthorization wish)
    {
        string node = wish.IsDynamic ? "a node of its own" : wish.Address is { } address ? $"'{Shown(address)}'" : "the anonymous terminus";
        return wish.Role == LinkRole.Receiver ? $"send to {node}" : $"receive from {node}";
    }

    /// <returns>Null when what was asked about is gone, or was decided by the time running out.</returns>
    private async Task<bool?> AskAsync(Func<CancellationToken, ValueTask<bool>> hook, string name, CancellationToken decided)
    {
        try
        {
            return await Task.Run(() => hook(decided).AsTask(), CancellationToken.None).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (decided.IsCancellationRequested)
        {
            return null;
        }
        catch (Exception exception)
        {
            AuthorizationLog.HookFailed(Settings.Logger, Settings.Name, name, exception);
            return false;
        }
    }

    /// <summary>A connection that has ended meanwhile needs no decision.</summary>
    private Task OnLoopAsync(Action action) =>
        connection.Loop.InvokeAsync(action).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);

    private static string Shown(string? text) => PeerText.Escape(text ?? "");
}

internal static partial class AuthorizationLog
{
    [LoggerMessage(EventId = 5101, Level = LogLevel.Warning, Message = "Connection {Connection}: '{Identity}' (container '{ContainerId}') may not connect")]
    public static partial void ConnectionRefused(ILogger logger, string connection, string identity, string containerId);

    [LoggerMessage(EventId = 5102, Level = LogLevel.Warning, Message = "Connection {Connection}: '{Identity}' may not {Wish} (link '{Link}')")]
    public static partial void LinkRefused(ILogger logger, string connection, string identity, string wish, string link);

    [LoggerMessage(EventId = 5103, Level = LogLevel.Error, Message = "Connection {Connection}: the hook {Hook} threw; what it was asked about was refused")]
    public static partial void HookFailed(ILogger logger, string connection, string hook, Exception exception);
}
