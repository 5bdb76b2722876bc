using Messaging.Security.Prep;

namespace Messaging.Tests.Security;

public sealed class SaslPrepTests
{
    private const string Refused = "refused";

    /// <summary>The examples of RFC 4013, section 3, and what else its rules say.</summary>
    [Theory]
    [InlineData("I\u00ADX", "IX")] // soft hyphen mapped to nothing
    [InlineData("user", "user")] // no transformation
    [InlineData("USER", "USER")] // case preserved, will not match #2
    [InlineData("\u00AA", "a")] // output is NFKC, input in ISO 8859-1
    [InlineData("\u2168", "IX")] // output is NFKC, will match #1
    [InlineData("\u0007", null)] // prohibited character
    [InlineData("\u0627\u0031", null)] // bidirectional check
    [InlineData("", "")]
    [InlineData("a\u00A0b\u3000c", "a b c")] // spaces that are not ASCII
    [InlineData("\u0627\u0628", "\u0627\u0628")]
    [InlineData("\u0627a\u0628", null)]
    [InlineData("e\u0301\u0323", "\u1EB9\u0301")]
    [InlineData("\uD55C\u1112\u1161\u11AB", "\uD55C\uD55C")] // Hangul by arithmetic
    [InlineData("a\u007F", null)]
    [InlineData("a\u0080", null)]
    [InlineData("\uE000", null)] // private use
    [InlineData("a\uD800", null)] // half a surrogate pair
    public void TryPrepare_Rfc4013_Examples(string text, string? expected)
    {
        bool isAllowed = SaslPrep.TryPrepare(text, isStored: true, out string prepared);

        Assert.Equal(expected, isAllowed ? prepared : null);
    }

    [Theory]
    [InlineData(true, null)]
    [InlineData(false, "\U0001F600")]
    public void TryPrepare_Unassigned_OnlyInQueries(bool isStored, string? expected)
    {
        bool isAllowed = SaslPrep.TryPrepare("\U0001F600", isStored, out string prepared); // younger than Unicode 3.2

        Assert.Equal(expected, isAllowed ? prepared : null);
    }

    /// <summary>Random texts, and what Python's unicodedata.ucd_3_2_0 and stringprep make of them (eng/saslprep.py).</summary>
    [Fact]
    public void TryPrepare_RandomTexts_AreWhatPythonMakesOfThem()
    {
        string[] vectors = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "Security", "saslprep-vectors.txt"));

        Assert.All(vectors, vector =>
        {
            string[] parts = vector.Split(';');
            bool isAllowed = SaslPrep.TryPrepare(Text(parts[1]), parts[0] == "stored", out string prepared);
            Assert.Equal(parts[2], isAllowed ? Hex(prepared) : Refused);
        });
        Assert.True(vectors.Length > 1000);
    }

    private static string Text(string hex) =>
        string.Concat(hex.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(number => char.ConvertFromUtf32(Convert.ToInt32(number, 16))));

    private static string Hex(string text) => string.Join(' ', text.EnumerateRunes().Select(rune => rune.Value.ToString("X4")));
}
