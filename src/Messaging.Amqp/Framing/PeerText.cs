using System.Globalization;
using System.Text;

namespace Messaging.Amqp.Framing;

/// <summary>Makes text that a peer sent fit for logs and error messages: a line break in it must not forge a log line.</summary>
internal static class PeerText
{
    /// <summary>The most characters of one text that are shown.</summary>
    public const int Limit = 1024;

    public static string Escape(string text)
    {
        StringBuilder builder = new(Math.Min(text.Length, Limit) + 8);
        Append(builder, text);
        return builder.ToString();
    }

    public static void Append(StringBuilder builder, ReadOnlySpan<char> text)
    {
        int end = builder.Length + Limit;
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
