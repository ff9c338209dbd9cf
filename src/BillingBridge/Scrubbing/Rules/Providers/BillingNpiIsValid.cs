using FhirEmr.BillingBridge.X12;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Providers;

/// <summary>PRV-001: the billing provider has a valid NPI.</summary>
internal sealed class BillingNpiIsValid : IScrubRule
{
    public string Id => "PRV-001";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        var npi = ProviderIdentity.Npi(claim.BillingOrganization) ?? ProviderIdentity.Npi(claim.BillingPerson);
        if (!Npi.IsValid(npi))
        {
            yield return Reject(Id, IssueType.Value, "Claim.provider",
                    npi is null ? "Billing NPI invalid: none on file. Enter the practice's NPI." : $"Billing NPI invalid: {npi} fails the check digit. Enter the NPI as registered.")
                .With("npi", npi);
        }
    }
}
