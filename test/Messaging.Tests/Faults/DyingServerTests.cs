using Messaging.Testing.Leaks;
using Messaging.Testing.Peers;
using Messaging.Tests.Support;

namespace Messaging.Tests.Faults;

/// <summary>A server that dies at each stage in each way: the pending call ends with an error that says where, and nothing is left behind.</summary>
public sealed class DyingServerTests
{
    // real ones, all waited for at once: long enough for the healthy part of a conversation on a busy machine
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    public static IEnumerable<TheoryDataRow<PeerStage, Death, bool>> Deaths =>
        Cases(death => death != Death.Silence).Select(row => new TheoryDataRow<PeerStage, Death, bool>(row.Stage, row.Death, row.IsReceiver));

    [Theory]
    [MemberData(nameof(Deaths))]
    public async Task Client_ServerDies_PendingCallEndsAndNothingIsLeft(PeerStage stage, Death death, bool isReceiver)
    {
        var unobserved = UnobservedExceptions.Start();
        var script = new PeerScript(stage, death);
        await using StagedPeer peer = await ListenAsync(script);
        var client = new MessagingClient();
        var conversation = new ClientConversation(client, Options(peer));

        Task running = conversation.RunAsync(isReceiver);
        await peer.DiedAsync();
        Exception? exception = await EndOfAsync(running, conversation);

        AssertClear(exception, script, conversation, peer);
        await AssertNothingLeftAsync(client.DisposeAsync().AsTask(), conversation, peer, unobserved);
    }

    /// <summary>All stages at once: the time-outs are real ones.</summary>
    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public Task Client_ServerFallsSilent_PendingCallEndsInTimeAndNothingIsLeft(bool isReceiver, bool hasIdleTimeout) => Task.WhenAll(
        Cases(death => death == Death.Silence).Where(row => row.IsReceiver == isReceiver).Select(row => FallSilentAsync(row.Stage, isReceiver, hasIdleTimeout)));

    private static async Task FallSilentAsync(PeerStage stage, bool isReceiver, bool hasIdleTimeout)
    {
        var unobserved = UnobservedExceptions.Start();
        var script = new PeerScript(stage, Death.Silence);
        await using StagedPeer peer = await ListenAsync(script);
        var client = new MessagingClient();
        ConnectionOptions options = Options(peer);
        options.ConnectTimeout = Timeout;
        options.OperationTimeout = hasIdleTimeout && stage < PeerStage.Close ? TimeSpan.FromMinutes(5) : Timeout;
        options.IdleTimeout = hasIdleTimeout ? Timeout : TimeSpan.Zero;
        var conversation = new ClientConversation(client, options);

        Task running = conversation.RunAsync(isReceiver);
        await peer.DiedAsync();
        Exception? exception = await EndOfAsync(running, conversation);

        AssertClear(exception, script, conversation, peer);
        Assert.True(conversation.Longest.Duration <= Timeout + Slack, $"{script}: {conversation.Longest.Call} took {conversation.Longest.Duration}.");
        await AssertNothingLeftAsync(client.DisposeAsync().AsTask(), conversation, peer, unobserved);
    }

    private static IEnumerable<(PeerStage Stage, Death Death, bool IsReceiver)> Cases(Func<Death, bool> wanted) =>
        from script in PeerScript.All
        where wanted(script.Death)
        from isReceiver in new[] { false, true }
        where isReceiver ? script.Stage is >= PeerStage.Flow and <= PeerStage.Drain : script.Stage != PeerStage.Drain
        select (script.Stage, script.Death, isReceiver);

    private static async Task<StagedPeer> ListenAsync(PeerScript script)
    {
        StagedPeer peer = await StagedPeer.ListenAsync(script);
        peer.Send(new Message("first"));
        peer.Send(new Message("second"));
        return peer;
    }

    private static ConnectionOptions Options(StagedPeer peer) => new() { Url = peer.Url, Reconnect = false };

    private static void AssertClear(Exception? exception, PeerScript script, ClientConversation conversation, StagedPeer peer)
    {
        if (exception is null)
        {
            Assert.Equal(ClientConversation.Close, conversation.Step); // a connection that is lost is closed
            return;
        }

        Assert.Contains(peer.Url, exception.Message, StringComparison.Ordinal);
        if (exception is TimeoutException)
        {
            Assert.Equal(Death.Silence, script.Death);
            return;
        }

        MessagingException failure = Assert.IsAssignableFrom<MessagingException>(exception);
        if (script.Death is Death.Close or Death.End or Death.Detach)
            Assert.Equal(script.ConditionToTell, failure.Error?.Condition);
        else
            Assert.True(failure.IsTransient, failure.Message);
    }

    /// <summary>How the conversation ended; the text of a hang says where.</summary>
    private static async Task<Exception?> EndOfAsync(Task running, ClientConversation conversation)
    {
        try
        {
            await running.WaitAsync(Limit, BoundedWaits.Stop);
            return null;
        }
        catch (Exception exception)
        {
            Assert.True(running.IsCompleted, $"The step '{conversation.Step}' hangs.");
            return exception;
        }
    }

    private static async Task AssertNothingLeftAsync(Task disposing, ClientConversation conversation, StagedPeer peer, UnobservedExceptions unobserved)
    {
        await disposing.Bounded();
        if (conversation.Connection is { } connection)
        {
            await ((Messaging.Client.Connection)connection).Loop.Stopped.Bounded();
            Assert.True(connection.Closed.IsCompletedSuccessfully);
        }

        Assert.True(conversation.Link?.Closed.IsCompletedSuccessfully ?? true);
        await peer.DisposeAsync();
        await Sockets.AssertNoneLeftAsync(peer.Url);
        unobserved.AssertNone(peer.Url);
    }
}
