using FhirEmr.BillingBridge.Scrubbing.Edits;
using FhirEmr.Terminology.CodeSystems;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Modifiers;

/// <summary>MOD-020: a laboratory with a certificate of waiver marks its tests QW, and only waived tests are marked.</summary>
internal sealed class WaivedTestIsMarked(EditTables edits) : IScrubRule
{
    public string Id => "MOD-020";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        foreach (var line in claim.Lines)
        {
            var waived = ProcedureTraits.Of(line.Code) is { Category: "lab" } test ? test.Waived ?? "" : null;
            if (line.Has("QW") && waived is not "qw")
            {
                yield return Reject(Id, IssueType.BusinessRule, $"{line.Path}.modifier", $"QW on {line.Code}: it is not on the list of waived tests that take it. Remove QW.").On(line);
            }
            else if (waived == "qw" && !line.Has("QW"))
            {
                if (edits.Table(TableNames.CliaCertificates) is not { } table)
                    yield return NotEvaluated(Id, TableNames.CliaCertificates, claim.FirstServiceDate);
                else if (CliaNumber.Of(claim) is { } number && table.Find(number, line.From ?? claim.FirstServiceDate).FirstOrDefault()?["type"] == "waiver")
                    yield return Reject(Id, IssueType.BusinessRule, $"{line.Path}.modifier", $"QW missing on {line.Code}: the certificate {number} is one of waiver. Add QW.").On(line).ByTable(table.Edition);
            }
        }
    }
}
