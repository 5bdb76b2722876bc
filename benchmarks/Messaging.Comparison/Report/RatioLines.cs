using System.Globalization;
using System.Text;

namespace Comparison.Report;

/// <summary>The lines that scripts read: <c>RATIO measure quotient</c>, nothing for what did not run on both sides.</summary>
internal static class RatioLines
{
    public static string Render(IEnumerable<Measure> measures, Results results)
    {
        var text = new StringBuilder();
        foreach (Measure measure in measures.Where(measure => measure.HasRatio))
        {
            if (results.Ratio(measure) is { } ratio)
            {
                text.Append(CultureInfo.InvariantCulture, $"RATIO {measure.Name} {ratio:F2}\n");
            }
        }
        return text.ToString();
    }
}
