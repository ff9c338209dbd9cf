using FhirEmr.BillingBridge.Charges;
using FhirEmr.Terminology;
using Hl7.Fhir.Model;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Providers;

/// <summary>PRV-005: the provider's taxonomy is known.</summary>
internal sealed class TaxonomyIsThere : IScrubRule
{
    public string Id => "PRV-005";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        var codes = claim.Chart.OfType<PractitionerRole>()
            .Where(r => r.Practitioner?.Reference == $"Practitioner/{claim.Rendering?.Id}")
            .SelectMany(r => r.Specialty)
            .Concat(claim.Rendering?.Qualification.Select(q => q.Code) ?? [])
            .Concat(claim.BillingOrganization?.Type ?? [])
            .SelectMany(c => c.Codes())
            .Where(c => c.System == CodeSystemUrls.ProviderTaxonomy)
            .Select(c => c.Code)
            .ToList();
        if (codes.Exists(c => c.Length == 10))
            yield break;

        const string Text = "Taxonomy missing: enter the provider's ten-character NUCC code as PractitionerRole.specialty.";
        yield return claim.Payer.TaxonomyRequired ? Reject(Id, IssueType.Required, "Claim.careTeam", Text) : Warn(Id, IssueType.Incomplete, "Claim.careTeam", Text);
    }
}
