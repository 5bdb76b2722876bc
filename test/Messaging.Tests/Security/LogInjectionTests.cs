using Messaging.Amqp;
using Messaging.Amqp.Framing;
using Messaging.Tests.Support;

namespace Messaging.Tests.Security;

/// <summary>What a peer calls itself, its links and its nodes reaches logs and exceptions escaped and cut: it can neither forge a line nor fill a disk.</summary>
public sealed class LogInjectionTests
{
    private const string Evil = "x\r\n2026-01-01 info: user root logged in \u001b[2J\u2028\u202e";

    private static readonly string Long = new('y', 20_000);

    [Fact]
    public async Task Names_OfAPeer_ReachNoLogAsTheyAre()
    {
        var logs = new LogCapture();
        var options = new ListenerOptions { AuthorizeLink = static (wish, _) => new ValueTask<bool>(wish.Address?.EndsWith("shut", StringComparison.Ordinal) != true) };
        await using TestPair pair = await TestPair.ListenAsync(options, new MessagingClientOptions { LoggerFactory = logs });
        await using RawPeer peer = await RawPeer.ConnectAsync(pair.Listener.Url);
        await peer.LogInAsClientAsync();
        await peer.SendRawAsync(FrameWriter.AmqpHeader.ToArray());
        await peer.SendAsync(new Open { ContainerId = Evil + Long[..4000], Hostname = Evil });
        IIncomingConnection incoming = await pair.NextConnectionAsync();
        await using IConnection accepted = await incoming.AcceptAsync(BoundedWaits.Stop).Bounded();
        await peer.ReadUntilAsync<Open>();
        await peer.BeginAsync();
        await peer.SendAsync(Attach(0, "a"));
        IIncomingLink link = await accepted.IncomingLinksAsync(BoundedWaits.Stop).FirstAsync(BoundedWaits.Stop).Bounded();
        await using IReceiver receiver = await link.AcceptReceiverAsync(null, BoundedWaits.Stop).Bounded();
        InvalidOperationException again = await link.RefuseAsync(new AmqpError(ErrorCondition.NotAllowed), BoundedWaits.Stop).Throws<InvalidOperationException>();

        await peer.SendAsync(Attach(1, "shut"));
        await peer.ReadUntilAsync<Detach>();
        await peer.SendAsync(new Detach { Handle = 0, Closed = true, Error = new AmqpError(Evil.Replace('\u2028', ' ').Replace('\u202e', ' '), Evil + Long) });
        CloseReason reason = await receiver.Closed.Bounded();
        await peer.SendAsync(new Close { Error = new AmqpError("a:b", Evil + Long) });
        await accepted.Closed.Bounded();

        Assert.Contains(logs.Lines, line => line.Text.Contains("\\u000a2026", StringComparison.Ordinal));
        foreach (string text in logs.Lines.Select(line => line.Text).Concat([again.Message, reason.Exception!.Message]))
            AssertClean(text);
    }

    private static Attach Attach(uint handle, string address) => new()
    {
        Name = $"{Evil}{handle}{Long}",
        Handle = handle,
        Role = false,
        Source = new Source { Address = Evil + Long },
        Target = new Target { Address = Evil + address },
        InitialDeliveryCount = 0,
    };

    private static void AssertClean(string text)
    {
        string shown = text.TrimEnd();
        Assert.DoesNotContain(shown, c => char.IsControl(c) || c is '\u2028' or '\u202e');
        Assert.InRange(shown.Length, 0, 8 * 1024);
    }
}
