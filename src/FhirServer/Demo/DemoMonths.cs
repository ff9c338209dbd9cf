using FhirEmr.BillingBridge.Claims;
using Hl7.Fhir.Model;
using static FhirEmr.FhirServer.Demo.DemoVisitKind;

namespace FhirEmr.FhirServer.Demo;

/// <summary>The people of the demo practice over many months: each comes back every six weeks, and one of them has no insurance.</summary>
/// <remarks>Charts only. The same day and number of months give the same charts; what becomes of their bills is not written here.</remarks>
internal sealed class DemoMonths
{
    private const int DaysBetween = 42;

    private static readonly DemoPerson Uninsured = new(25, "Rosa", "Zimmerman", AdministrativeGender.Female, 38, [], 0, [Cough, BackPain]);
    private static readonly DemoVisitKind[] LaterOfAdults = [PressureReview, BackPain, Cough, LipidVideo, Knee, SinusVideo];
    private static readonly DemoVisitKind[] LaterOfChildren = [Cough, EarPain, SoreThroat, SinusVideo];

    private readonly List<(string EncounterId, DateOnly Day)> _visits = [];

    /// <param name="end">The Monday on which the history ends.</param>
    /// <param name="months">How far back it goes.</param>
    public DemoMonths(DateOnly end, int months)
    {
        var bundles = new List<Bundle> { Entries.Transaction([.. DemoPayers.All.Select(DemoPayers.ToOrganization), .. DemoStaff.Resources()]) };
        foreach (var person in DemoPerson.All.Append(Uninsured))
        {
            var days = Days(person, end, months);
            var visiting = person with { Visits = [.. days.Select((_, i) => KindOf(person, i))] };
            var chart = new DemoChart(visiting, end, days).Write();
            if (person.Payers.Count == 0)
                chart.Insert(1, SelfPay(person));
            // The last notes of some are not signed yet: their claims wait for it.
            if (person.Number % 8 == 3)
                chart.OfType<Composition>().Last().Status = CompositionStatus.Preliminary;
            bundles.Add(Entries.Transaction([.. chart]));
            _visits.AddRange(days.Select((day, i) => (visiting.EncounterId(i + 1), day)));
        }

        Bundles = bundles;
    }

    /// <summary>Transactions in loading order.</summary>
    public IReadOnlyList<Bundle> Bundles { get; }

    /// <summary>Every finished visit, oldest first.</summary>
    public IReadOnlyList<(string EncounterId, DateOnly Day)> Visits => [.. _visits.OrderBy(v => v.Day).ThenBy(v => v.EncounterId, StringComparer.Ordinal)];

    /// <summary>Member id at the first payer of somebody who has a second one, and who was seen ten days before the end.</summary>
    public static string MemberWithTwoPayers { get; } = MadeUpNumbers.MemberId(DemoPerson.All[0].Payers[0], DemoPerson.All[0].Id, DemoPerson.All[0].ScenarioDigits)!;

    private static List<DateOnly> Days(DemoPerson person, DateOnly end, int months)
    {
        var days = new List<DateOnly>();
        for (var day = end.AddDays(-1 - (person.Number * 9 % DaysBetween)); day >= end.AddMonths(-months); day = day.AddDays(-DaysBetween))
            days.Insert(0, day.DayOfWeek switch { DayOfWeek.Saturday => day.AddDays(-1), DayOfWeek.Sunday => day.AddDays(-2), _ => day });
        return days;
    }

    private static DemoVisitKind KindOf(DemoPerson person, int visit)
    {
        if (visit < person.Visits.Count)
            return person.Visits[visit];
        var later = person.AgeYears < 18 ? LaterOfChildren : LaterOfAdults;
        return later[(person.Number + visit) % later.Length];
    }

    private static Coverage SelfPay(DemoPerson person) => new()
    {
        Id = $"demo-coverage-{person.Number:D2}-self",
        Meta = Coded.MadeUpMeta(),
        Status = FinancialResourceStatusCodes.Active,
        Type = Coded.Concept(BillingUrls.SelfPayCoverage, "pay", "pay"),
        Beneficiary = new ResourceReference($"Patient/{person.Id}"),
        Payor = [new ResourceReference($"Patient/{person.Id}")],
    };
}
