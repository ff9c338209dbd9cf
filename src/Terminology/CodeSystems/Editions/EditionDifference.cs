using FhirEmr.Terminology.Index;

namespace FhirEmr.Terminology.CodeSystems.Editions;

/// <summary>Two editions walked side by side in code order.</summary>
internal static class EditionDifference
{
    public static EditionComparison Of(ShelvedEdition from, ShelvedEdition to, int limit)
    {
        var (a, b) = (from.Table.Value, to.Table.Value);
        var (added, removed, changed) = (new List<EditionChange>(), new List<EditionChange>(), new List<EditionChange>());
        var (addedCount, removedCount, changedCount) = (0, 0, 0);
        for (var (i, j) = (0, 0); i < a.Count || j < b.Count;)
        {
            var order = i == a.Count ? 1 : j == b.Count ? -1 : a.Columns.Codes[i].SequenceCompareTo(b.Columns.Codes[j]);
            if (order < 0)
            {
                Note(removed, ref removedCount, new(Shown(a, i), a.Display(i)));
                i++;
            }
            else if (order > 0)
            {
                Note(added, ref addedCount, new(Shown(b, j), b.Display(j)));
                j++;
            }
            else
            {
                if (What(a, i, b, j) is { } what)
                    Note(changed, ref changedCount, new(Shown(b, j), b.Display(j), what));
                i++;
                j++;
            }
        }

        return new(from.Edition.Id, to.Edition.Id, addedCount, removedCount, changedCount, added, removed, changed);

        string Shown(ConceptTable table, int row) => CodeForm.Shown(to.Edition.System, table.Code(row));

        void Note(List<EditionChange> list, ref int count, EditionChange change)
        {
            count++;
            if (list.Count < limit)
                list.Add(change);
        }
    }

    private static string? What(ConceptTable a, int i, ConceptTable b, int j)
    {
        var what = new List<string>();
        if (!a.Columns.Displays[i].SequenceEqual(b.Columns.Displays[j]))
            what.Add($"was '{a.Display(i)}'");
        if (a.IsBillable(i) != b.IsBillable(j))
            what.Add(b.IsBillable(j) ? "billable now" : "no longer billable");
        if (a.IsInactive(i) != b.IsInactive(j))
            what.Add(b.IsInactive(j) ? "inactive now" : "active again");
        return what.Count == 0 ? null : string.Join(", ", what);
    }
}
