using System.Globalization;
using System.Text;

namespace Messaging.Amqp;

/// <summary>An AMQP error (part 2, 2.8.14): why a peer closed, detached, ended or rejected something.</summary>
/// <param name="Condition">The machine-readable reason, see <see cref="ErrorCondition"/> for the standard's.</param>
/// <param name="Description">Text for people that explains the condition, or null. Comes from the peer: do not trust it.</param>
/// <param name="Info">Further facts, such as the address of a redirect, or null.</param>
public sealed record AmqpError(Symbol Condition, string? Description = null, IReadOnlyDictionary<Symbol, object?>? Info = null)
{
    private const int LongestText = 1024;

    /// <summary>"condition: description", with control characters escaped and cut to 1,024 characters, fit for logs.</summary>
    public override string ToString()
    {
        StringBuilder text = new();
        AppendEscaped(text, Condition.Value);
        if (!string.IsNullOrEmpty(Description))
        {
            text.Append(": ");
            AppendEscaped(text, Description);
        }

        if (text.Length > LongestText)
        {
            text.Length = LongestText - 1;
            text.Append('…');
        }

        return text.ToString();
    }

    // The text is the peer's: a line break in it must not forge a log line, an escape sequence must not reach a terminal.
    private static void AppendEscaped(StringBuilder text, string value)
    {
        foreach (char c in value)
        {
            if (text.Length > LongestText)
                return;
            if (char.IsControl(c) || char.IsSurrogate(c) || char.GetUnicodeCategory(c) is UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator)
                text.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            else
                text.Append(c);
        }
    }
}
