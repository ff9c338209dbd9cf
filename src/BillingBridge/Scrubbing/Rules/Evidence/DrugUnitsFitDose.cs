using System.Globalization;
using FhirEmr.BillingBridge.Charges;
using FhirEmr.Terminology;
using Hl7.Fhir.Model;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Evidence;

/// <summary>DRG-005: the units of a drug are its dose in the amount its code is for, rounded up.</summary>
internal sealed class DrugUnitsFitDose(ITerminology terminology) : IScrubRule
{
    public string Id => "DRG-005";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        foreach (var line in claim.Lines.Where(l => CodeFacts.IsDrug(l.Code) && !l.Has("JW")))
        {
            var given = DosesOf(claim, line).ToList();
            if (given.Count == 0)
                continue; // nothing of it was given in this encounter, by what the chart says
            var day = line.From ?? claim.FirstServiceDate;
            if (terminology.Find(CodeSystemUrls.Hcpcs, line.Code, day) is not { Display: { } title } concept)
            {
                yield return NotEvaluated(Id, "HCPCS descriptions", day);
                continue;
            }

            if (DrugAmount.In(title) is not { } per || given.Exists(d => DrugAmount.Convert(d, per.Unit) is null))
                continue; // a code without an amount, or units that cannot be compared
            var dose = given.Sum(d => DrugAmount.Convert(d, per.Unit)!.Value);
            var units = Math.Ceiling(dose / per.Value);
            if (units != line.Units)
            {
                yield return Reject(Id, IssueType.Value, $"{line.Path}.quantity", string.Create(CultureInfo.InvariantCulture, $"Drug units: {dose:0.###} {per.Unit} of {line.Code}, which is for {per.Value:0.###} {per.Unit}, = {units}; {line.Units:0.###} are billed. Correct the units or the dose."))
                    .On(line).From(claim.Chart.OfType<MedicationAdministration>().Select(m => $"MedicationAdministration/{m.Id}")).With("dose", string.Create(CultureInfo.InvariantCulture, $"{dose:0.###} {per.Unit}")).ByTable(concept.Edition);
            }
        }
    }

    private static IEnumerable<Quantity> DosesOf(ClaimGraph claim, ScrubLine line) => claim.Chart.OfType<MedicationAdministration>()
        .Where(a => a.Status == MedicationAdministration.MedicationAdministrationStatusCodes.Completed
            && a.Context?.Reference == $"Encounter/{claim.Chart.Encounter.Id}"
            && (a.Medication as CodeableConcept).Codes().Any(c => c.System == CodeSystemUrls.Hcpcs && c.Code == line.Code))
        .Select(a => a.Dosage?.Dose).OfType<Quantity>().Where(d => d.Value is not null);
}
