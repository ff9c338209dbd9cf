using FhirEmr.BillingBridge.Charges;
using Hl7.Fhir.Model;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Modifiers;

/// <summary>MOD-027: a teaching modifier names the resident.</summary>
internal sealed class TeachingNamesTrainee : IScrubRule
{
    public string Id => "MOD-027";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        var named = claim.Claim.CareTeam.Any(t => t.Role.HasAny("resident", "student") || (claim.Chart.Find<Practitioner>(t.Provider) is { } person && Trainees.Is(claim, person)));
        foreach (var line in claim.Lines.Where(l => !named && l.HasAny(["GC", "GE"])))
            yield return Warn(Id, IssueType.Incomplete, $"{line.Path}.modifier", $"Teaching: {(line.Has("GC") ? "GC" : "GE")} on {line.Code} says that a resident took part, but none is in the care team. Name the resident or remove the modifier.").On(line);
    }
}
