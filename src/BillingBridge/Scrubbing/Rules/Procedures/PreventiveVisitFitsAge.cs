using FhirEmr.BillingBridge.Charges;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Procedures;

/// <summary>PROC-007: a preventive visit is coded for the patient's age.</summary>
internal sealed class PreventiveVisitFitsAge : IScrubRule
{
    public string Id => "PROC-007";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        if (claim.Facts.AgeYears is not { } age)
            yield break;

        foreach (var line in claim.Lines)
        {
            if (CodeFacts.AgeBand(line.Code) is { } band && (age < band.FromYears || age > band.ToYears))
            {
                var facts = claim.Facts with { IsNewPatient = CodeFacts.IsForNewPatient(line.Code) == true };
                yield return Reject(Id, IssueType.BusinessRule, $"{line.Path}.productOrService", $"Wrong age code: {line.Code} is not for age {age}; use {CodeFacts.For(line.Code, facts)}.").On(line);
            }
        }
    }
}
