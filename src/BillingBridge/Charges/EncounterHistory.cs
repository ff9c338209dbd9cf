using FhirEmr.BillingBridge.Ports;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Charges;

/// <summary>Whether this practice knew the patient before (three-year rule, billing spec PROC-008).</summary>
public static class EncounterHistory
{
    /// <summary>The latest earlier face-to-face encounter with the same practitioner or group inside three years; null means a new patient.</summary>
    public static DateOnly? LastSeen(EncounterChart chart, IEnumerable<Encounter> others, DateOnly day, TimeZoneInfo? zone)
    {
        var current = chart.Encounter;
        return others
            .Where(e => e.Id != current.Id && e.Status == Encounter.EncounterStatus.Finished && IsSamePractice(e, current))
            .Select(e => DateOfService.From(e.Period?.Start, zone))
            .Where(d => d < day && d > day.AddYears(-3))
            .Max();
    }

    private static bool IsSamePractice(Encounter other, Encounter current)
    {
        if (other.ServiceProvider?.Reference is { Length: > 0 } group && group == current.ServiceProvider?.Reference)
            return true;
        var people = current.Participant.Select(p => p.Individual?.Reference).Where(r => r is { Length: > 0 }).ToHashSet();
        return other.Participant.Exists(p => people.Contains(p.Individual?.Reference));
    }
}
