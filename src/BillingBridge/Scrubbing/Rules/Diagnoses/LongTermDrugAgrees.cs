using Hl7.Fhir.Model;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Diagnoses;

/// <summary>DX-022: long-term drug codes fit the kind of diabetes and the drugs that are prescribed.</summary>
internal sealed class LongTermDrugAgrees : IScrubRule
{
    // Nonproprietary name and the brands that do not carry it.
    private static readonly string[] Insulins =
    [
        "insulin", "humalog", "humulin", "novolog", "novolin", "lantus", "basaglar", "toujeo", "semglee", "rezvoglar", "levemir", "tresiba", "apidra", "admelog", "fiasp", "lyumjev", "soliqua", "xultophy",
    ];

    public string Id => "DX-022";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        if (claim.Diagnoses.Any(d => d.Plain == "Z794"))
            yield break;
        if (claim.Diagnoses.Any(d => d.Category == "E10") && claim.Diagnoses.Any(d => d.Plain == "Z7984"))
            yield return Warn(Id, IssueType.BusinessRule, "Claim.diagnosis", "Long-term drug code: type 1 diabetes with oral drugs only (Z79.84); check the type or add Z79.4.");

        // Type 1 always takes insulin; the other kinds say it.
        if (claim.Diagnoses.FirstOrDefault(d => d.Category is "E08" or "E09" or "E11" or "E13") is { } diabetes && claim.History.Prescriptions.FirstOrDefault(IsInsulin) is { } insulin)
        {
            yield return Warn(Id, IssueType.Incomplete, "Claim.diagnosis", $"Long-term drug code: {diabetes.Code} is on insulin; add Z79.4, or end the prescription when it was for a short time.")
                .With("prescription", $"MedicationRequest/{insulin.Id}").From($"MedicationRequest/{insulin.Id}");
        }
    }

    private static bool IsInsulin(MedicationRequest request) => request.Status == MedicationRequest.MedicationrequestStatus.Active && request.DoNotPerform != true
        && Names(request.Medication).Any(n => Insulins.Any(i => n.Contains(i, StringComparison.OrdinalIgnoreCase)));

    private static IEnumerable<string> Names(DataType? medication) => medication switch
    {
        CodeableConcept concept => concept.Coding.Select(c => c.Display).Append(concept.Text).OfType<string>(),
        ResourceReference { Display: { } display } => [display],
        _ => [],
    };
}
