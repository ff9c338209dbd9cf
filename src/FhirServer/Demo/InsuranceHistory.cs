using System.Globalization;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Demo;

/// <summary>Named insurance of the ExplanationOfBenefits in one bundle → dated Coverages.</summary>
/// <remarks>
/// Synthea names the payor inside a contained Coverage of each EOB and nowhere else. Encounters in a row with the same name
/// become one run, each run its own Coverage, so that periods of one patient do not overlap and a date of service finds
/// exactly one primary (COV-003, COV-013). Historic runs stay <c>active</c>: the period says when, the status says not cancelled.
/// Dual eligibility is Medicare first and Medicaid second on the same days. Uninsured runs end the run before and make nothing.
/// </remarks>
internal static class InsuranceHistory
{
    private sealed record Use(string Insurance, DateTimeOffset Start, DateOnly FirstDay, DateOnly LastDay);

    private sealed record Run(string Insurance, DateOnly FirstDay, DateOnly LastDay);

    /// <summary>The Coverages of every patient in the bundle, in order of the patients' first EOB and of time.</summary>
    public static IEnumerable<(DemoPayer Payer, Coverage Coverage)> Coverages(Bundle bundle, BundleIndex index)
    {
        var uses = bundle.Entry.Select(entry => entry.Resource).OfType<ExplanationOfBenefit>()
            .Select(eob => (Patient: index.Canonical(eob.Patient), Person: index.Find<Patient>(eob.Patient), Use: UseOf(eob, index)))
            .Where(use => use is { Patient: not null, Person.Id: not null, Use: not null });

        return uses.GroupBy(use => use.Patient!).SelectMany(group =>
            ForPatient(group.First().Person!, group.Key, [.. group.Select(use => use.Use!).OrderBy(use => use.Start)]));
    }

    private static IEnumerable<(DemoPayer Payer, Coverage Coverage)> ForPatient(Patient patient, string reference, IReadOnlyList<Use> uses)
    {
        var runs = Runs(uses);
        var start = FirstStart(runs[0].FirstDay, patient);
        foreach (var (i, run) in runs.Index())
        {
            var next = i + 1 < runs.Count ? NextStart(run, runs[i + 1]) : (DateOnly?)null;
            DateOnly? end = next is { } changed ? Later(changed.AddDays(-1), run.LastDay) : null;
            foreach (var (order, payer) in PayersFor(run.Insurance, patient.Id!).Index())
            {
                var id = "demo-coverage-" + StableHash.Uuid("coverage", $"{patient.Id}|{i}|{payer.Id}");
                var memberId = MadeUpNumbers.MemberId(payer, patient.Id!);
                yield return (payer, DemoPayers.ToCoverage(payer, id, reference, memberId, order + 1, start, end));
            }

            start = next ?? start;
        }
    }

    private static IReadOnlyList<DemoPayer> PayersFor(string insurance, string patientId) => insurance switch
    {
        "medicare" => [DemoPayers.Medicare],
        "medicaid" => [DemoPayers.StateMedicaid],
        "dualeligible" or "dual" => [DemoPayers.Medicare, DemoPayers.StateMedicaid],
        "noinsurance" or "none" or "selfpay" or "uninsured" => [],
        "private" => [DemoPayers.CommercialFor(patientId)],
        _ => [DemoPayers.CommercialFor(insurance)], // a company by name: all its members go to the same demo payer
    };

    private static List<Run> Runs(IReadOnlyList<Use> uses)
    {
        var runs = new List<Run>();
        foreach (var use in uses)
        {
            if (runs is [.., var last] && last.Insurance == use.Insurance)
                runs[^1] = last with { LastDay = Later(last.LastDay, use.LastDay) };
            else
                runs.Add(new Run(use.Insurance, use.FirstDay, use.LastDay));
        }

        return runs;
    }

    /// <summary>New Year's Day before the first use, or birth when later.</summary>
    private static DateOnly FirstStart(DateOnly firstUse, Patient patient)
    {
        var newYear = new DateOnly(firstUse.Year, 1, 1);
        return DateOnly.TryParseExact(patient.BirthDate, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var birth)
            && birth > newYear && birth <= firstUse ? birth : newYear;
    }

    /// <summary>Insurance changes on the first of a month when the uses leave room for it.</summary>
    private static DateOnly NextStart(Run run, Run next)
    {
        var firstOfMonth = new DateOnly(next.FirstDay.Year, next.FirstDay.Month, 1);
        return firstOfMonth > run.LastDay ? firstOfMonth : next.FirstDay;
    }

    private static Use? UseOf(ExplanationOfBenefit eob, BundleIndex index)
    {
        var coverage = eob.Contained.OfType<Coverage>().FirstOrDefault();
        var name = coverage?.Payor.FirstOrDefault()?.Display ?? coverage?.Type?.Text ?? eob.Insurer?.Display;
        var encounter = index.Find<Encounter>(eob.Item.SelectMany(item => item.Encounter).FirstOrDefault());
        if (string.IsNullOrWhiteSpace(name) || Moment(encounter?.Period?.Start ?? eob.BillablePeriod?.Start ?? eob.Created) is not { } start)
            return null;

        var insurance = string.Concat(name.Where(char.IsLetter)).ToLowerInvariant();
        var first = Day(start);
        return new Use(insurance, start, first, Moment(encounter?.Period?.End) is { } end ? Later(first, Day(end)) : first);
    }

    private static DateTimeOffset? Moment(string? fhirDateTime) =>
        DateTimeOffset.TryParse(fhirDateTime, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;

    /// <summary>The calendar date as written: its own offset is the facility's.</summary>
    private static DateOnly Day(DateTimeOffset time) => DateOnly.FromDateTime(time.DateTime);

    private static DateOnly Later(DateOnly a, DateOnly b) => a > b ? a : b;
}
