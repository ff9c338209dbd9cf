using System.Globalization;
using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Scrubbing.Edits;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Modifiers;

/// <summary>MOD-024: a therapy line names its discipline, and says KX once the year's threshold is passed.</summary>
/// <remarks>
/// The year's therapy is counted at what Medicare allows, as the threshold is; without a fee schedule nothing is counted. What other
/// practices billed is not known here.
/// </remarks>
internal sealed class TherapyDisciplineIsSaid(EditTables edits) : IScrubRule
{
    public string Id => "MOD-024";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        var table = edits.Table(TableNames.TherapyThresholds);
        foreach (var line in claim.Lines.Where(l => CodeFacts.IsTherapy(l.Code)))
        {
            if (TherapyThresholds.GroupOf(line) is not { } group)
            {
                yield return Reject(Id, IssueType.Required, $"{line.Path}.modifier", $"Therapy modifier: {line.Code} needs GP, GO or GN.").On(line);
                continue;
            }

            if (claim.Payer.Family != PayerFamily.Medicare || line.Has("KX") || line.From is not { } day)
                continue;
            if (TherapyThresholds.Of(group, day, table) is not { } threshold)
            {
                yield return NotEvaluated(Id, TableNames.TherapyThresholds, day);
            }
            else if (Spent(claim, line, group, day) is { } spent && spent > threshold.Usd)
            {
                yield return Reject(Id, IssueType.Required, $"{line.Path}.modifier", string.Create(CultureInfo.InvariantCulture,
                        $"Therapy modifier: with this line the year's {group} therapy is {spent:0.00}, over the threshold of {threshold.Usd:0.00}. Add KX when the record shows that it is needed."))
                    .On(line).With("spent", spent.ToString(CultureInfo.InvariantCulture)).With("threshold", threshold.Usd.ToString(CultureInfo.InvariantCulture))
                    .With("source", threshold.Source).ByTable(table!.Edition);
            }
        }
    }

    /// <summary>What Medicare allows for the year's lines of the group up to this one; null when nothing tells.</summary>
    private decimal? Spent(ClaimGraph claim, ScrubLine line, string group, DateOnly day)
    {
        if (edits.FeesOn(day) is not { } fees || Allowed(line) is not { } spent)
            return null;
        var others = claim.Lines.Where(l => l.Index < line.Index || (l.Index > line.Index && l.From < day))
            .Concat(claim.OtherLines.Where(o => o.Claim.Stage() is not (ClaimStage.Voided or ClaimStage.Replaced)).Select(o => o.Line));
        return spent + others.Where(l => l.From is { } on && on.Year == day.Year && on <= day && CodeFacts.IsTherapy(l.Code) && TherapyThresholds.GroupOf(l) == group).Sum(l => Allowed(l) ?? 0m);

        decimal? Allowed(ScrubLine of) => fees.Find(of.Code)?.AmountUsd(PlacesOfService.IsFacility(of.Place)) * of.Units;
    }
}
