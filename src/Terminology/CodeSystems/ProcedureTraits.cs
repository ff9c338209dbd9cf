using System.Collections.Frozen;
using System.Globalization;

namespace FhirEmr.Terminology.CodeSystems;

/// <summary>What scrub rules ask of a procedure code and no descriptor file answers. Our own table; null when it lacks the code.</summary>
/// <param name="Code">CPT or HCPCS code.</param>
/// <param name="Category">
/// <c>em/new-patient em/established em/inpatient em/emergency em/home em/critical-care em/prolonged em/add-on em/follow-up
/// preventive/new-patient preventive/established preventive/screening counseling psychiatry lab imaging radiation
/// vaccine-product vaccine-admin drug surgery maternity anesthesia collection procedure therapy behavioral</c>.
/// </param>
/// <param name="GlobalDays">Medicare global period: <c>000 010 090 XXX YYY ZZZ MMM</c>.</param>
/// <param name="IsNewPatient">True for codes of new patients only, false for established only, null when the code does not care.</param>
/// <param name="MinAgeYears">Youngest age in whole years the code is for.</param>
/// <param name="MaxAgeYears">Oldest age in whole years, that year included.</param>
/// <param name="Sex"><c>female</c>, <c>male</c> or null.</param>
/// <param name="IsTimed">Billed by documented minutes.</param>
/// <param name="Minutes">Minutes of one unit of a timed code, or the least time that supports a code that time may choose.</param>
/// <param name="IsCliaCovered">A laboratory test that needs a CLIA certificate number.</param>
/// <param name="Waived">CLIA-waived: <c>yes</c> without modifier, <c>qw</c> with QW; null otherwise.</param>
/// <param name="AddOnTo">Primaries of an add-on code (type 1: only these); empty for other codes.</param>
public sealed record ProcedureTraits(
    string Code, string Category, string GlobalDays, bool? IsNewPatient, int? MinAgeYears, int? MaxAgeYears, string? Sex,
    bool IsTimed, int? Minutes, bool IsCliaCovered, string? Waived, IReadOnlyList<string> AddOnTo)
{
    internal const string DemoProcedures = "CodeSystems/Cpt/demo-procedures.csv";
    internal const string HcpcsFragment = "CodeSystems/Hcpcs/fragment.csv";

    private static readonly Lazy<FrozenDictionary<string, ProcedureTraits>> Table = new(() =>
        new[] { DemoProcedures, HcpcsFragment }.SelectMany(p => EmbeddedTable.Read(p).Rows)
            .Where(r => r["kind"] == "code").Select(FromRow).ToFrozenDictionary(t => t.Code, StringComparer.Ordinal));

    /// <summary>An evaluation-and-management or preventive visit (what modifiers 24, 25 and 57 go on).</summary>
    public bool IsVisit => Category.StartsWith("em/", StringComparison.Ordinal)
        || Category is "preventive/new-patient" or "preventive/established" or "psychiatry";

    /// <summary>Traits of a CPT or HCPCS code in any written form; null when our table lacks it.</summary>
    public static ProcedureTraits? Of(string code) => Table.Value.GetValueOrDefault(CodeForm.Matching(code));

    private static ProcedureTraits FromRow(IReadOnlyDictionary<string, string> row)
    {
        var ages = row["age"].Split('-');
        return new(
            row["code"], row["category"], row["globalDays"],
            row["patient"] switch { "new" => true, "established" => false, _ => null },
            Number(ages[0]), ages.Length > 1 ? Number(ages[1]) : null, row["sex"].Length > 0 ? row["sex"] : null,
            row["timed"] == "yes", Number(row["minutes"]), row["clia"] == "yes", row["waived"].Length > 0 ? row["waived"] : null,
            row["addOn"].Split(' ', StringSplitOptions.RemoveEmptyEntries));
    }

    private static int? Number(string text) => text.Length == 0 ? null : int.Parse(text, CultureInfo.InvariantCulture);
}
