using FhirEmr.BillingBridge.X12;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Providers;

/// <summary>PRV-002: a group names a rendering provider with a valid NPI.</summary>
internal sealed class RenderingNpiIsValid : IScrubRule
{
    public string Id => "PRV-002";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        if (claim.BillingOrganization is null)
            yield break;

        var npi = ProviderIdentity.Npi(claim.Rendering);
        if (!Npi.IsValid(npi))
        {
            yield return Reject(Id, IssueType.Value, "Claim.careTeam",
                    npi is null ? "Rendering NPI invalid: none on file. Enter the clinician's NPI." : $"Rendering NPI invalid: {npi} fails the check digit. Enter the NPI as registered.")
                .With("npi", npi);
        }
    }
}
