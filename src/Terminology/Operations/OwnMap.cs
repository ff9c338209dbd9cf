using FhirEmr.Terminology.ConceptMaps;
using FhirEmr.Terminology.ConceptMaps.Fhir;

namespace FhirEmr.Terminology.Operations;

/// <summary>One of our own maps in the form of a ConceptMap. Their conditions (age, kind of visit) are what billing asks; here they are told as comments.</summary>
internal static class OwnMap
{
    public static MapDefinition? Of(string name)
    {
        var rows = ConceptMapLibrary.All.Where(r => r.Map == name).ToArray();
        return rows.Length == 0 ? null : new(ConceptMapOperations.OwnMaps + name, null, null, [.. rows.Select(Line)], []);
    }

    private static MapLine Line(MapRow row) => new(
        row.SourceSystem, row.SourceCode, row.Meaning, row.IsUnmatched ? null : row.TargetSystem, row.IsUnmatched ? null : row.TargetCode, null,
        row.Equivalence, row.Advice, [], row.Modifier is { } modifier ? [new("modifier", row.TargetSystem, modifier, null)] : []);
}
