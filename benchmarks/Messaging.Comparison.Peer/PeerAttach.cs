using System.Globalization;
using Messaging.Amqp;
using Messaging.Amqp.Framing;

namespace Comparison.Peer;

/// <summary>Answers an attach: the address chooses the kind of link, an unknown one is refused (AMQP 1.0 part 2, 2.6.3).</summary>
internal static class PeerAttach
{
    private const string SourcePrefix = "source/";

    public static void Answer(PeerSession session, in Attach attach, AmqpWriter output)
    {
        string? address = attach.Role ? attach.Source?.Address : (attach.Target as Target)?.Address;
        PeerLink? link = Create(session, in attach, address);
        FrameWriter.Write(output, 0, session.Channel, new Attach
        {
            Name = attach.Name,
            Handle = attach.Handle,
            Role = !attach.Role,
            SndSettleMode = attach.SndSettleMode,
            RcvSettleMode = attach.RcvSettleMode,
            Source = link is null && attach.Role ? null : attach.Source,
            Target = link is null && !attach.Role ? null : attach.Target,
            InitialDeliveryCount = attach.Role ? 0u : null,
        });
        if (link is null)
        {
            var error = new AmqpError(ErrorCondition.NotFound, $"'{address}' is none of sink, source/SIZE, ping, pong");
            FrameWriter.Write(output, 0, session.Channel, new Detach { Handle = attach.Handle, Closed = true, Error = error });
            return;
        }
        session.Add(link);
        link.OnAttached(output);
    }

    private static PeerLink? Create(PeerSession session, in Attach attach, string? address) => (attach.Role, address) switch
    {
        (false, "sink") => new SinkLink(session, attach.Handle),
        (false, "ping") => new PingLink(session, attach.Handle),
        (true, "pong") => new PongLink(session, attach.Handle),
        (true, not null) when address.StartsWith(SourcePrefix, StringComparison.Ordinal)
            && int.TryParse(address.AsSpan(SourcePrefix.Length), CultureInfo.InvariantCulture, out int size)
            => new SourceLink(session, attach.Handle, size),
        _ => null,
    };
}
