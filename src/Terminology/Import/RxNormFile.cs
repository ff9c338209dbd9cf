using FhirEmr.Terminology.Index;

namespace FhirEmr.Terminology.Import;

/// <summary><c>RXNCONSO.RRF</c>: the names of RxNorm, bars between the columns. Of the many sources in it only RxNorm's own names are taken.</summary>
internal static class RxNormFile
{
    // Columns, from 0: 0 RXCUI, 1 LAT, 11 SAB, 12 TTY, 14 STR, 16 SUPPRESS.
    private const int Columns = 18;

    // A concept has one name of its kind; prescribable names, synonyms and tall-man spellings come beside it.
    private static readonly HashSet<string> Others = ["PSN", "SY", "TMSY", "ET"];

    public static void Read(ReleaseText text, RowSink sink)
    {
        var concepts = new Dictionary<string, Concept>(StringComparer.Ordinal);
        foreach (var (number, line) in text.Lines())
        {
            var cells = line.Split('|');
            if (cells.Length < Columns || cells[0].Length == 0 || !cells[0].All(char.IsAsciiDigit))
            {
                sink.Bad(number, $"{Columns} columns with bars between, an RXCUI in the first", line, cells.Length < Columns ? null : 1);
                continue;
            }

            if (cells[11] != "RXNORM" || cells[1] != "ENG")
                continue;
            if (!concepts.TryGetValue(cells[0], out var concept))
                concepts[cells[0]] = concept = new(number);
            if (Others.Contains(cells[12]))
                concept.Synonyms.Add(cells[14]);
            else if (concept.Name is null || (concept.IsSuppressed && cells[16] == "N"))
                (concept.Name, concept.TermType, concept.IsSuppressed) = (cells[14], cells[12], cells[16] != "N");
        }

        foreach (var (code, concept) in concepts)
        {
            var name = concept.Name ?? concept.Synonyms[0];
            sink.Add(concept.Line, new ConceptRow(code, name, "", true, Properties: TableRow.Kept(("TTY", concept.TermType ?? "")))
            {
                Synonyms = [.. concept.Synonyms.Where(s => s != name).Distinct()],
                IsInactive = concept.IsSuppressed,
            }, name);
        }
    }

    private sealed class Concept(int line)
    {
        public int Line => line;

        public string? Name { get; set; }

        public string? TermType { get; set; }

        public bool IsSuppressed { get; set; }

        public List<string> Synonyms { get; } = [];
    }
}
