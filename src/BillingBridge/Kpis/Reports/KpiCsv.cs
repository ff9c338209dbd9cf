using System.Globalization;
using System.Text;
using FhirEmr.BillingBridge.Charges;

namespace FhirEmr.BillingBridge.Kpis.Reports;

/// <summary>Figures, or the records behind them, as CSV (RFC 4180, UTF-8).</summary>
public static class KpiCsv
{
    public static byte[] Of(KpiQuery query, IReadOnlyList<KpiFigure> figures)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentNullException.ThrowIfNull(figures);
        var csv = new StringBuilder();
        if (query.Drill == KpiDrill.None)
        {
            Row(csv, KpiTable.Columns);
            foreach (var row in KpiTable.Rows(query, figures))
                Row(csv, row.Select(Text));
        }
        else
        {
            Row(csv, ["id", "record"]);
            foreach (var row in KpiTable.Records(figures))
                Row(csv, row);
        }

        return Encoding.UTF8.GetBytes(csv.ToString());
    }

    private static string Text(object? value) => value switch
    {
        null => "",
        decimal number => number.ToString(CultureInfo.InvariantCulture),
        DateOnly day => DateOfService.Text(day),
        // A spreadsheet must not take a text for a formula.
        string text when text is ['=' or '+' or '-' or '@' or '\t' or '\r', ..] => "'" + text,
        var other => other.ToString() ?? "",
    };

    private static void Row(StringBuilder csv, IEnumerable<string> cells) =>
        csv.AppendJoin(',', cells.Select(c => c.AsSpan().IndexOfAny(",\"\r\n") >= 0 ? $"\"{c.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : c)).Append("\r\n");
}
