using System.Text;
using Messaging.Amqp.Framing;

namespace Messaging.Amqp;

/// <summary>An AMQP error (part 2, 2.8.14): why a peer closed, detached, ended or rejected something.</summary>
/// <param name="Condition">The machine-readable reason, see <see cref="ErrorCondition"/> for the standard's.</param>
/// <param name="Description">Text for people that explains the condition, or null. Comes from the peer: do not trust it.</param>
/// <param name="Info">Further facts, such as the address of a redirect, or null.</param>
public sealed record AmqpError(Symbol Condition, string? Description = null, IReadOnlyDictionary<Symbol, object?>? Info = null)
{
    /// <summary>"condition: description", with control characters escaped and cut to 1,024 characters, fit for logs.</summary>
    public override string ToString()
    {
        StringBuilder text = new();
        PeerText.Append(text, Condition.Value);
        if (!string.IsNullOrEmpty(Description))
        {
            text.Append(": ");
            PeerText.Append(text, Description);
        }

        if (text.Length > PeerText.Limit)
        {
            text.Length = PeerText.Limit - 1;
            text.Append('…');
        }

        return text.ToString();
    }
}
