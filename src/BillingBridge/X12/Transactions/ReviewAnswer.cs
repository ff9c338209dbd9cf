using FhirEmr.BillingBridge.X12.Segments;
using FhirEmr.BillingBridge.X12.Syntax;

namespace FhirEmr.BillingBridge.X12.Transactions;

/// <summary>What a 278 response says of one event: the decision on it, those on its services, or why there is none.</summary>
/// <param name="Trace">TRN*2 of the event, else BHT03: the number of our request.</param>
/// <param name="Event">Level EV; null when the request was refused above it.</param>
/// <param name="Services">Levels SS, in the order of the file.</param>
/// <param name="Rejections">AAA of the event and of the levels above.</param>
internal sealed record ReviewAnswer(string Trace, HierarchyItem.Level? Event, IReadOnlyList<HierarchyItem.Level> Services, IReadOnlyList<Aaa> Rejections)
{
    /// <summary>The decision on the event as a whole.</summary>
    public Hcr? Decision => Event?.Details.OfType<Hcr>().FirstOrDefault();

    /// <summary>The authorisation of a level: HCR02, else REF*BB.</summary>
    public static string? NumberOf(HierarchyItem.Level? level) => level?.Details.OfType<Hcr>().FirstOrDefault()?.Number ?? level?.Reference("BB");

    /// <summary>When the certification of a level is in force: DTP*007, the end also as DTP*036.</summary>
    public static (DateOnly? From, DateOnly? To) PeriodOf(HierarchyItem.Level? level)
    {
        var dates = level?.Details.OfType<Dtp>().ToList() ?? [];
        var effective = dates.Find(d => d.Qualifier == "007");
        return (effective?.Start, effective?.End ?? dates.Find(d => d.Qualifier == "036")?.Start);
    }

    /// <summary>The levels of a file → an answer for each event, and one for a set that was refused above it.</summary>
    public static IEnumerable<ReviewAnswer> Of(IEnumerable<HierarchyItem> items)
    {
        Bht? bht = null;
        HierarchyItem.Level? last = null;
        HierarchyItem.Level? open = null;
        var services = new List<HierarchyItem.Level>();
        foreach (var item in items)
        {
            switch (item)
            {
                case HierarchyItem.Set set:
                    (bht, last, open) = (set.Bht, null, null);
                    services.Clear();
                    break;
                case HierarchyItem.Level { Hl.Level: "SS" } service when open is not null:
                    services.Add(service);
                    break;
                case HierarchyItem.Level level:
                    if (open is not null)
                        yield return From(open, services, bht);
                    services.Clear();
                    open = level.Hl.Level == "EV" ? level : null;
                    last = level;
                    break;
                default:
                    if (open is not null)
                        yield return From(open, services, bht);
                    else if (last is not null && Rejected(last).Any())
                        yield return new ReviewAnswer(last.Trace ?? bht?.Reference ?? "", null, [], [.. Rejected(last)]);
                    (open, last) = (null, null);
                    services.Clear();
                    break;
            }
        }
    }

    private static ReviewAnswer From(HierarchyItem.Level level, IEnumerable<HierarchyItem.Level> services, Bht? bht) =>
        new(level.Trace ?? bht?.Reference ?? "", level, [.. services], [.. Rejected(level)]);

    private static IEnumerable<Aaa> Rejected(HierarchyItem.Level level) => level.Above().Reverse().Append(level).SelectMany(l => l.Details.OfType<Aaa>());
}
