using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Scrubbing.Edits;
using FhirEmr.Terminology.CodeSystems;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Evidence;

/// <summary>LAB-002: the CLIA certificate is in force and of the kind that the test needs.</summary>
internal sealed class CertificateCoversTest(EditTables edits) : IScrubRule
{
    public string Id => "LAB-002";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        if (CliaNumber.Of(claim) is not { } number)
            yield break; // LAB-001 says so
        foreach (var line in claim.Lines.Where(l => CodeFacts.IsLaboratory(l.Code)))
        {
            var day = line.From ?? claim.FirstServiceDate;
            if (edits.Table(TableNames.CliaCertificates) is not { } table)
            {
                yield return NotEvaluated(Id, TableNames.CliaCertificates, day);
                continue;
            }

            var certificate = table.Find(number, day).FirstOrDefault();
            if (certificate is null)
                yield return Reject(Id, IssueType.BusinessRule, "Claim.supportingInfo", $"CLIA certificate {number} is not in force on {DateOfService.Text(day)} for {line.Code}: enter its renewal.").On(line).ByTable(table.Edition);
            else if (certificate["type"] == "waiver" && ProcedureTraits.Of(line.Code) is { Category: "lab", Waived: null })
                yield return Reject(Id, IssueType.BusinessRule, "Claim.supportingInfo", $"CLIA certificate {number} is one of waiver, {line.Code} is not a waived test: bill it from the laboratory that may do it.").On(line).ByTable(table.Edition);
        }
    }
}
