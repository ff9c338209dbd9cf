using Hl7.Fhir.Model;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Amounts;

/// <summary>AMT-007: amounts are US dollars.</summary>
internal sealed class CurrencyIsDollar : IScrubRule
{
    public string Id => "AMT-007";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        if (claim.Claim.Total?.Currency is not (null or Money.Currencies.USD) || claim.Lines.Any(l => l.Item.Net?.Currency is not (null or Money.Currencies.USD)))
            yield return Reject(Id, IssueType.Value, "Claim.total", "Currency: an 837P is in USD.");
    }
}
