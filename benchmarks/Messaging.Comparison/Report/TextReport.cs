using System.Globalization;
using System.Text;

namespace Comparison.Report;

/// <summary>Medians for people at a terminal.</summary>
internal static class TextReport
{
    public static string Render(IEnumerable<Measure> measures, Results results)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{"measure (median)",-20}{Contenders.Ours,14}{Contenders.NetLite,14}{"ratio",8}  unit\n");
        foreach (Measure measure in measures)
        {
            string ours = Cells.Value(results.Median(measure, Contenders.Ours));
            string netLite = Cells.Value(results.Median(measure, Contenders.NetLite));
            text.Append(CultureInfo.InvariantCulture, $"{measure.Name,-20}{ours,14}{netLite,14}{Cells.Ratio(results.Ratio(measure)),8}  {measure.Unit}\n");
        }
        return text.ToString();
    }
}
