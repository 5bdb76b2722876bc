using System.Buffers;
using Messaging.Amqp;

namespace Comparison.Peer;

/// <summary>Address <c>ping</c>: every message goes back at once to the receiver that is attached to <c>pong</c> in the same session.</summary>
internal sealed class PingLink(PeerSession session, uint handle) : SinkLink(session, handle)
{
    private readonly ArrayBufferWriter<byte> _message = new();

    protected override void OnPayload(ReadOnlySpan<byte> payload, bool more, AmqpWriter output)
    {
        _message.Write(payload);
        if (more)
        {
            return;
        }
        Session.Pong?.Send(_message.WrittenSpan, output);
        _message.ResetWrittenCount();
    }
}
