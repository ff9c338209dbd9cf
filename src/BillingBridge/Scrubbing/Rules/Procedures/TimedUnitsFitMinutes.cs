using System.Globalization;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Procedures;

/// <summary>PROC-017: units of fifteen-minute services fit the documented minutes of the day.</summary>
internal sealed class TimedUnitsFitMinutes : IScrubRule
{
    public string Id => "PROC-017";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        foreach (var day in claim.Lines.Where(l => DocumentedMinutes.IsFifteenMinutes(l.Code)).GroupBy(l => l.From))
        {
            var lines = day.ToList();
            var minutes = lines.Select(l => DocumentedMinutes.Of(claim, l)).ToList();
            if (minutes.Exists(m => m is null))
                continue; // PROC-018 says so

            // CMS counts all timed minutes of the day together; the midpoint rule of the code set counts each code alone.
            var allowed = claim.Payer.CountsUnitsByMidpoint ? minutes.Sum(m => Units(m!.Value)) : Units(minutes.Sum(m => m!.Value));
            var billed = lines.Sum(l => l.Units);
            if (billed > allowed)
            {
                yield return Reject(Id, IssueType.BusinessRule, "Claim.item", string.Create(CultureInfo.InvariantCulture, $"Units exceed minutes: {billed} units billed, {minutes.Sum()} documented minutes make {allowed}. Correct the units or the time."))
                    .On(lines[0]).From(lines.SelectMany(l => DocumentedMinutes.Sources(claim, l))).With("minutes", string.Create(CultureInfo.InvariantCulture, $"{minutes.Sum()}"));
            }
        }
    }

    /// <summary>Eight minutes make the first unit, every fifteen more the next.</summary>
    private static int Units(int minutes) => minutes < 8 ? 0 : (minutes + 7) / 15;
}
