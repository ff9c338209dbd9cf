using System.Globalization;
using FhirEmr.Terminology.CodeSystems;

namespace FhirEmr.Terminology.Import;

/// <summary>The physician fee schedule and its localities (billing.md §8.7, §8.8). Descriptions are CPT's and are left out.</summary>
internal static class FeeFiles
{
    /// <summary>Relative values by code and modifier: the key is both with a bar between, the modifier empty for the global service.</summary>
    public static void Services(ReleaseText text, RowSink sink)
    {
        var header = new List<string[]>();
        FeeColumns? columns = null;
        foreach (var (line, cells) in CsvText.Read(text.Text))
        {
            if (columns is null)
            {
                header.Add(cells);
                if (cells is ["HCPCS", "MOD", ..])
                    columns = FeeColumns.Of(header);
                continue;
            }

            var code = cells[0].Trim();
            if (!NcciFiles.IsCode(code))
            {
                sink.Bad(line, "a code of five characters in the first column", string.Join(',', cells), 1);
                continue;
            }

            var properties = new Dictionary<string, string>(StringComparer.Ordinal);
            var wrong = -1;
            foreach (var (name, at, isNumber) in columns.All)
            {
                var value = at < cells.Length ? cells[at].Trim() : "";
                if (isNumber && value.Length > 0 && !decimal.TryParse(value, NumberStyles.Number, CultureInfo.InvariantCulture, out _))
                    wrong = at;
                if (value.Length > 0)
                    properties[name] = value;
            }

            if (wrong >= 0 || !properties.ContainsKey("work"))
                sink.Bad(line, "relative value units as numbers", string.Join(',', cells), (wrong < 0 ? columns.Work : wrong) + 1);
            else
                sink.Add(line, new($"{code}|{cells[1].Trim()}", "", "", true, Properties: properties), string.Join(',', cells));
        }

        if (columns is null)
            sink.Bad(1, "a header that ends in a row beginning HCPCS,MOD,DESCRIPTION", header.Count == 0 ? "" : string.Join(',', header[0]));
    }

    /// <summary>Indices by contractor and locality, up to the footnotes.</summary>
    public static void Localities(ReleaseText text, RowSink sink)
    {
        foreach (var row in Table.Rows(text, sink, "Medicare Administrative Contractor (MAC)", "State", "Locality Number"))
        {
            var state = row["State"];
            if (state.Length != 2 || !state.All(char.IsAsciiLetterUpper))
                return; // footnotes follow the data
            var (work, practice, malpractice) = (row.Cell(row.Table.FindBeginning("PW GPCI")), row.Cell(row.Table.FindBeginning("PE GPCI")), row.Cell(row.Table.FindBeginning("MP GPCI")));
            if (Array.Exists([work, practice, malpractice], v => !decimal.TryParse(v, NumberStyles.Number, CultureInfo.InvariantCulture, out _)))
                sink.Bad(row.Line, "three indices as numbers", row.Source, row.Table.FindBeginning("PW GPCI") + 1);
            else
                sink.Add(row.Line, new($"{row["Medicare Administrative Contractor (MAC)"]}|{row["Locality Number"].PadLeft(2, '0')}", row["Locality Name"].TrimEnd('*', ' '), "", true,
                    Properties: new Dictionary<string, string> { ["state"] = state, ["work"] = work, ["practiceExpense"] = practice, ["malpractice"] = malpractice }), row.Source);
        }
    }

    /// <summary>Where the columns are: taken from the header, which is spread over several rows and changes from year to year.</summary>
    private sealed record FeeColumns(IReadOnlyList<(string Name, int At, bool IsNumber)> All, int Work)
    {
        public static FeeColumns Of(List<string[]> header)
        {
            // What stands in one column on all header rows, read downwards, is its name.
            var width = header.Max(row => row.Length);
            var names = Enumerable.Range(0, width).Select(at => string.Join(' ', header.Where(row => row.Any(c => c == "RVU" || c == "MOD" || c is "WORK" or "PE RVU" or "NON-FAC" or "STATUS" or "NON-FACILITY") && at < row.Length)
                .Select(row => row[at].Trim()).Where(c => c.Length > 0))).ToArray();
            int At(params string[] words) => Array.FindIndex(names, n => words.All(w => n.Contains(w, StringComparison.Ordinal)));
            var work = At("WORK", "RVU");
            var found = new (string Name, int At, bool IsNumber)[]
            {
                ("status", At("STATUS"), false), ("work", work, true), ("nonFacilityPe", At("NON-FAC", "PE RVU"), true), ("facilityPe", FacilityPe(names), true), ("malpractice", At("MP", "RVU"), true),
                ("pctc", At("PCTC"), false), ("globalDays", At("GLOB"), false), ("preOp", At("PRE", "OP"), false), ("intraOp", At("INTRA"), false), ("postOp", At("POST"), false),
                ("multiple", At("MULT"), false), ("bilateral", At("BILAT"), false), ("assistant", At("ASST"), false), ("coSurgeon", At("CO-"), false), ("team", At("TEAM"), false),
                ("endoscopicBase", At("ENDO"), false), ("conversionFactor", At("CONV"), true), ("imagingFamily", At("FAMILY"), false),
            };
            return new([.. found.Where(f => f.At >= 0)], work);
        }

        // FACILITY PE RVU, but not NON-FACILITY.
        private static int FacilityPe(string[] names) => Array.FindIndex(names, n => n.StartsWith("FACILITY PE RVU", StringComparison.Ordinal));
    }
}
