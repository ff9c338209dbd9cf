namespace FhirEmr.BillingBridge.Charges;

/// <summary>A diagnosis of the encounter in ICD-10-CM, and where it came from.</summary>
/// <param name="Code">Display form, with its dot.</param>
/// <param name="Source"><c>Condition/12</c>, or the Encounter when its reason or type gave it.</param>
/// <param name="NeedsChoice">The map could not decide; a coder must (rule DX-025).</param>
public sealed record ChargeDiagnosis(string Code, string? Display, string Source, bool NeedsChoice = false)
{
    /// <summary>The form two codes are compared in: upper case, no dot (billing spec 0.1).</summary>
    public static string Plain(string code) => code.Trim().Replace(".", "", StringComparison.Ordinal).ToUpperInvariant();
}
