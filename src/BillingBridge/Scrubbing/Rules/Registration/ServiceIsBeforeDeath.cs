using FhirEmr.BillingBridge.Charges;
using Hl7.Fhir.Model;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Registration;

/// <summary>PAT-009: no service after the patient died.</summary>
internal sealed class ServiceIsBeforeDeath : IScrubRule
{
    public string Id => "PAT-009";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        if (DateOfService.From((claim.Patient.Deceased as FhirDateTime)?.Value, claim.Zone) is not { } death)
            yield break;

        foreach (var line in claim.Lines.Where(l => l.From > death))
        {
            yield return Reject(Id, IssueType.BusinessRule, $"{line.Path}.serviced",
                    $"Service after death on {DateOfService.Text(death)}: correct the date or the patient.")
                .On(line).With("death", DateOfService.Text(death));
        }
    }
}
