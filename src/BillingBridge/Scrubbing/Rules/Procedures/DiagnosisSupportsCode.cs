using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Scrubbing.Edits;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Procedures;

/// <summary>PROC-024: a code under a coverage policy points at a diagnosis that the policy lists.</summary>
internal sealed class DiagnosisSupportsCode(EditTables edits) : IScrubRule
{
    public string Id => "PROC-024";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        if (edits.Table(TableNames.CoveragePolicies) is not { } table)
        {
            yield return NotEvaluated(Id, TableNames.CoveragePolicies, claim.FirstServiceDate);
            yield break;
        }


        foreach (var line in claim.Lines)
        {
            var policy = table.Find(line.Code, line.From ?? claim.FirstServiceDate).ToList();
            if (policy.Count == 0 || claim.PointedBy(line).Any(d => policy.Exists(r => d.Plain.StartsWith(ChargeDiagnosis.Plain(r["diagnosis"]), StringComparison.Ordinal))))
                continue;
            var notice = claim.Payer.Family == PayerFamily.Medicare ? " Without one, have the patient sign an ABN and add GA." : "";
            yield return Warn(Id, IssueType.BusinessRule, $"{line.Path}.diagnosisSequence", $"Diagnosis does not support {line.Code} ({policy[0]["policy"]}): point at a documented diagnosis of the policy, such as {string.Join(", ", policy.Take(3).Select(r => r["diagnosis"]))}.{notice}")
                .On(line).With("policy", policy[0]["policy"]).ByTable(table.Edition);
        }
    }
}
