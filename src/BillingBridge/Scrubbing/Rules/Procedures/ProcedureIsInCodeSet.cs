using System.Text.RegularExpressions;
using FhirEmr.BillingBridge.Charges;
using FhirEmr.Terminology;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Procedures;

/// <summary>PROC-001: each procedure is a CPT or HCPCS code in force on the day.</summary>
internal sealed partial class ProcedureIsInCodeSet(ITerminology terminology) : IScrubRule
{
    public string Id => "PROC-001";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        foreach (var line in claim.Lines)
        {
            var day = line.From ?? claim.FirstServiceDate;
            if (line.System is not (CodeSystemUrls.Cpt or CodeSystemUrls.Hcpcs) || !Shape().IsMatch(line.Code))
            {
                yield return Reject(Id, IssueType.CodeInvalid, $"{line.Path}.productOrService", $"{line.Code} not valid on {DateOfService.Text(day)}: a CPT or HCPCS code is needed.").On(line);
                continue;
            }

            if (terminology.Find(line.System, line.Code, day) is not null)
                continue;
            if (terminology.StateOf(line.System, day) == TableState.Complete)
                yield return Reject(Id, IssueType.CodeInvalid, $"{line.Path}.productOrService", $"{line.Code} not valid on {DateOfService.Text(day)}: choose a code of that year.").On(line).With("code", line.Code);
            else
                yield return NotEvaluated(Id, line.System == CodeSystemUrls.Cpt ? "CPT" : "HCPCS", day);
        }
    }

    [GeneratedRegex("^[0-9A-Z][0-9]{3}[0-9A-Z]$")]
    private static partial Regex Shape();
}
