using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Scrubbing.Edits;
using FhirEmr.BillingBridge.X12;
using Hl7.Fhir.Model;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Providers;

/// <summary>PRV-009: the rendering clinician works here and is enrolled with the payer on the day.</summary>
internal sealed class RenderingIsEnrolled(EditTables edits) : IScrubRule
{
    public string Id => "PRV-009";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        if (claim.Rendering is not { } rendering)
            yield break;
        var day = claim.FirstServiceDate;
        var roles = claim.Chart.OfType<PractitionerRole>().Where(r => r.Practitioner?.Reference == $"Practitioner/{rendering.Id}").ToList();
        if (roles.Count > 0 && roles.TrueForAll(r => r.Active == false || (r.Period is { } period && !CoverageOrder.Covers(period, day))))
        {
            yield return Reject(Id, IssueType.BusinessRule, "Claim.careTeam", $"Not enrolled on {DateOfService.Text(day)}: no role of the rendering clinician is active then. Correct the role's period or the clinician.");
            yield break;
        }

        var payer = claim.Payor.PayerId();
        if (edits.Table(TableNames.Enrolment) is not { } table)
            yield return NotEvaluated(Id, TableNames.Enrolment, day);
        else if (ProviderIdentity.Npi(rendering) is { } npi && Npi.IsValid(npi) && payer is not null
            && table.On(day).Any(r => r["payer"] == payer) && !table.Find(npi, day).Any(r => r["payer"] == payer))
            yield return Reject(Id, IssueType.BusinessRule, "Claim.careTeam", $"Not enrolled with {claim.PayerName} on {DateOfService.Text(day)}: {npi}. Finish the enrolment, or bill under the clinician who is enrolled.").With("npi", npi).ByTable(table.Edition);
    }
}
