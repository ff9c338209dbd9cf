using FhirEmr.Terminology.CodeSystems.Carc;
using FhirEmr.Terminology.CodeSystems.Icd10Cm;
using FhirEmr.Terminology.CodeSystems.PlaceOfService;
using FhirEmr.Terminology.Index;

namespace FhirEmr.Terminology.CodeSystems;

/// <summary>What answers before anything is imported: our fragments, and the short tables we write ourselves.</summary>
internal static class BuiltInEditions
{
    /// <summary>The name findings quote for an answer out of our own procedure wording.</summary>
    public const string DemoFragment = "demo-fragment";

    private const EditionContent Both = EditionContent.Codes | EditionContent.Modifiers;

    public static IEnumerable<ShelvedEdition> All()
    {
        var icd10Cm = EmbeddedTable.Read("CodeSystems/Icd10Cm/fragment.csv");
        yield return icd10Cm.ToEdition("icd10cm-fragment", CodeSystemUrls.Icd10Cm, "codes", EditionContent.Codes, false, Icd10CmCode.Began,
            [.. icd10Cm.Rows.Select(r => new ConceptRow(r["code"], r["title"], "", r["billable"] == "1", EmbeddedTable.Date(r["from"]), EmbeddedTable.Date(r["to"])))], Hierarchy.Prefix);

        // The same rows answer under the CPT URL, for display, and under our own (architecture §8).
        var demo = EmbeddedTable.Read(ProcedureTraits.DemoProcedures);
        var procedures = demo.Rows.Select(r => ToRow(r, CodeSystemUrls.DemoProcedures)).ToArray();
        yield return demo.ToEdition(DemoFragment, CodeSystemUrls.Cpt, "codes", Both, false, DateOnly.MinValue, procedures);
        yield return demo.ToEdition(DemoFragment, CodeSystemUrls.DemoProcedures, "codes", Both, true, DateOnly.MinValue, procedures);

        var hcpcs = EmbeddedTable.Read(ProcedureTraits.HcpcsFragment);
        yield return hcpcs.ToEdition("hcpcs-fragment", CodeSystemUrls.Hcpcs, "codes", Both, false, DateOnly.MinValue, [.. hcpcs.Rows.Select(r => ToRow(r, null))]);

        var carc = EmbeddedTable.Read(CarcTable.Resource);
        yield return carc.ToEdition("carc-own-wording", CodeSystemUrls.Carc, "codes", EditionContent.Codes, false, DateOnly.MinValue,
            [.. CarcTable.All.Select(c => new ConceptRow(c.Code, c.Meaning, "", true, Properties: new Dictionary<string, string> { ["category"] = c.Category }))]);

        yield return PlaceOfServiceTable.Edition();

        var currencies = EmbeddedTable.Read("CodeSystems/Currencies/iso4217.csv");
        yield return currencies.ToEdition("iso4217", CodeSystemUrls.Currencies, "codes", EditionContent.Codes, true, DateOnly.MinValue,
            [.. currencies.Rows.Select(r => new ConceptRow(r["code"], r["title"], "", true))]);
    }

    private static ConceptRow ToRow(IReadOnlyDictionary<string, string> row, string? displaySource)
    {
        var properties = row.Where(p => p.Value.Length > 0 && p.Key is not ("code" or "title" or "from" or "to"))
            .ToDictionary(p => p.Key, p => p.Value, StringComparer.Ordinal);
        if (displaySource is not null)
            properties["displaySource"] = displaySource;
        return new(row["code"], row["title"], "", IsBillable: row["kind"] == "code", EmbeddedTable.Date(row["from"]), EmbeddedTable.Date(row["to"]), properties);
    }
}
