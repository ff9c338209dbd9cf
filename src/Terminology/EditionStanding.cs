using FhirEmr.Terminology.Index;

namespace FhirEmr.Terminology;

/// <summary>An edition and how fresh it is on a day.</summary>
/// <param name="NextRelease">First day of the release that comes after it by the publisher's calendar; null where there is none, or for one that is not in force.</param>
public sealed record EditionStanding(Edition Edition, EditionState State, DateOnly? NextRelease, int? DaysToNext)
{
    /// <summary>The release that comes after it is out, and not here.</summary>
    public bool IsStale => DaysToNext <= 0;

    /// <param name="others">All editions of the same system and part.</param>
    internal static EditionStanding Of(Edition edition, IReadOnlyList<Edition> others, DateOnly today)
    {
        var rivals = others.Where(o => o.IsComplete || !edition.IsComplete).ToArray();
        var answering = rivals.Where(o => o.Covers(today)).MaxBy(o => (o.EffectiveFrom, o.LoadedAt))
            // What ran out while nothing took its place is what answers, for want of a better one.
            ?? rivals.Where(o => o.EffectiveTo < today).MaxBy(o => (o.EffectiveTo, o.LoadedAt));
        var state = edition == answering ? EditionState.Current
            : edition.EffectiveFrom > today ? EditionState.Future
            : edition.Covers(today) ? EditionState.Superseded : EditionState.Past;
        if (!edition.IsComplete && Array.Exists([.. others], o => o.IsComplete && (o.Covers(today) || o.EffectiveTo < today)))
            state = EditionState.Superseded;
        var next = state == EditionState.Current && edition.IsComplete ? Next(edition) : null;
        return new(edition, state, next, next is { } day ? day.DayNumber - today.DayNumber : null);
    }

    private static DateOnly? Next(Edition edition) => edition.System switch
    {
        CodeSystemUrls.Icd10Cm or CodeSystemUrls.Icd10Pcs or CodeSystemUrls.Hcpcs or CodeSystemUrls.Cpt or CodeSystemUrls.Gpci => edition.EffectiveTo is { } last ? last.AddDays(1) : null,
        CodeSystemUrls.NcciPtp or CodeSystemUrls.NcciMue or CodeSystemUrls.NcciAddOns or CodeSystemUrls.FeeSchedule when edition.EffectiveFrom > DateOnly.MinValue =>
            new DateOnly(edition.EffectiveFrom.Year, (((edition.EffectiveFrom.Month - 1) / 3) * 3) + 1, 1).AddMonths(3), // quarterly
        CodeSystemUrls.ProviderTaxonomy when edition.EffectiveFrom > DateOnly.MinValue => edition.EffectiveFrom.AddMonths(6),
        _ => null,
    };
}

/// <summary>How an edition stands to a day.</summary>
public enum EditionState
{
    /// <summary>It answers.</summary>
    Current,

    /// <summary>It will.</summary>
    Future,

    /// <summary>It covers the day, and a later one answers instead.</summary>
    Superseded,

    /// <summary>Its time is over; it answers for dates of service in it.</summary>
    Past,
}
