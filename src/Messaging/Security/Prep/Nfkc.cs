namespace Messaging.Security.Prep;

/// <summary>Normalization form KC (Unicode Standard Annex 15) by the tables of Unicode 3.2, as RFC 3454, 4 asks for it.</summary>
internal static class Nfkc
{
    // Hangul syllables are composed by arithmetic (The Unicode Standard, 3.12).
    private const int SBase = 0xAC00;
    private const int LBase = 0x1100;
    private const int VBase = 0x1161;
    private const int TBase = 0x11A7;
    private const int LCount = 19;
    private const int VCount = 21;
    private const int TCount = 28;
    private const int SCount = LCount * VCount * TCount;

    public static List<int> Normalize(IEnumerable<int> text)
    {
        UnicodeTables tables = UnicodeTables.Instance;
        var result = new List<int>();
        foreach (int codePoint in text)
            Decompose(tables, codePoint, result);
        Order(tables, result);
        Compose(tables, result);
        return result;
    }

    private static void Decompose(UnicodeTables tables, int codePoint, List<int> result)
    {
        int syllable = codePoint - SBase;
        ReadOnlySpan<int> full = tables.Decompose(codePoint);
        if (syllable is >= 0 and < SCount)
        {
            result.Add(LBase + (syllable / (VCount * TCount)));
            result.Add(VBase + (syllable % (VCount * TCount) / TCount));
            if (syllable % TCount != 0)
                result.Add(TBase + (syllable % TCount));
        }
        else if (full.IsEmpty)
        {
            result.Add(codePoint);
        }
        else
        {
            result.AddRange(full);
        }
    }

    /// <summary>Sorts each run of marks by combining class; equal ones keep their order.</summary>
    private static void Order(UnicodeTables tables, List<int> text)
    {
        int start = 0;
        while (start < text.Count)
        {
            int end = start;
            while (end < text.Count && tables.CombiningClass(text[end]) != 0)
                end++;
            if (end - start > 1)
            {
                int[] sorted = [.. text[start..end].OrderBy(tables.CombiningClass)];
                for (int i = 0; i < sorted.Length; i++)
                    text[start + i] = sorted[i];
            }

            start = end + 1;
        }
    }

    /// <summary>Joins each starter with the marks after it that nothing blocks.</summary>
    private static void Compose(UnicodeTables tables, List<int> text)
    {
        int starter = -1;
        int lastClass = 0;
        int kept = 0;
        foreach (int current in text.ToArray())
        {
            int currentClass = tables.CombiningClass(current);
            bool isAdjacent = starter == kept - 1;
            if (starter >= 0 && (isAdjacent || (lastClass != 0 && lastClass < currentClass)) && Compose(tables, text[starter], current) is >= 0 and var composite)
            {
                text[starter] = composite;
                continue;
            }

            if (currentClass == 0)
                starter = kept;
            lastClass = currentClass;
            text[kept++] = current;
        }

        text.RemoveRange(kept, text.Count - kept);
    }

    private static int Compose(UnicodeTables tables, int first, int second)
    {
        int leading = first - LBase;
        int vowel = second - VBase;
        if (leading is >= 0 and < LCount && vowel is >= 0 and < VCount)
            return SBase + (((leading * VCount) + vowel) * TCount);
        int syllable = first - SBase;
        int trailing = second - TBase;
        if (syllable is >= 0 and < SCount && syllable % TCount == 0 && trailing is > 0 and < TCount)
            return first + trailing;
        return tables.Compose(first, second);
    }
}
