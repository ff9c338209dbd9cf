using FhirEmr.BillingBridge.Claims;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Providers;

/// <summary>PRV-003: the billing provider has a real tax id.</summary>
internal sealed class TaxIdIsValid : IScrubRule
{
    public string Id => "PRV-003";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        var identifiers = claim.BillingOrganization?.Identifier ?? claim.BillingPerson?.Identifier ?? [];
        var taxId = identifiers.Find(i => i.System == BillingUrls.Ein)?.Value ?? identifiers.Find(i => i.System == BillingUrls.Ssn)?.Value;
        var digits = taxId?.Replace("-", "", StringComparison.Ordinal);
        var isReal = digits is { Length: 9 } && digits.All(char.IsAsciiDigit) && digits != "123456789" && digits.Distinct().Count() > 1;
        if (!isReal)
        {
            yield return Reject(Id, taxId is null ? IssueType.Required : IssueType.Value, "Claim.provider",
                "Tax id invalid: " + (taxId is null ? "none on file" : "not nine real digits") + ". Enter the practice's EIN.");
        }
    }
}
