using System.Globalization;
using System.Text;

namespace Messaging.Broker;

/// <summary>A text of a peer on its way to a log: a line break in it must not forge a log line, an escape sequence must not reach a terminal, and there is an end to it.</summary>
/// <remarks>The layers below have their own, which the broker, written against their public API, does not see.</remarks>
internal readonly record struct PeerText(string? Text)
{
    private const int Limit = 256;

    public static implicit operator PeerText(string? text) => new(text);

    /// <summary>The first 256 characters, with everything that is not plain text written as <c>\uNNNN</c>.</summary>
    public override string ToString()
    {
        if (Text is null)
            return "";
        StringBuilder shown = new(Math.Min(Text.Length, Limit));
        foreach (char c in Text.AsSpan(0, Math.Min(Text.Length, Limit)))
        {
            if (IsPlain(c))
                shown.Append(c);
            else
                shown.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
        }

        return Text.Length > Limit ? shown.Append('…').ToString() : shown.ToString();
    }

    private static bool IsPlain(char c) =>
        !char.IsControl(c) && !char.IsSurrogate(c)
        && char.GetUnicodeCategory(c) is not (UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
}
