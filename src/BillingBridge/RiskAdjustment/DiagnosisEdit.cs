namespace FhirEmr.BillingBridge.RiskAdjustment;

/// <summary>An age or sex edit of one diagnosis: it makes the code count for nothing, or for another CC.</summary>
/// <param name="Sex">1 male, 2 female; null for edits by age.</param>
/// <param name="OverrideCc">Null when the code is invalid.</param>
internal sealed record DiagnosisEdit(string Code, int? Sex, int? MinAge, int? MaxAge, int? OverrideCc)
{
    public bool Applies(int sex, int age) => (Sex is not { } s || s == sex) && (MinAge is not { } min || age >= min) && (MaxAge is not { } max || age <= max);
}
