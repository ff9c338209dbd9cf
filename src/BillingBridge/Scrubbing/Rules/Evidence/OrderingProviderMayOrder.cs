using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Scrubbing.Edits;
using Hl7.Fhir.Model;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Evidence;

/// <summary>AUT-006: who ordered a service for a Medicare patient may order for Medicare.</summary>
internal sealed class OrderingProviderMayOrder(EditTables edits) : IScrubRule
{
    public string Id => "AUT-006";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        if (claim.Payer.Family != PayerFamily.Medicare)
            yield break;
        foreach (var (i, member) in claim.Claim.CareTeam.Index())
        {
            if (!member.Role.HasAny(CareTeamRoles.Ordering, CareTeamRoles.Referring) || ProviderIdentity.Npi(claim.Chart.Find<Practitioner>(member.Provider)) is not { } npi)
                continue;
            if (edits.Table(TableNames.OrderingProviders) is not { } table)
                yield return NotEvaluated(Id, TableNames.OrderingProviders, claim.FirstServiceDate);
            else if (!table.Find(npi, claim.FirstServiceDate).Any())
                yield return Warn(Id, IssueType.BusinessRule, $"Claim.careTeam[{i}]", $"Ordering provider not enrolled: {npi} is not on Medicare's list of those who order and refer. Have it enrolled, or name another.").With("npi", npi).ByTable(table.Edition);
        }
    }
}
