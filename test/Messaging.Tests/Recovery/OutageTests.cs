using Messaging.Amqp;
using Messaging.Amqp.Framing;
using Messaging.Recovery;
using Messaging.Tests.Support;

namespace Messaging.Tests.Recovery;

/// <summary>The text that lists the attempts: what failed alike stands there once.</summary>
public class OutageTests
{
    private const string Url = "amqp://a.example:5672";

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("[::1]")]
    [InlineData("[fe80::1%3]")]
    public void GivenUp_AttemptsDifferInTheirOwnPortOnly_AreOneKind(string host)
    {
        var outage = new Outage();
        foreach (int port in (int[])[40001, 40002, 59999])
            outage.Add(Lost($"The connection from {host}:{port} to 10.0.0.9:5672 was reset by the peer."));

        MessagingConnectionException exception = outage.GivenUp(Url, "the attempts are used up", "");

        Assert.Equal($"Could not connect to {Url}: the attempts are used up. 3 attempts: 3 × The connection from {host} to 10.0.0.9:5672 was reset by the peer.", exception.Message);
    }

    [Fact]
    public void GivenUp_AttemptsAtTwoServers_AreTwoKinds_AndTheLastComesLast()
    {
        var outage = new Outage();
        foreach (int server in (int[])[1, 2, 1])
            outage.Add(Lost($"The connection from 10.0.0.1:4000 to 10.0.0.9:{server} was reset by the peer."));

        string text = outage.GivenUp(Url, "the attempts are used up", "").Message;

        Assert.EndsWith("3 attempts: 1 × The connection from 10.0.0.1 to 10.0.0.9:2 was reset by the peer. 2 × The connection from 10.0.0.1 to 10.0.0.9:1 was reset by the peer.", text, StringComparison.Ordinal);
    }

    [Fact]
    public void GivenUp_ManyKinds_KeepsThoseThatCameLast()
    {
        var outage = new Outage();
        for (int i = 0; i < 20; i++)
            outage.Add(Lost($"kind {i}."));

        string text = outage.GivenUp(Url, "the attempts are used up", "").Message;

        Assert.EndsWith($"20 attempts: {string.Join(' ', Enumerable.Range(12, 8).Select(kind => $"1 × kind {kind}."))}", text, StringComparison.Ordinal);
    }

    [Fact]
    public void GivenUp_WithAdvice_IsWholeSentencesAndKeepsTheLastFailure()
    {
        var outage = new Outage();
        var last = new MessagingConnectionException("no.", new AmqpError(ErrorCondition.InternalError), isTransient: true);
        outage.Add(last);

        MessagingConnectionException exception = outage.GivenUp(Url, "it took too long.", "Wait longer.");

        Assert.Equal($"Could not connect to {Url}: it took too long. 1 attempt: 1 × no. Wait longer.", exception.Message);
        Assert.Equal((last, ErrorCondition.InternalError, true), (exception.InnerException, exception.Error?.Condition, exception.IsTransient));
    }

    [Fact]
    public void GivenUp_NothingTried_SaysSo() =>
        Assert.Equal($"Could not connect to {Url}: no time. The first attempt had not ended.", new Outage().GivenUp(Url, "no time", "").Message);

    [Fact]
    public async Task Connect_ServerDropsEveryConnection_TellsOneKindOfFailure()
    {
        await using RawServer server = await RawServer.ListenAsync(tcp: true);
        var options = new ConnectionOptions { Url = server.Url, Recovery = { MaxAttempts = 4, Delay = new OwnDelay(() => TimeSpan.Zero) } };
        Task<IConnection> connecting = server.Client.ConnectAsync(options, BoundedWaits.Stop).AsTask();
        for (int i = 0; i < 4; i++)
        {
            await using RawPeer peer = await server.AcceptAsync();
            await peer.LogInAsServerAsync();
            await peer.ReadUntilAsync<Open>(); // the client has nothing more to write: it can but see the reset
        }

        string text = (await connecting.Throws<MessagingConnectionException>()).Message;

        Assert.Contains("4 attempts: 4 × ", text, StringComparison.Ordinal);
        Assert.Equal(2, text.Split(" × ").Length);
    }

    private static MessagingConnectionException Lost(string text) => new(text);
}
