using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Demo;

/// <summary>The small practice behind <c>fhir-emr serve --demo</c>: invented whole, with two months of visits up to today.</summary>
/// <remarks>
/// Every resource has a fixed id and is PUT, so seeding twice changes nothing but dates. References are <c>Type/id</c> to the same
/// or an earlier bundle. Most charts are faultless; <see cref="DemoFlaw.All"/> lists the ones that are not.
/// </remarks>
internal static class DemoPractice
{
    private const int OpenToday = 2;
    private const int Booked = 7;
    private const int BookedWithEncounter = 3;

    /// <summary>Transactions in loading order: payers and staff first, then one for each patient.</summary>
    /// <param name="today">The day of the demo: visits are finished before it, open on it, booked after it.</param>
    public static IEnumerable<Bundle> Bundles(DateOnly today)
    {
        yield return Entries.Transaction([.. DemoPayers.All.Select(DemoPayers.ToOrganization), .. DemoStaff.Resources()]);

        foreach (var person in DemoPerson.All)
        {
            var chart = new DemoChart(person, today).Write();
            foreach (var flaw in DemoFlaw.All.Where(flaw => flaw.Patient == person.Number))
                flaw.Spoil(chart, today);
            yield return Entries.Transaction([.. chart, .. Coming(person, today)]);
        }
    }

    /// <summary>The first patients sit in the rooms now; later ones are booked, some with their encounter already planned.</summary>
    private static IEnumerable<Resource> Coming(DemoPerson person, DateOnly today)
    {
        if (person.Number <= OpenToday)
        {
            yield return DemoChart.Open(
                person, $"demo-encounter-open-{person.Number:D2}", Encounter.EncounterStatus.InProgress, today, 9 + person.Number, DemoVisitKind.Cough);
        }
        else if (person.Number <= OpenToday + Booked)
        {
            var appointmentId = $"demo-appointment-{person.Number:D2}";
            var day = WorkingDay(today.AddDays(person.Number));
            yield return DemoChart.Booked(person, appointmentId, day, 13, DemoVisitKind.PressureReview);
            if (person.Number > OpenToday + BookedWithEncounter)
                yield break;

            var planned = DemoChart.Open(
                person, $"demo-encounter-planned-{person.Number:D2}", Encounter.EncounterStatus.Planned, day, 13, DemoVisitKind.PressureReview);
            planned.Appointment = [new ResourceReference($"Appointment/{appointmentId}")];
            yield return planned;
        }
    }

    private static DateOnly WorkingDay(DateOnly day) => day.DayOfWeek switch
    {
        DayOfWeek.Saturday => day.AddDays(2),
        DayOfWeek.Sunday => day.AddDays(1),
        _ => day,
    };
}
