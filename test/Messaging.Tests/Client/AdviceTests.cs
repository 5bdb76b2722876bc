using Messaging.Amqp;
using Messaging.Amqp.Framing;
using Messaging.Tests.Support;

namespace Messaging.Tests.Client;

/// <summary>An error of the peer reaches the application with the peer's words, the link, and what to do.</summary>
public sealed class AdviceTests
{
    public static IEnumerable<TheoryDataRow<string, string, bool>> Conditions =>
    [
        new("amqp:not-found", "Check the address, or create the queue or topic at the server first.", false),
        new("amqp:unauthorized-access", "Check what the user may do at the server.", false),
        new("amqp:not-implemented", "The server does not support what was asked for: check the options.", false),
        new("amqp:not-allowed", "The server does not support what was asked for: check the options.", false),
        new("amqp:invalid-field", "The server does not support what was asked for: check the options.", false),
        new("amqp:link:message-size-exceeded", "Send smaller messages, or raise the limit at the receiving side.", false),
        new("amqp:resource-limit-exceeded", "Try again later.", true),
        new("amqp:internal-error", "Try again later.", true),
        new("amqp:resource-locked", "Try again later.", true),
        new("amqp:link:detach-forced", "Try again later.", true),
        new("amqp:link:stolen", "Try again later.", true),
        new("amqp:precondition-failed", "See the peer's log for more.", false),
        new("vendor:own", "See the peer's log for more.", false),
    ];

    [Theory]
    [MemberData(nameof(Conditions))]
    public async Task Link_RefusedOrDetached_SaysWhatThePeerSaidAndWhatToDo(string condition, string advice, bool isTransient)
    {
        await using RawServer server = await RawServer.OpenAsync();
        IReceiver receiver = await server.ReceiverAsync();
        ValueTask<ISender> creating = server.Connection.CreateSenderAsync("other", BoundedWaits.Stop);
        Attach attach = await server.Peer.ReadUntilAsync<Attach>();

        await server.Peer.SendAsync(RawPeer.Answer(attach) with { Target = null });
        await server.Peer.SendAsync(new Detach { Handle = attach.Handle, Closed = true, Error = new AmqpError(condition, "so it is") });
        await server.Peer.SendAsync(new Detach { Handle = 0, Closed = true, Error = new AmqpError(condition, "so it is.") });

        AssertSays(await creating.Throws<LinkException, ISender>(), "was refused by the peer", attach.Name);
        AssertSays(Assert.IsType<LinkException>((await receiver.Closed.Bounded()).Exception), "was detached by the peer", receiver.Name);

        void AssertSays(LinkException exception, string what, string name)
        {
            Assert.Contains($"'{name}'", exception.Message, StringComparison.Ordinal);
            Assert.EndsWith($"{what}: the peer said {condition}: so it is. {advice}", exception.Message, StringComparison.Ordinal);
            Assert.Equal((condition, isTransient), (exception.Error?.Condition.Value, exception.IsTransient));
        }
    }
}
