using FhirEmr.Terminology.Index;

namespace FhirEmr.Terminology.Import;

/// <summary>The snapshot files of a SNOMED CT release in RF2: concepts, descriptions, is-a relationships, and the preferred words of the US where they are.</summary>
internal static class SnomedRelease
{
    private const string IsA = "116680003";
    private const string FullySpecifiedName = "900000000000003001";
    private const string UsEnglish = "900000000000509007";
    private const string Preferred = "900000000000548007";

    private static readonly (string Pattern, string What)[] Files =
    [
        ("sct2_Concept_Snapshot_*.txt", "concepts"), ("sct2_Description_Snapshot-en_*.txt", "descriptions"), ("sct2_Relationship_Snapshot_*.txt", "relationships"),
    ];

    public static (IReadOnlyList<string> Files, string? Missing) FilesIn(string folder)
    {
        var found = new List<string>();
        foreach (var (pattern, what) in Files)
        {
            if (Directory.EnumerateFiles(folder, pattern, SearchOption.AllDirectories).Order(StringComparer.Ordinal).FirstOrDefault() is not { } file)
                return ([], $"{folder} holds no {what} of a SNOMED CT release: no {pattern}.");
            found.Add(file);
        }

        found.AddRange(Directory.EnumerateFiles(folder, "der2_cRefset_LanguageSnapshot-en_*.txt", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Take(1));
        return (found, null);
    }

    public static void Read(IReadOnlyList<ReleaseText> texts, RowSink sink)
    {
        var preferred = texts.Count > 3 ? PreferredIn(texts[3], sink) : [];
        var concepts = new Dictionary<string, Concept>(StringComparer.Ordinal);

        // id, effectiveTime, active, moduleId, definitionStatusId
        foreach (var (line, cells) in Rows(texts[0], sink, 5, "id, effectiveTime, active, moduleId, definitionStatusId"))
            concepts[cells[0]] = new(line, cells[2] == "1", cells[3]);

        // id, effectiveTime, active, moduleId, conceptId, languageCode, typeId, term, caseSignificanceId
        foreach (var (_, cells) in Rows(texts[1], sink, 9, "id, effectiveTime, active, moduleId, conceptId, languageCode, typeId, term, caseSignificanceId"))
        {
            if (cells[2] != "1" || !concepts.TryGetValue(cells[4], out var concept))
                continue;
            if (cells[6] == FullySpecifiedName)
                concept.FullName = cells[7];
            else if (preferred.Contains(cells[0]))
                concept.Preferred = cells[7];
            else
                concept.Synonyms.Add(cells[7]);
        }

        // id, effectiveTime, active, moduleId, sourceId, destinationId, relationshipGroup, typeId, characteristicTypeId, modifierId
        foreach (var (line, cells) in Rows(texts[2], sink, 10, "id, effectiveTime, active, moduleId, sourceId, destinationId, relationshipGroup, typeId, ..."))
        {
            if (cells[2] != "1" || cells[7] != IsA || !concepts.TryGetValue(cells[4], out var child))
                continue;
            if (concepts.ContainsKey(cells[5]))
                child.Parents.Add(cells[5]);
            else
                sink.Warn($"Line {line} of {texts[2].Name}: {cells[4]} is said to be a kind of {cells[5]}, which is no concept of the release.");
        }

        foreach (var (code, concept) in concepts)
        {
            if (concept.FullName is null)
            {
                sink.Bad(concept.Line, $"a fully specified name for {code}", code);
                continue;
            }

            var display = concept.Preferred ?? concept.FullName;
            sink.Add(concept.Line, new ConceptRow(code, display, "", true, Properties: TableRow.Kept(("semanticTag", TagOf(concept.FullName)), ("moduleId", concept.Module)))
            {
                Parents = concept.Parents,
                Synonyms = [.. concept.Synonyms.Append(concept.FullName).Where(n => n != display).Distinct()],
                IsInactive = !concept.IsActive,
            }, code);
        }
    }

    // id, effectiveTime, active, moduleId, refsetId, referencedComponentId, acceptabilityId
    private static HashSet<string> PreferredIn(ReleaseText text, RowSink sink) =>
        [.. Rows(text, sink, 7, "id, effectiveTime, active, moduleId, refsetId, referencedComponentId, acceptabilityId")
            .Where(r => r.Cells[2] == "1" && r.Cells[4] == UsEnglish && r.Cells[6] == Preferred).Select(r => r.Cells[5])];

    private static IEnumerable<(int Line, string[] Cells)> Rows(ReleaseText text, RowSink sink, int columns, string layout)
    {
        foreach (var (number, line) in text.Lines())
        {
            var cells = line.Split('\t');
            if (number == 1 && cells[0] == "id")
                continue;
            if (cells.Length < columns || cells[0].Length == 0)
                sink.Bad(number, $"{columns} columns with tabs between ({layout})", line, Math.Min(cells.Length, columns));
            else
                yield return (number, cells);
        }
    }

    /// <summary>What stands in brackets at the end of a full name: finding, disorder, procedure ...</summary>
    private static string TagOf(string name) => name.EndsWith(')') && name.LastIndexOf('(') is > 0 and var open ? name[(open + 1)..^1] : "";

    private sealed class Concept(int line, bool isActive, string module)
    {
        public int Line => line;

        public bool IsActive => isActive;

        public string Module => module;

        public string? FullName { get; set; }

        public string? Preferred { get; set; }

        public List<string> Synonyms { get; } = [];

        public List<string> Parents { get; } = [];
    }
}
