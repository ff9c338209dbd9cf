using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Claims;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Evidence;

/// <summary>AUT-002: the authorisation is for the code, the clinician and the day.</summary>
internal sealed class AuthorisationCovers : IScrubRule
{
    public string Id => "AUT-002";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        foreach (var authorisation in Authorisations.Of(claim))
        {
            var answer = authorisation.Response;
            foreach (var line in claim.Lines.Where(l => authorisation.IsNeeded(claim, l)))
            {
                var why = answer.PreAuthPeriod is { } period && line.From is { } day && !CoverageOrder.Covers(period, day) ? $"the day {DateOfService.Text(day)} is outside {period.Start ?? "…"}–{period.End ?? "…"}"
                    : answer.AddItem.Count > 0 && Authorisations.Item(answer, line) is null ? $"{line.Code} is not among the services"
                    : Authorisations.Item(answer, line)?.Provider is [_, ..] providers && !providers.Exists(p => claim.Claim.CareTeam.Exists(t => t.Provider?.Reference == p.Reference)) ? "it is for another clinician"
                    : null;
                if (why is not null)
                    yield return Reject(Id, IssueType.BusinessRule, $"{claim.FocalPath}.preAuthRef", $"Authorisation {answer.PreAuthRef} does not cover {line.Code}: {why}. Ask {claim.PayerName} to extend it, or enter the right one.").On(line).From($"ClaimResponse/{answer.Id}").With("authorisation", answer.PreAuthRef);
            }
        }
    }
}
