using FhirEmr.BillingBridge.Charges;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Registration;

/// <summary>PAT-003: the birth date is not after any service or in the future.</summary>
internal sealed class BirthIsBeforeService : IScrubRule
{
    public string Id => "PAT-003";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        if (DateOfService.From(claim.Patient.BirthDate) is { } birth && (birth > claim.FirstServiceDate || birth > claim.Created))
        {
            yield return Reject(Id, IssueType.Value, "Claim.patient.resolve().birthDate",
                    $"Birth date after date of service {DateOfService.Text(claim.FirstServiceDate)}: correct one of them.")
                .With("serviceDate", DateOfService.Text(claim.FirstServiceDate));
        }
    }
}
