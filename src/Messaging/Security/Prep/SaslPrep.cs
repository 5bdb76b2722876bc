using System.Text;

namespace Messaging.Security.Prep;

/// <summary>SASLprep (RFC 4013): two ways of typing one name or password become the same text.</summary>
internal static class SaslPrep
{
    /// <summary>Prepares a user name or password.</summary>
    /// <param name="text">As it was typed.</param>
    /// <param name="isStored">Whether it is a "stored string", which may hold no characters that Unicode 3.2 does not know (RFC 3454, 7). RFC 5802 asks for that of passwords, not of user names.</param>
    /// <param name="prepared">The result.</param>
    /// <returns>Whether the text may be used: control characters, private ones, half surrogates and mixtures of writing directions may not.</returns>
    public static bool TryPrepare(string text, bool isStored, out string prepared)
    {
        prepared = text;
        if (Ascii.IsValid(text))
            return !text.AsSpan().ContainsAnyInRange('\0', '\x1F') && !text.Contains('\x7F', StringComparison.Ordinal);
        if (!TryMap(text, out List<int> mapped))
            return false;
        List<int> normalized = Nfkc.Normalize(mapped);
        if (!IsAllowed(normalized, isStored))
            return false;
        prepared = string.Concat(normalized.Select(char.ConvertFromUtf32));
        return true;
    }

    /// <summary>RFC 4013, 2.1: special spaces become spaces, invisible characters nothing.</summary>
    private static bool TryMap(string text, out List<int> mapped)
    {
        mapped = new List<int>(text.Length);
        ReadOnlySpan<char> rest = text;
        while (!rest.IsEmpty)
        {
            if (Rune.DecodeFromUtf16(rest, out Rune rune, out int length) != System.Buffers.OperationStatus.Done)
                return false; // half a surrogate pair: RFC 3454, C.5
            rest = rest[length..];
            CharacterKind kind = UnicodeTables.Instance.Kind(rune.Value);
            if (kind == CharacterKind.Space)
                mapped.Add(' ');
            else if (kind != CharacterKind.MappedToNothing)
                mapped.Add(rune.Value);
        }

        return true;
    }

    /// <summary>RFC 4013, 2.3 to 2.5.</summary>
    private static bool IsAllowed(List<int> text, bool isStored)
    {
        bool hasLeftToRight = false;
        bool hasRightToLeft = false;
        foreach (int codePoint in text)
        {
            CharacterKind kind = UnicodeTables.Instance.Kind(codePoint);
            if (kind is CharacterKind.Prohibited or CharacterKind.Space || (isStored && kind == CharacterKind.Unassigned))
                return false;
            hasLeftToRight |= kind == CharacterKind.LeftToRight;
            hasRightToLeft |= kind == CharacterKind.RightToLeft;
        }

        // RFC 3454, 6: a text from right to left begins and ends so, and has nothing that runs the other way.
        return !hasRightToLeft || (!hasLeftToRight && IsRightToLeft(text[0]) && IsRightToLeft(text[^1]));
    }

    private static bool IsRightToLeft(int codePoint) => UnicodeTables.Instance.Kind(codePoint) == CharacterKind.RightToLeft;
}
