using Messaging.Amqp;
using Messaging.Tests.Support;

namespace Messaging.Tests.Security;

/// <summary>A server forgets tokens with their connection: they are put again before the links are attached on the next one.</summary>
public sealed class CbsReconnectTests
{
    private static readonly CbsOptions Options = new()
    {
        TokenProvider = static (_, _) => new ValueTask<CbsToken>(new CbsToken { Value = "t", Type = "jwt", ExpiresAt = new DateTimeOffset(2100, 1, 1, 0, 0, 0, TimeSpan.Zero) }),
    };

    [Fact]
    public async Task ConnectionLost_TokensArePutAnew_ThenTheLinksAreAttached()
    {
        await using CbsServer server = await CbsServer.StartAsync();
        await using IConnection connection = await server.ConnectAsync(Options);
        await using ISender sender = await connection.CreateSenderAsync("a", BoundedWaits.Stop).Bounded();
        await using IReceiver same = await connection.CreateReceiverAsync("a", BoundedWaits.Stop).Bounded();
        await using IReceiver receiver = await connection.CreateReceiverAsync("b", BoundedWaits.Stop).Bounded();

        await server.DropAsync();
        await BoundedWaits.UntilAsync(() => server.Attached.Count == 6);

        Assert.Equal("aaaabb", string.Concat(server.Attached.Order(StringComparer.Ordinal)));
        Assert.Equal("aabb", string.Concat(server.Requests.Select(request => CbsServer.Audience(request)[^1]).Order()));
        Assert.Equal(4, server.NodeLinks);
        Assert.False(sender.Closed.IsCompleted || same.Closed.IsCompleted || receiver.Closed.IsCompleted);
        Assert.Equal(ConnectionState.Connected, connection.State);
    }

    [Fact]
    public async Task ConnectionLost_WhileATokenIsPut_TheLinkIsMadeOnTheNextOne()
    {
        await using CbsServer server = await CbsServer.StartAsync();
        server.Answer = static _ => null;
        await using IConnection connection = await server.ConnectAsync(Options);
        Task<ISender> creating = connection.CreateSenderAsync("a", BoundedWaits.Stop).AsTask();
        await BoundedWaits.UntilAsync(() => !server.Requests.IsEmpty);

        server.Answer = null;
        await server.DropAsync();
        await using ISender sender = await creating.Bounded();

        Assert.Equal(2, server.Requests.Count);
    }

    [Fact]
    public async Task ConnectionLost_TheNodeIsBusyAtFirst_TheLinkComesBackLater()
    {
        await using CbsServer server = await CbsServer.StartAsync();
        await using IConnection connection = await server.ConnectAsync(Options);
        await using ISender sender = await connection.CreateSenderAsync("a", BoundedWaits.Stop).Bounded();
        int busy = 2;
        server.Answer = request =>
        {
            if (Interlocked.Decrement(ref busy) >= 0)
                return CbsServer.Reply(request, 503, "busy");
            server.Granted[CbsServer.Audience(request)] = "t";
            return CbsServer.Reply(request, 200);
        };

        await server.DropAsync();
        await BoundedWaits.UntilAsync(() => server.Attached.Count == 2);

        Assert.Equal(4, server.Requests.Count);
        Assert.False(sender.Closed.IsCompleted);
    }

    [Fact]
    public async Task ConnectionLost_TheTokenIsRefusedThen_TheLinkEndsAndTheConnectionLives()
    {
        await using CbsServer server = await CbsServer.StartAsync();
        await using IConnection connection = await server.ConnectAsync(Options);
        await using ISender sender = await connection.CreateSenderAsync("a", BoundedWaits.Stop).Bounded();
        server.Answer = static request => CbsServer.Reply(request, 401, "revoked");

        await server.DropAsync();
        CloseReason reason = await sender.Closed.Bounded();
        server.Answer = null;
        await using IReceiver receiver = await connection.CreateReceiverAsync("b", BoundedWaits.Stop).Bounded();

        Assert.Equal(ErrorCondition.UnauthorizedAccess, reason.Error?.Condition);
        Assert.Contains("401 revoked", reason.Exception?.Message, StringComparison.Ordinal);
        Assert.Contains("The sender to 'a'", reason.Exception?.Message, StringComparison.Ordinal);
    }
}
