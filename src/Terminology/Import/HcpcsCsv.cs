using FhirEmr.Terminology.CodeSystems;

namespace FhirEmr.Terminology.Import;

/// <summary>The CSV (or exported spreadsheet) form: columns by header name, one row a code, titles above the header allowed.</summary>
internal static class HcpcsCsv
{
    private const int MaxTitleRows = 20;

    public static void Read(ReleaseText text, RowSink sink)
    {
        Dictionary<string, int>? header = null;
        var titles = 0;
        foreach (var (line, cells) in CsvText.Read(text.Text))
        {
            if (header is null)
            {
                header = Header(cells);
                if (header is null && ++titles > MaxTitleRows)
                {
                    sink.Bad(line, "a header row with HCPC and LONG DESCRIPTION in the first rows", string.Join(',', cells));
                    return;
                }

                continue;
            }

            ReadRow(line, cells, header, sink);
        }
    }

    private static void ReadRow(int line, string[] cells, Dictionary<string, int> header, RowSink sink)
    {
        var source = string.Join(',', cells);
        var (code, title) = (Cell("HCPC", "HCPCS", "CODE").ToUpperInvariant(), Cell("LONGDESCRIPTION"));
        if (!HcpcsFile.IsCode(code) || title.Length == 0)
        {
            sink.Bad(line, "a HCPCS code (A1234) or modifier (two characters) and a long description", source);
            return;
        }

        var row = HcpcsFile.Row(code, title, Cell("SHORTDESCRIPTION"), Cell("ADDDT", "ADDDATE"), Cell("TERMDT", "TERMINATIONDATE"), new(StringComparer.Ordinal)
        {
            ["pricingIndicator"] = Several("PRICE", "PRICINGINDICATOR"),
            ["multiplePricing"] = Cell("MULTPI"),
            ["statute"] = Cell("STATUTE"),
            ["labCertification"] = Several("LABCERT", "LABCERT"),
            ["crossReference"] = Several("XREF", "XREF"),
            ["coverage"] = Cell("COV", "COVERAGECODE"),
            ["ascGroup"] = Cell("ASCGRP"),
            ["betos"] = Cell("BETOS"),
            ["typeOfService"] = Several("TOS", "TYPEOFSERVICE"),
            ["actionEffective"] = Cell("ACTEFFDT", "ACTIONEFFECTIVEYEAR"),
            ["action"] = Cell("ACTIONCD"),
        });
        if (row is null)
            sink.Bad(line, HcpcsFile.WrongDate, source);
        else
            sink.Add(line, row, source);

        string Cell(params ReadOnlySpan<string> names)
        {
            foreach (var name in names)
            {
                if (header.TryGetValue(name, out var at) && at < cells.Length)
                    return cells[at].Trim();
            }

            return "";
        }

        string Several(string stem, string whole) => string.Join(',',
            Enumerable.Range(1, 8).Select(i => Cell($"{stem}{i}")).Append(Cell(whole)).Where(v => v.Length > 0));
    }

    private static Dictionary<string, int>? Header(string[] cells)
    {
        var columns = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var at = 0; at < cells.Length; at++)
            columns.TryAdd(new string([.. cells[at].Where(char.IsLetterOrDigit)]).ToUpperInvariant(), at);

        var hasCode = columns.ContainsKey("HCPC") || columns.ContainsKey("HCPCS") || columns.ContainsKey("CODE");
        return hasCode && columns.ContainsKey("LONGDESCRIPTION") ? columns : null;
    }
}
