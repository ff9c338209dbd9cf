using FhirEmr.Terminology.Index;

namespace FhirEmr.Terminology.Import;

/// <summary>Short code lists that come as CSV with a header row (billing.md §8.10, §8.11).</summary>
internal static class CodeLists
{
    /// <summary>Two digits, a name; first day and rate column where the file has them.</summary>
    public static void PlaceOfService(ReleaseText text, RowSink sink)
    {
        foreach (var row in Table.Rows(text, sink, "code", "name"))
        {
            var code = row["code"];
            if (code.Length == 1)
                code = "0" + code; // spreadsheets drop the zero
            if (code.Length != 2 || !code.All(char.IsAsciiDigit) || row["name"].Length == 0)
                sink.Bad(row.Line, "a place of service (two digits) and its name", row.Source, row.Table.Find("code") + 1);
            else if (!TableRow.TryDate(row["from", "effective date"], out var from))
                sink.Bad(row.Line, "a date as YYYY-MM-DD or nothing", row.Source, row.Table.Find("from", "effective date") + 1);
            else
                sink.Add(row.Line, new(code, row["name"], "", true, from, Properties: TableRow.Kept(("rate", row["rate", "rate_column"]), ("description", row["description"]))), row.Source);
        }
    }

    /// <summary>Adjustment reasons and remarks: from the start date until the day before the stop date.</summary>
    public static void Reasons(ReleaseText text, RowSink sink)
    {
        foreach (var row in Table.Rows(text, sink, "Code", "Description"))
        {
            var code = row["Code"].ToUpperInvariant();
            if (code.Length is 0 or > 5 || !code.All(char.IsAsciiLetterOrDigit) || row["Description"].Length == 0)
                sink.Bad(row.Line, "a reason or remark code (1, A1, N1, MA01) and its description", row.Source, row.Table.Find("Code") + 1);
            else if (!TableRow.TryDate(row["Start Date", "Start"], out var from) || !TableRow.TryDate(row["Stop Date", "Stop"], out var stop))
                sink.Bad(row.Line, "start and stop as M/D/YYYY or YYYY-MM-DD, or nothing", row.Source, row.Table.Find("Start Date", "Start") + 1);
            else
                sink.Add(row.Line, new(code, row["Description"], "", true, from, stop?.AddDays(-1), TableRow.Kept(("notes", row["Notes"]), ("lastModified", row["Last Modified"]))), row.Source);
        }
    }

    /// <summary>Provider taxonomy: ten characters; the name is classification and specialization.</summary>
    public static void Taxonomy(ReleaseText text, RowSink sink)
    {
        foreach (var row in Table.Rows(text, sink, "Code", "Grouping", "Classification"))
        {
            var code = row["Code"].ToUpperInvariant();
            if (code.Length != 10 || code[^1] != 'X' || !code.All(char.IsAsciiLetterOrDigit) || row["Classification"].Length == 0)
            {
                sink.Bad(row.Line, "a taxonomy code (207Q00000X) with its classification", row.Source, row.Table.Find("Code") + 1);
                continue;
            }

            var (display, specialization) = (row["Display Name"], row["Specialization"]);
            if (display.Length == 0)
                display = specialization.Length == 0 ? row["Classification"] : $"{row["Classification"]}, {specialization}";
            sink.Add(row.Line, new(code, display, "", true, Properties: TableRow.Kept(
                ("grouping", row["Grouping"]), ("classification", row["Classification"]), ("specialization", specialization), ("section", row["Section"]))), row.Source);
        }
    }
}
