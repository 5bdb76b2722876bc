using Messaging.Interop.Tests.Peers;

namespace Messaging.Interop.Tests.ProtonTests;

/// <summary>Every AMQP type goes to Proton and back: Proton names the type that it saw, and we find ours again.</summary>
public class TypeTests(RealPeers peers) : InteropTest
{
    public static TheoryData<string> SimpleNames => [.. TypeCases.Simple.Keys];

    public static TheoryData<string> CompoundNames => [.. TypeCases.Compound.Keys];

    [Theory, MemberData(nameof(SimpleNames))]
    public async Task SendAsync_SimpleValueAsBodyAndProperty_KeepsTypeAndValue(string name)
    {
        var value = TypeCases.Simple[name];
        var message = Message.FromValue(value.Value);
        message.ApplicationProperties["key"] = value.Value;

        var (answer, report) = await EchoAsync(message);

        Assert.Equal($"body value: {value.Proton}\nproperty key: {value.Proton}", report);
        SameValue.Assert(value.Expected, answer.Body);
        Assert.True(answer.ApplicationProperties.ContainsKey("key"));
        SameValue.Assert(value.Expected, answer.ApplicationProperties["key"]);
    }

    [Theory, MemberData(nameof(CompoundNames))]
    public async Task SendAsync_CompoundValueAsBody_KeepsTypeAndValue(string name)
    {
        var value = TypeCases.Compound[name];

        var (answer, report) = await EchoAsync(Message.FromValue(value.Value));

        Assert.Equal($"body value: {value.Proton}", report);
        SameValue.Assert(value.Expected, answer.Body);
    }

    [Fact]
    public async Task SendAsync_Bytes_AreOneDataSection()
    {
        var (answer, report) = await EchoAsync(new Message(new byte[] { 1, 2, 3 }));

        Assert.Equal("body data: binary(010203)", report);
        Assert.Equal(MessageBodyKind.Data, answer.BodyKind);
        SameValue.Assert(new byte[] { 1, 2, 3 }, answer.Body);
    }

    [Fact]
    public async Task SendAsync_Sequence_IsOneSequenceSection()
    {
        var (answer, report) = await EchoAsync(Message.FromSequence(new List<object?> { 1, "two" }));

        Assert.Equal("body sequence: list[int(1), string(two)]", report);
        Assert.Equal(MessageBodyKind.Sequence, answer.BodyKind);
        SameValue.Assert(new List<object?> { 1, "two" }, answer.Body);
    }

    [Fact]
    public async Task SendAsync_String_IsAValueSection()
    {
        var (answer, report) = await EchoAsync(new Message("Hello World!"));

        Assert.Equal("body value: string(Hello World!)", report);
        Assert.Equal(MessageBodyKind.Value, answer.BodyKind);
        Assert.Equal("Hello World!", answer.Body);
    }

    /// <summary>The message that Proton gave back, and what it saw in it.</summary>
    private async Task<(Message Answer, string? Report)> EchoAsync(Message message)
    {
        var address = Guid.NewGuid().ToString();
        await using var connection = await ConnectAsync((await peers.TypeEchoAsync()).Url);
        await using var sender = await connection.CreateSenderAsync(address, Limit);
        await using var receiver = await connection.CreateReceiverAsync(address, Limit);

        await sender.SendAsync(message, Limit);
        var received = await ReceiveAsync(receiver, 2);
        return (received[0], (string?)received[1].Body);
    }
}
