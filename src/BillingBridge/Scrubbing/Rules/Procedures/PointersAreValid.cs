using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Procedures;

/// <summary>PROC-003: each line points at one to four diagnoses of the claim.</summary>
internal sealed class PointersAreValid : IScrubRule
{
    public string Id => "PROC-003";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        foreach (var line in claim.Lines)
        {
            var known = line.Pointers.All(p => claim.Diagnoses.Any(d => d.Sequence == p));
            if (line.Pointers.Count is 0 or > 4 || !known || line.Pointers.Distinct().Count() != line.Pointers.Count)
            {
                yield return Reject(Id, IssueType.Value, $"{line.Path}.diagnosisSequence", $"Diagnosis pointer: line {line.Number} must point at one to four of the {claim.Diagnoses.Count} diagnoses, each once.")
                    .On(line).With("pointers", string.Join(',', line.Pointers));
            }
        }
    }
}
