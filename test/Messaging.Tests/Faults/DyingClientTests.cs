using Messaging.Testing.Leaks;
using Messaging.Testing.Peers;

namespace Messaging.Tests.Faults;

/// <summary>A client that dies at each stage in each way: our listener sees it, says why, and goes on with the others.</summary>
public sealed class DyingClientTests
{
    // a real one, waited for at all stages at once: long enough for the healthy part of a conversation on a busy machine
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(20);

    public static IEnumerable<TheoryDataRow<PeerStage, Death, bool>> Deaths =>
        Cases(death => death != Death.Silence).Select(row => new TheoryDataRow<PeerStage, Death, bool>(row.Stage, row.Death, row.IsReceiver));

    [Theory]
    [MemberData(nameof(Deaths))]
    public async Task Listener_ClientDies_EndsItsConnectionAndGoesOn(PeerStage stage, Death death, bool isReceiver)
    {
        var unobserved = UnobservedExceptions.Start();
        var script = new PeerScript(stage, death);
        await using ServingListener serving = await ServingListener.StartAsync();

        await using (StagedClient client = await StagedClient.RunAsync(serving.Listener.Url, script, isReceiver).Bounded())
            Assert.True(client.HasDied);

        await AssertNextIsServedAsync(serving);
        await AssertAllEndedAsync(serving);
        if (death == Death.Close)
            Assert.Equal(script.ConditionToTell, (await serving.Accepted.First().Closed.Bounded()).Error?.Condition);
        await serving.DisposeAsync();
        await Sockets.AssertNoneLeftAsync(serving.Listener.Url);
        unobserved.AssertNone(serving.Listener.Url);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Listener_ClientsFallSilent_EndsTheirConnectionsInTime(bool isReceiver)
    {
        await using ServingListener serving = await ServingListener.StartAsync(new ListenerOptions { HandshakeTimeout = Timeout, IdleTimeout = Timeout });

        await Task.WhenAll(Cases(death => death == Death.Silence).Where(row => row.IsReceiver == isReceiver).Select(row => FallSilentAsync(serving, row.Stage, isReceiver)));

        await AssertNextIsServedAsync(serving);
        await AssertAllEndedAsync(serving);
    }

    private static async Task FallSilentAsync(ServingListener serving, PeerStage stage, bool isReceiver)
    {
        await using StagedClient client = await StagedClient.RunAsync(serving.Listener.Url, new PeerScript(stage, Death.Silence), isReceiver).Bounded();
        long start = TimeProvider.System.GetTimestamp();

        await client.ReadToEndAsync().Bounded();

        TimeSpan lived = TimeProvider.System.GetElapsedTime(start);
        Assert.True(lived <= Timeout + Slack, $"A client that fell silent at {stage} lived for {lived}.");
    }

    private static IEnumerable<(PeerStage Stage, Death Death, bool IsReceiver)> Cases(Func<Death, bool> wanted) =>
        from script in PeerScript.All
        where wanted(script.Death)
        from isReceiver in new[] { false, true }
        where script.Stage switch
        {
            PeerStage.Drain => isReceiver,
            PeerStage.BetweenFrames => !isReceiver,
            >= PeerStage.Flow and <= PeerStage.AfterDisposition => true,
            _ => !isReceiver,
        }
        select (script.Stage, script.Death, isReceiver);

    private static async Task AssertNextIsServedAsync(ServingListener serving)
    {
        await using StagedClient next = await StagedClient.RunAsync(serving.Listener.Url, PeerScript.Behave).Bounded();
        Assert.True(serving.Received >= 2, "The next client's messages did not arrive.");
    }

    /// <summary>The dead clients' connections and links have ended, and the listener's application knows.</summary>
    private static async Task AssertAllEndedAsync(ServingListener serving)
    {
        foreach (IConnection connection in serving.Accepted)
        {
            await connection.Closed.Bounded();
            await ((Messaging.Client.Connection)connection).Loop.Stopped.Bounded();
        }

        foreach (Task link in serving.Links)
        {
            Exception? end = await Record.ExceptionAsync(() => link.Bounded());
            if (end is not null)
                Assert.Contains("connection", Assert.IsAssignableFrom<MessagingException>(end).Message, StringComparison.OrdinalIgnoreCase);
        }
    }
}
