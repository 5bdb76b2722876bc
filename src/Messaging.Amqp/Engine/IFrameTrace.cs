namespace Messaging.Amqp.Engine;

/// <summary>Gets each frame as text, for <c>PN_TRACE_FRM</c>-like traces. SASL payloads are redacted.</summary>
internal interface IFrameTrace
{
    void Frame(bool outgoing, ushort channel, string text);
}
