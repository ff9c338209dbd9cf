using FhirEmr.BillingBridge.Ports;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Charges;

/// <summary>Modifiers that the chart calls for, each with its reason for whoever reviews the charge.</summary>
internal static class ProposedModifiers
{
    // SNOMED CT: left, right, and both sides, as qualifiers or as part of a site's words.
    private const string Left = "7771000";
    private const string Right = "24028007";
    private const string Both = "51440002";

    public static IEnumerable<ProposedModifier> For(
        ChargeLine line, IReadOnlyList<ChargeLine> all, EncounterChart chart, EarlierServices earlier, string? place, ChargeTables tables)
    {
        if (CodeFacts.IsEvaluationAndManagement(line.Code))
        {
            if (all.FirstOrDefault(o => o.ServiceDate == line.ServiceDate && GlobalPeriods.IsMinor(o.Code)) is { } minor)
                yield return new("25", $"{minor.Code} was done on the same day, and includes its own visit: keep 25 only when the visit was for more than that.");
            if (PlacesOfService.IsVirtual(chart.Encounter))
                yield return new("95", "The encounter was virtual, with picture and sound.");
            yield break;
        }

        // What changes the price stands before what informs (rule MOD-025).
        if (Components.For(line, chart, place, tables) is { } component)
            yield return component;
        var side = SideOf(line, chart);
        if (side is not null && side.Code == "50")
            yield return side;
        else if (side is null && DistinctServices.For(line, [.. all.Where(o => SideOf(o, chart) is null)], chart, earlier, tables) is { } distinct)
            yield return distinct;
        if (side is not null && side.Code != "50")
            yield return side;
    }

    private static ProposedModifier? SideOf(ChargeLine line, EncounterChart chart)
    {
        if (!CodeFacts.IsSurgery(line.Code) && !CodeFacts.IsImaging(line.Code))
            return null;
        var sites = chart.OfType<Procedure>().Where(p => $"Procedure/{p.Id}" == line.Source).SelectMany(p => p.BodySite).ToList();
        var (left, right) = (sites.Exists(s => Is(s, Left, "left")), sites.Exists(s => Is(s, Right, "right")));
        if (sites.Exists(s => Is(s, Both, "bilateral")) || (left && right))
            return new("50", $"{line.Source} was done on both sides.");
        return left ? new("LT", $"{line.Source} was done on the left.") : right ? new("RT", $"{line.Source} was done on the right.") : null;
    }

    private static bool Is(CodeableConcept site, string code, string word) => site.HasAny(code)
        || site.Coding.Select(c => c.Display).Append(site.Text).OfType<string>()
            .Any(t => t.Split([' ', ',', '(', ')'], StringSplitOptions.RemoveEmptyEntries).Contains(word, StringComparer.OrdinalIgnoreCase));
}

/// <summary>A modifier with the reason for it.</summary>
internal sealed record ProposedModifier(string Code, string Why);
