using System.Globalization;
using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Scrubbing.Edits;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Procedures;

/// <summary>PROC-023: a service with a frequency limit is not too soon.</summary>
internal sealed class IntervalHasPassed(EditTables edits) : IScrubRule
{
    public string Id => "PROC-023";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        var done = claim.OtherLines.Where(o => o.Line.From is not null).ToLookup(o => o.Line.Code);
        foreach (var line in claim.Lines)
        {
            if (line.From is not { } day)
                continue;
            var limits = edits.Table(TableNames.Frequencies)?.Find(line.Code, day).Select(r => (Months: Number(r["months"]), Lifetime: Number(r["lifetime"]))).ToList() ?? [];
            if (limits.Count == 0)
                limits.AddRange(BuiltIn.Where(b => b.Code == line.Code).Select(b => (b.Months, b.Lifetime)));
            foreach (var (months, lifetime) in limits)
            {
                var earlier = Same(line.Code).SelectMany(c => done[c]).Where(o => o.Line.From < day).Select(o => (Day: o.Line.From!.Value, o.Claim)).OrderBy(o => o.Day).ToList();
                if (lifetime is { } most && done[line.Code].Count(o => o.Line.From < day) >= most)
                {
                    yield return Warn(Id, IssueType.BusinessRule, $"{line.Path}.productOrService", $"Too soon: {line.Code} is paid {most} time{(most == 1 ? "" : "s")} in a lifetime and was billed on {DateOfService.Text(earlier[^1].Day)}. Use the code of a later visit.").On(line).From($"Claim/{earlier[^1].Claim.Id}");
                }
                else if (months is { } interval && earlier.Count > 0 && NextAllowed(earlier[^1].Day, interval) is var next && day < next)
                {
                    yield return Warn(Id, IssueType.BusinessRule, $"{line.Path}.productOrService", $"Too soon: {line.Code} was last billed on {DateOfService.Text(earlier[^1].Day)}, next allowed {DateOfService.Text(next)}. Have the patient sign a notice, or bill it then.")
                        .On(line).From($"Claim/{earlier[^1].Claim.Id}").With("nextAllowed", DateOfService.Text(next));
                }
            }
        }
    }

    // 42 CFR 410.15 and 410.16: the first wellness visit and the Medicare welcome once, later visits after eleven full months.
    private static readonly (string Code, int? Months, int? Lifetime)[] BuiltIn = [("G0402", null, 1), ("G0438", null, 1), ("G0439", 11, null)];

    /// <summary>A yearly visit follows the first one as well.</summary>
    private static string[] Same(string code) => code == "G0439" ? ["G0438", "G0439"] : [code];

    /// <summary>Full calendar months lie between: the first day of the month after them.</summary>
    private static DateOnly NextAllowed(DateOnly last, int months) => new DateOnly(last.Year, last.Month, 1).AddMonths(months + 1);

    private static int? Number(string cell) => int.TryParse(cell, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
