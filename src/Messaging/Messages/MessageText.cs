using System.Collections;
using System.Globalization;
using System.Text;
using Messaging.Amqp;
using Messaging.Amqp.Framing;

namespace Messaging;

/// <summary>The summary of a message for logs and debuggers: short, on one line, without user-id and without the bytes of data sections.</summary>
internal static class MessageText
{
    private const int MaxText = 64;

    public static string Of(Message message)
    {
        StringBuilder text = new("Message {");
        try
        {
            Append(text, "message-id", message.MessageId);
            Append(text, "correlation-id", message.CorrelationId);
            Append(text, "to", message.To);
            Append(text, "subject", message.Subject);
            text.Append(" body: ").Append(Body(message));
        }
        catch (AmqpCodecException e)
        {
            text.Append(" malformed: ").Append(Short(e.Message));
        }
        catch (ObjectDisposedException)
        {
            text.Append(" released");
        }

        return text.Append(" }").ToString();
    }

    private static void Append(StringBuilder text, string name, object? value)
    {
        if (value is not null)
            text.Append(' ').Append(name).Append(": ").Append(Value(value)).Append(',');
    }

    private static string Body(Message message) => message.BodyKind switch
    {
        MessageBodyKind.None => "none",
        MessageBodyKind.Data => string.Create(CultureInfo.InvariantCulture, $"data of {message.DataLength} bytes"),
        MessageBodyKind.Sequence => string.Create(CultureInfo.InvariantCulture, $"sequence of {message.SequenceSections.Sum(s => s.Count)}"),
        _ => Value(message.Body),
    };

    private static string Value(object? value) => value switch
    {
        null => "null",
        string s => $"\"{Short(s)}\"",
        byte[] b => string.Create(CultureInfo.InvariantCulture, $"binary of {b.Length} bytes"),
        ReadOnlyMemory<byte> m => string.Create(CultureInfo.InvariantCulture, $"binary of {m.Length} bytes"),
        Described => "described value",
        IDictionary map => string.Create(CultureInfo.InvariantCulture, $"map of {map.Count}"),
        Array array => string.Create(CultureInfo.InvariantCulture, $"array of {array.Length}"),
        IList list => string.Create(CultureInfo.InvariantCulture, $"list of {list.Count}"),
        AmqpArray array => string.Create(CultureInfo.InvariantCulture, $"array of {array.Count}"),
        _ => Short(Convert.ToString(value, CultureInfo.InvariantCulture) ?? ""),
    };

    private static string Short(string value) => PeerText.Escape(value, MaxText);
}
