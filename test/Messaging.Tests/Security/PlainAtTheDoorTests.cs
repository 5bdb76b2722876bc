using Messaging.Amqp.Framing;

namespace Messaging.Tests.Security;

/// <summary>PLAIN frame by frame at a listener over TCP: a bad login ends in outcome 1 (auth) and the end of the stream, and the next one is let in.</summary>
public sealed class PlainAtTheDoorTests
{
    private const string Right = $"\0{SaslTesting.User}\0{SaslTesting.Password}";

    /// <summary>What the peer says: its initial response, then its answer to a challenge.</summary>
    public static IEnumerable<TheoryDataRow<string?, string?>> BadLogins =>
    [
        new($"\0{SaslTesting.User}\0wrong", null) { Label = "wrong password" },
        new($"\0nobody\0{SaslTesting.Password}", null) { Label = "unknown user" },
        new("", null) { Label = "empty initial response" },
        new(null, $"\0{SaslTesting.User}\0wrong") { Label = "no initial response, wrong password" },
        new(null, "") { Label = "no initial response, empty response" },
    ];

    [Theory]
    [MemberData(nameof(BadLogins))]
    public async Task Plain_BadLogin_IsOutcomeAuthAndTheEnd(string? first, string? second)
    {
        await using SaslTesting sasl = await SaslTesting.ListenAsync();
        await using RawPeer peer = await sasl.DialAsync();

        await InitAsync(peer, first);
        if (second is not null)
            await AnswerChallengeAsync(peer, second);

        Assert.Equal(1, (await peer.ReadAsync<SaslOutcome>()).Code);
        Assert.Empty(await peer.ReadToEndAsync());
        Assert.Equal((SaslTesting.User, "PLAIN"), await sasl.LogInAsync(sasl.Options("PLAIN")));
    }

    [Fact]
    public async Task Plain_NoInitialResponse_IsAskedForItAndLetIn()
    {
        await using SaslTesting sasl = await SaslTesting.ListenAsync();
        await using RawPeer peer = await sasl.DialAsync();

        await InitAsync(peer, null);
        await AnswerChallengeAsync(peer, Right);

        Assert.Equal(0, (await peer.ReadAsync<SaslOutcome>()).Code);
    }

    private static async Task InitAsync(RawPeer peer, string? response)
    {
        await peer.SendRawAsync(FrameWriter.SaslHeader.ToArray());
        Assert.Equal("SASL", await peer.ReadAsync<string>());
        await peer.ReadAsync<SaslMechanisms>();
        await peer.SendSaslAsync(new SaslInit { Mechanism = "PLAIN", InitialResponse = response is null ? null : System.Text.Encoding.UTF8.GetBytes(response) });
    }

    /// <summary>The challenge of a mechanism in which the client speaks first is empty (RFC 4422, 3).</summary>
    private static async Task AnswerChallengeAsync(RawPeer peer, string response)
    {
        Assert.Empty((await peer.ReadAsync<SaslChallenge>()).Challenge);
        await peer.SendSaslAsync(new SaslResponse { Response = System.Text.Encoding.UTF8.GetBytes(response) });
    }
}
