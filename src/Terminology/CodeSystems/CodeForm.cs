using FhirEmr.Terminology.CodeSystems.Icd10Cm;

namespace FhirEmr.Terminology.CodeSystems;

/// <summary>Codes as they are matched and as they are shown (billing.md §0.1).</summary>
public static class CodeForm
{
    /// <summary>Matching form: trimmed, upper case, without dots.</summary>
    public static string Matching(string code) => code.Replace(".", "", StringComparison.Ordinal).Trim().ToUpperInvariant();

    /// <summary>Display form of a code in matching form.</summary>
    public static string Shown(string system, string code) => system == CodeSystemUrls.Icd10Cm ? Icd10CmCode.Dotted(code) : code;
}
