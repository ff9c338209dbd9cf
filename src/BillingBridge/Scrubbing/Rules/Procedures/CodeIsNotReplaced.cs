using FhirEmr.BillingBridge.Charges;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Procedures;

/// <summary>PROC-022: no code that was deleted and has a successor.</summary>
internal sealed class CodeIsNotReplaced : IScrubRule
{
    public string Id => "PROC-022";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        foreach (var line in claim.Lines)
        {
            foreach (var row in Successors.Where(r => r.Code == line.Code && line.From >= r.Since))
                yield return Reject(Id, IssueType.CodeInvalid, $"{line.Path}.productOrService", $"Replaced by {row.Successor}: {line.Code} ended before {DateOfService.Text(row.Since)}.").On(line);
        }
    }

    private static readonly (string Code, string Successor, DateOnly Since)[] Successors =
    [
        ("99201", "99202", new(2021, 1, 1)), ("99241", "99242", new(2023, 1, 1)), ("99251", "99252", new(2023, 1, 1)), ("99343", "99344", new(2023, 1, 1)),
        ("99217", "99238", new(2023, 1, 1)), ("99218", "99221", new(2023, 1, 1)), ("99219", "99222", new(2023, 1, 1)), ("99220", "99223", new(2023, 1, 1)),
        ("99224", "99231", new(2023, 1, 1)), ("99225", "99232", new(2023, 1, 1)), ("99226", "99233", new(2023, 1, 1)), ("99318", "99309", new(2023, 1, 1)),
        ("99324", "99341", new(2023, 1, 1)), ("99325", "99342", new(2023, 1, 1)), ("99326", "99342", new(2023, 1, 1)), ("99327", "99344", new(2023, 1, 1)),
        ("99328", "99345", new(2023, 1, 1)), ("99334", "99347", new(2023, 1, 1)), ("99335", "99348", new(2023, 1, 1)), ("99336", "99349", new(2023, 1, 1)),
        ("99337", "99350", new(2023, 1, 1)), ("71010", "71045", new(2018, 1, 1)), ("71020", "71046", new(2018, 1, 1)), ("74000", "74018", new(2018, 1, 1)),
    ];
}
