using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Claims;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Providers;

/// <summary>PRV-008: a consultation or imaging study was not referred by its own clinician.</summary>
internal sealed class ReferringIsAnother : IScrubRule
{
    public string Id => "PRV-008";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        if (claim.Claim.Team(CareTeamRoles.Rendering).FirstOrDefault()?.Provider?.Reference is not { } rendering)
            yield break;
        foreach (var (i, member) in claim.Claim.CareTeam.Index())
        {
            if (member.Role.HasAny(CareTeamRoles.Referring) && member.Provider?.Reference == rendering
                && claim.Lines.FirstOrDefault(l => CodeFacts.IsConsultation(l.Code) || CodeFacts.IsImaging(l.Code)) is { } line)
                yield return Warn(Id, IssueType.BusinessRule, $"Claim.careTeam[{i}]", $"Self-referral: {line.Code} names its own clinician as the referring one. Name who asked for it, or leave the referral off.").On(line);
        }
    }
}
