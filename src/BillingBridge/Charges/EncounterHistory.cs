using FhirEmr.BillingBridge.Ports;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Charges;

/// <summary>Whether this practice knew the patient (three-year rule, billing spec PROC-008 and 4.2): one answer for charges, rules and visit levels.</summary>
/// <remarks>
/// A professional visit in the three years before, by the same clinician or by one of the same group and taxonomy. Two people of one group
/// whose taxonomies are not both recorded are taken to be of one specialty: the lower-paid answer.
/// </remarks>
public static class EncounterHistory
{
    /// <summary>The latest such visit; null means a new patient.</summary>
    public static EarlierService? Last(EncounterChart chart, EarlierServices earlier, DateOnly day, TimeZoneInfo? zone)
    {
        var (current, visit) = (chart.Encounter, $"Encounter/{chart.Encounter.Id}");
        var people = new Clinicians(chart.OfType<PractitionerRole>().Concat(earlier.Roles).DistinctBy(r => r.Id));
        var (clinician, group) = (people.Of(current), current.ServiceProvider?.Reference);
        var encounters = chart.OfType<Encounter>().Concat(earlier.Encounters)
            .Where(e => e.Id != current.Id && e.Status == Encounter.EncounterStatus.Finished)
            .Select(e => (Day: DateOfService.From(e.Period?.Start, zone), Is: e.TypeName, e.Id, Who: new Func<string?>(() => people.Of(e)), Group: e.ServiceProvider?.Reference));
        var claims = earlier.Claims
            .Where(c => c.Use == ClaimUseCode.Claim && c.Status == FinancialResourceStatusCodes.Active && c.Type.HasAny("professional")
                && !c.Item.Exists(i => i.Encounter.Exists(e => e.Reference == visit)))
            .SelectMany(c => c.Item.Where(IsVisit).Select(i => (
                Day: DateOfService.From((i.Serviced as Date)?.Value ?? (i.Serviced as Period)?.Start, zone), Is: c.TypeName, c.Id, Who: new Func<string?>(() => people.Of(c)), Group: c.Provider?.Reference)));

        foreach (var service in encounters.Concat(claims)
            .Where(s => s.Day < day && s.Day > day.AddYears(-3))
            .OrderByDescending(s => s.Day).ThenByDescending(s => s.Is, StringComparer.Ordinal).ThenByDescending(s => s.Id, StringComparer.Ordinal))
            if (IsSame(service.Who(), service.Group))
                return new EarlierService(service.Day!.Value, $"{service.Is}/{service.Id}");
        return null;

        bool IsSame(string? otherClinician, string? otherGroup) =>
            (clinician is not null && otherClinician == clinician)
            || (group is not null && otherGroup == group && people.ShareTaxonomy(clinician, otherClinician));
    }

    private static bool IsVisit(Claim.ItemComponent item) => item.ProductOrService.Codes().Any(c => CodeFacts.IsEvaluationAndManagement(c.Code));
}

/// <summary>The visit that makes a patient an established one.</summary>
/// <param name="Reference"><c>Encounter/12</c>, or the claim that tells of it.</param>
public sealed record EarlierService(DateOnly Day, string Reference);
