using System.Globalization;
using FhirEmr.BillingBridge.Ports;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Charges;

/// <summary>Proposes 59, XE, XP, XS or XU for the column 2 code of an NCCI edit that allows a modifier, where the record tells the two services apart.</summary>
/// <remarks>Nothing is proposed without such a fact: that two services were billed is no reason for paying both.</remarks>
internal static class DistinctServices
{
    // Modifiers that separate already (billing spec 3.8); with one of them on either line nothing more is needed.
    private static readonly string[] Sides = ["LT", "RT", "50", "59", "91", "XE", "XS", "XP", "XU"];

    public static ProposedModifier? For(ChargeLine line, IReadOnlyList<ChargeLine> all, EncounterChart chart, EarlierServices earlier, ChargeTables tables)
    {
        if (CodeFacts.IsEvaluationAndManagement(line.Code) || line.Modifiers.Any(Sides.Contains))
            return null;
        foreach (var other in all)
        {
            if (other.Code != line.Code && other.ServiceDate == line.ServiceDate && !CodeFacts.IsEvaluationAndManagement(other.Code) && !other.Modifiers.Any(Sides.Contains)
                && tables.PairOf(other.Code, line.Code, line.ServiceDate) == '1')
                return Apart(ServiceFacts.Of(line, chart), ServiceFacts.Of(other, chart), other.Code) is var (x, why) ? Modifier(x, why, other.Code, tables) : null;
        }

        return Elsewhere(line, chart, earlier, tables) is var (code, claim) && code is not null
            ? Modifier("XE", $"{code} was billed for another encounter of the day (Claim/{claim})", code, tables)
            : null;
    }

    private static ProposedModifier Modifier(string x, string why, string column1, ChargeTables tables) =>
        new(tables.PrefersX ? x : "59", $"{why}, so it is not part of {column1}: check that the note says so.");

    private static (string X, string Why)? Apart(ServiceFacts line, ServiceFacts other, string column1)
    {
        if (line.Sites.Count > 0 && other.Sites.Count > 0 && !line.Sites.Overlaps(other.Sites))
            return ("XS", $"{line.Source} was done on another site than {other.Source}");
        if (line.Performers.Count > 0 && other.Performers.Count > 0 && !line.Performers.Overlaps(other.Performers))
            return ("XP", $"{line.Source} was done by another practitioner than {other.Source}");
        if (line.Times is var (start, end) && other.Times is var (from, to) && (end <= from || to <= start))
            return ("XU", string.Create(CultureInfo.InvariantCulture, $"{line.Source} ({start:HH:mm} to {end:HH:mm}) does not overlap {other.Source} ({from:HH:mm} to {to:HH:mm})"));
        return null;
    }

    /// <summary>A column 1 code of this line's on another encounter's claim of the same day.</summary>
    private static (string? Code, string? Claim) Elsewhere(ChargeLine line, EncounterChart chart, EarlierServices earlier, ChargeTables tables)
    {
        foreach (var claim in earlier.Claims.Where(c => c.Status is FinancialResourceStatusCodes.Active && !c.Item.Exists(i => i.Encounter.Exists(e => e.Reference == $"Encounter/{chart.Encounter.Id}"))))
        {
            foreach (var item in claim.Item.Where(i => i.Encounter.Count > 0))
            {
                var day = DateOfService.First(item.Serviced);
                if (day == line.ServiceDate && item.ProductOrService?.Coding.Find(c => c.Code is { Length: 5 })?.Code is { } code && !CodeFacts.IsEvaluationAndManagement(code)
                    && tables.PairOf(code, line.Code, line.ServiceDate) == '1')
                    return (code, claim.Id);
            }
        }

        return default;
    }
}
