using System.Collections.Frozen;
using System.Globalization;
using FhirEmr.Terminology.CodeSystems;

namespace FhirEmr.Terminology.ConceptMaps;

/// <summary>Our own maps from the codes of the chart to the codes of the claim. Where a source fits several targets the lines are in order of preference.</summary>
public static class ConceptMapLibrary
{
    // The order decides between maps: a condition's own diagnosis before what an encounter type or procedure implies.
    private static readonly (string Name, string SourceSystem)[] Maps =
    [
        ("snomed-conditions", CodeSystemUrls.Snomed),
        ("snomed-encounters", CodeSystemUrls.Snomed),
        ("snomed-procedures", CodeSystemUrls.Snomed),
        ("snomed-encounter-diagnoses", CodeSystemUrls.Snomed),
        ("snomed-procedure-diagnoses", CodeSystemUrls.Snomed),
        ("cvx", CodeSystemUrls.Cvx),
        ("loinc", CodeSystemUrls.Loinc),
        ("rxnorm", CodeSystemUrls.RxNorm),
    ];

    private static readonly Lazy<MapRow[]> Rows = new(() => [.. Maps.SelectMany(m => Read(m.Name, m.SourceSystem))]);

    private static readonly Lazy<FrozenDictionary<(string, string), MapRow[]>> BySource = new(() =>
        Rows.Value.GroupBy(r => (r.SourceSystem, r.SourceCode)).ToFrozenDictionary(g => g.Key, g => g.ToArray()));

    /// <summary>Every line of every map, for publishing them as ConceptMap resources.</summary>
    public static IReadOnlyList<MapRow> All => Rows.Value;

    /// <summary>The lines of one source code, best first; empty when we have none (unmatched sources have one without target).</summary>
    public static IReadOnlyList<MapRow> For(string sourceSystem, string sourceCode) =>
        BySource.Value.TryGetValue((CodeSystemUrls.Canonical(sourceSystem), sourceCode.Trim()), out var rows) ? rows : [];

    private static IEnumerable<MapRow> Read(string name, string sourceSystem) =>
        EmbeddedTable.Read($"ConceptMaps/{name}.csv").Rows.Select(r => new MapRow(
            name, sourceSystem, r["source"], r["meaning"], Target(r["system"]), r["target"], int.Parse(r["group"], CultureInfo.InvariantCulture),
            r["equivalence"], r["choice"] == "yes", MappingCondition.Parse(r["conditions"]),
            r["modifier"].Length > 0 ? r["modifier"] : null, r["advice"].Length > 0 ? r["advice"] : null));

    private static string Target(string name) => name switch
    {
        "icd10cm" => CodeSystemUrls.Icd10Cm,
        "cpt" => CodeSystemUrls.Cpt,
        "hcpcs" => CodeSystemUrls.Hcpcs,
        "" => "",
        _ => throw new FormatException($"'{name}' is not a target system of a map."),
    };
}
