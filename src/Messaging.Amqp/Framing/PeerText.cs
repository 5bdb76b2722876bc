using System.Globalization;
using System.Text;

namespace Messaging.Amqp.Framing;

/// <summary>Makes text that a peer sent fit for logs and error messages: a line break in it must not forge a log line, an escape sequence must not reach a terminal.</summary>
internal static class PeerText
{
    /// <summary>The most characters of one text that are shown.</summary>
    public const int Limit = 1024;

    /// <summary>The text with everything that is not plain written as <c>\uNNNN</c>, cut to so many characters.</summary>
    public static string Escape(string text, int limit = Limit)
    {
        StringBuilder builder = new(Math.Min(text.Length, limit) + 8);
        Append(builder, text, limit);
        return builder.ToString();
    }

    /// <summary>Appends the text with everything that is not plain written as <c>\uNNNN</c>, cut to so many characters.</summary>
    public static void Append(StringBuilder builder, ReadOnlySpan<char> text, int limit = Limit)
    {
        int end = builder.Length + limit;
        foreach (char c in text)
        {
            if (builder.Length >= end)
            {
                builder.Length = end;
                builder.Append('…');
                return;
            }

            if (IsPlain(c))
                builder.Append(c);
            else
                builder.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
        }
    }

    /// <summary>Bytes as ASCII where they are printable, else as <c>\xNN</c>, like Proton's trace.</summary>
    public static void Append(StringBuilder builder, ReadOnlySpan<byte> bytes)
    {
        foreach (byte b in bytes.Length > Limit ? bytes[..Limit] : bytes)
        {
            if (b is >= 0x20 and < 0x7f and not (byte)'"' and not (byte)'\\')
                builder.Append((char)b);
            else
                builder.Append(CultureInfo.InvariantCulture, $"\\x{b:x2}");
        }

        if (bytes.Length > Limit)
            builder.Append('…');
    }

    private static bool IsPlain(char c) =>
        !char.IsControl(c) && !char.IsSurrogate(c)
        && char.GetUnicodeCategory(c) is not (UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
}
