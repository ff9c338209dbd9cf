namespace FhirEmr.Terminology.Import;

/// <summary>The extended map from SNOMED CT to ICD-10-CM (RF2 refset 6011000124106; billing.md §8.11): several lines a source, by group and priority.</summary>
internal static class SnomedMapFile
{
    private const string Layout = "id, effectiveTime, active, moduleId, refsetId, referencedComponentId, mapGroup, mapPriority, mapRule, mapAdvice, mapTarget, correlationId, mapCategoryId";

    public static void Read(ReleaseText text, RowSink sink)
    {
        foreach (var (number, line) in text.Lines())
        {
            var cells = line.Split('\t');
            if (number == 1 && cells[0] == "id")
                continue;
            if (cells.Length < 12)
                sink.Bad(number, $"13 columns with tabs between ({Layout})", line, cells.Length);
            else if (!int.TryParse(cells[6], out _) || !int.TryParse(cells[7], out _))
                sink.Bad(number, "group and priority as numbers in columns 7 and 8", line, 7);
            else if (cells[2] == "1")
                sink.Add(number, new(cells[5], cells[10], "", true, Properties: TableRow.Kept(
                    ("group", cells[6].PadLeft(2, '0')), ("priority", cells[7].PadLeft(3, '0')), ("rule", cells[8]), ("advice", cells[9]))), line);
        }
    }
}
