using System.Globalization;

namespace Comparison.Report;

/// <summary>Numbers as they stand in the tables.</summary>
internal static class Cells
{
    public static string Value(double? value) => value switch
    {
        null => "–",
        < 1000 => value.Value.ToString("N1", CultureInfo.InvariantCulture),
        _ => value.Value.ToString("N0", CultureInfo.InvariantCulture),
    };

    public static string Ratio(double? ratio) => ratio?.ToString("F2", CultureInfo.InvariantCulture) ?? "–";
}
