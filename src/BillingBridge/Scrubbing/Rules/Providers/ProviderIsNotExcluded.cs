using FhirEmr.BillingBridge.Scrubbing.Edits;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Providers;

/// <summary>PRV-014: neither billing nor rendering provider is excluded from federal programmes on the day.</summary>
internal sealed class ProviderIsNotExcluded(EditTables edits) : IScrubRule
{
    public string Id => "PRV-014";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        if (edits.Table(TableNames.Exclusions) is not { } table)
        {
            yield return NotEvaluated(Id, TableNames.Exclusions, claim.FirstServiceDate);
            yield break;
        }

        string?[] npis = [ProviderIdentity.Npi(claim.BillingOrganization) ?? ProviderIdentity.Npi(claim.BillingPerson), ProviderIdentity.Npi(claim.Rendering)];
        foreach (var npi in npis.OfType<string>().Distinct())
        {
            if (table.Find(npi, claim.FirstServiceDate).FirstOrDefault() is { } row)
                yield return Reject(Id, IssueType.BusinessRule, "Claim.careTeam", $"Excluded provider {npi}: on the list {row["list"]} since {row["from"]}. Do not bill; ask the compliance officer.").With("npi", npi).ByTable(table.Edition);
        }
    }
}
