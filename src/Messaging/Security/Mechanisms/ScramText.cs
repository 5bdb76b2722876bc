using System.Globalization;
using System.Text;

namespace Messaging.Security.Mechanisms;

/// <summary>Reads the comma-separated attributes of a SCRAM message in their fixed order (RFC 5802, 5.1 and 7), and nothing that is not exactly so.</summary>
internal ref struct ScramText(ReadOnlySpan<char> text)
{
    private ReadOnlySpan<char> _rest = text;
    private bool _hasNext = true;

    /// <summary>Decodes a message; UTF-8 that is malformed makes none.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> bytes, out string text)
    {
        try
        {
            text = Scram.StrictUtf8.GetString(bytes);
            return true;
        }
        catch (DecoderFallbackException)
        {
            text = "";
            return false;
        }
    }

    /// <summary>Takes the next attribute, which must have this name and a value.</summary>
    public bool TryTake(char name, out string value)
    {
        value = "";
        if (!TryTakeAny(out ReadOnlySpan<char> next) || next.Length < 3 || next[0] != name || next[1] != '=')
            return false;
        value = next[2..].ToString();
        return true;
    }

    /// <summary>Takes what is left: extensions that may be there and mean nothing to us. An attribute without a name is malformed.</summary>
    public bool TryEnd()
    {
        while (_hasNext)
        {
            if (!TryTakeAny(out ReadOnlySpan<char> next) || next.Length < 3 || !char.IsAsciiLetter(next[0]) || next[1] != '=')
                return false;
        }

        return true;
    }

    /// <summary>RFC 5802, 7, saslname: a comma is <c>=2C</c>, an equals sign <c>=3D</c>.</summary>
    public static string Escape(string name) => name.Replace("=", "=3D", StringComparison.Ordinal).Replace(",", "=2C", StringComparison.Ordinal);

    /// <summary>Any other use of the equals sign is an error (RFC 5802, 5.1).</summary>
    public static bool TryUnescape(string text, out string name)
    {
        name = text.Replace("=2C", ",", StringComparison.Ordinal).Replace("=3D", "=", StringComparison.Ordinal);
        string plain = text.Replace("=2C", "", StringComparison.Ordinal).Replace("=3D", "", StringComparison.Ordinal);
        return !plain.Contains('=', StringComparison.Ordinal);
    }

    /// <summary>Base 64 in the one way to write it: no white space, right padding, no stray bits.</summary>
    public static bool TryReadBase64(string text, out byte[] bytes)
    {
        byte[] buffer = new byte[text.Length];
        bytes = Convert.TryFromBase64String(text, buffer, out int length) ? buffer[..length] : [];
        return bytes.Length > 0 && string.Equals(Convert.ToBase64String(bytes), text, StringComparison.Ordinal);
    }

    /// <summary>posit-number: digits, the first not zero.</summary>
    public static bool TryReadNumber(string text, out int number)
    {
        number = 0;
        return text[0] != '0' && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }

    /// <summary>Printable ASCII without the comma.</summary>
    public static bool IsNonce(string text) => !text.AsSpan().ContainsAnyExceptInRange('!', '~');

    private bool TryTakeAny(out ReadOnlySpan<char> next)
    {
        next = default;
        if (!_hasNext)
            return false;
        int comma = _rest.IndexOf(',');
        _hasNext = comma >= 0;
        next = _hasNext ? _rest[..comma] : _rest;
        _rest = _hasNext ? _rest[(comma + 1)..] : default;
        return true;
    }
}
