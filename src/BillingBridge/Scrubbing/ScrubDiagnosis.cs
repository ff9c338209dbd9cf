using FhirEmr.BillingBridge.Charges;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Scrubbing;

/// <summary>One diagnosis of the claim.</summary>
/// <param name="Index">Zero-based place in <c>Claim.diagnosis</c>.</param>
/// <param name="Component">The diagnosis itself.</param>
public sealed record ScrubDiagnosis(int Index, Claim.DiagnosisComponent Component)
{
    public int Sequence => Component.Sequence ?? Index + 1;

    /// <summary>As written, for messages.</summary>
    public string Code { get; } = CodeOf(Component);

    /// <summary>Without the dot, for comparing.</summary>
    public string Plain { get; } = ChargeDiagnosis.Plain(CodeOf(Component));

    /// <summary>The first three characters.</summary>
    public string Category { get; } = ChargeDiagnosis.Plain(CodeOf(Component)) is { Length: >= 3 } plain ? plain[..3] : ChargeDiagnosis.Plain(CodeOf(Component));

    public string Path => $"Claim.diagnosis[{Index}].diagnosisCodeableConcept";

    private static string CodeOf(Claim.DiagnosisComponent component) =>
        (component.Diagnosis as CodeableConcept)?.Coding.Find(c => c.Code is { Length: > 0 })?.Code?.Trim().ToUpperInvariant() ?? "";

    /// <summary>Whether the category is in an inclusive range of categories, <c>O00</c> to <c>O9A</c>.</summary>
    public bool Between(string from, string to) =>
        Plain.Length >= 3 && string.CompareOrdinal(from, Category) <= 0 && string.CompareOrdinal(Category, to) <= 0;
}
