using System.Collections.Concurrent;
using FhirEmr.Terminology.Index;

namespace FhirEmr.Terminology.CodeSystems.Editions;

/// <summary>The code systems whose editions are loaded here, by day or by version. Worked out once for each state of the shelf.</summary>
/// <param name="shelf">Where the editions are.</param>
/// <param name="everyday">Codes a practice uses all the time, by system: they come first in searches.</param>
internal sealed class EditionSystems(EditionShelf shelf, Func<string, IReadOnlyCollection<string>> everyday)
{
    private volatile Known known = new(shelf.Stamp);

    /// <summary>The same object as long as answers stay the same.</summary>
    public object Stamp => shelf.Stamp;

    /// <summary>The system on a day, or in a version whatever the day; null when no edition answers.</summary>
    public TableSystem? Find(string url, string? version, DateOnly asOf)
    {
        var current = Current();
        return version is null
            ? current.Timelines.TryGetValue(url, out var timeline) ? timeline.At(asOf) : TimelineOf(current, url)?.At(asOf)
            : OfVersion(current, url, version);
    }

    /// <summary>The system at the time nearest to a day that no edition covers; null when there is none at all.</summary>
    public TableSystem? Nearest(string url, DateOnly asOf) => TimelineOf(Current(), url)?.Nearest(asOf);

    /// <summary>All editions of a system, oldest first.</summary>
    public IReadOnlyList<Edition> EditionsOf(string url) =>
        [.. shelf.All.Select(e => e.Edition).Where(e => e.System == url).OrderBy(e => e.EffectiveFrom).ThenBy(e => e.LoadedAt)];

    public bool Has(string url) => TimelineOf(Current(), url) is not null;

    public IEnumerable<string> Urls => shelf.All.Select(e => e.Edition.System).Distinct();

    private Known Current()
    {
        var current = known;
        if (!ReferenceEquals(current.Stamp, shelf.Stamp))
            known = current = new(shelf.Stamp);
        return current;
    }

    private Timeline? TimelineOf(Known current, string url)
    {
        if (current.Timelines.TryGetValue(url, out var timeline))
            return timeline;
        if (!shelf.All.Any(e => e.Edition.System == url))
            return null; // names come from clients: only those that mean something are kept
        return current.Timelines.GetOrAdd(url, static (system, all) => new(system, all.shelf, all.everyday(system)), (shelf, everyday));
    }

    private TableSystem? OfVersion(Known current, string url, string version)
    {
        if (current.Versions.TryGetValue((url, version), out var known))
            return known;
        var chosen = shelf.All.Where(e => e.Edition.System == url && (TableSystem.VersionOf(e.Edition) == version || e.Edition.Id == version)).ToArray();
        return chosen.Length == 0 ? null : current.Versions.GetOrAdd((url, version), new TableSystem(url,
            [.. chosen.Where(e => (e.Edition.Content & EditionContent.Codes) != 0)], [.. chosen.Where(e => (e.Edition.Content & EditionContent.Modifiers) != 0)], everyday(url)));
    }

    private sealed class Known(object stamp)
    {
        public object Stamp => stamp;

        public ConcurrentDictionary<string, Timeline> Timelines { get; } = new(StringComparer.Ordinal);

        public ConcurrentDictionary<(string Url, string Version), TableSystem> Versions { get; } = new();
    }

    /// <summary>The days on which another edition takes over, and what answers from each on.</summary>
    private sealed class Timeline
    {
        private readonly (DateOnly From, TableSystem? System)[] spans;

        public Timeline(string url, EditionShelf shelf, IReadOnlyCollection<string> everyday)
        {
            var days = new SortedSet<DateOnly> { DateOnly.MinValue };
            foreach (var edition in shelf.All.Select(e => e.Edition).Where(e => e.System == url))
            {
                days.Add(edition.EffectiveFrom);
                if (edition.EffectiveTo is { } last && last < DateOnly.MaxValue)
                    days.Add(last.AddDays(1));
            }

            spans = [.. days.Select(day => (day, SystemOn(day)))];

            TableSystem? SystemOn(DateOnly day)
            {
                var (codes, modifiers) = (shelf.InForce(url, EditionContent.Codes, day), shelf.InForce(url, EditionContent.Modifiers, day));
                return codes.Count + modifiers.Count > 0 ? new(url, codes, modifiers, everyday) : null;
            }
        }

        public TableSystem? At(DateOnly day)
        {
            var i = spans.Length - 1;
            while (spans[i].From > day)
                i--;
            return spans[i].System;
        }

        /// <summary>A whole edition if there is any: our fragments go without end, and would otherwise be near to every day.</summary>
        public TableSystem? Nearest(DateOnly day)
        {
            var isWhole = Array.Exists(spans, s => s.System is { Content: ContentMode.Complete });
            bool Counts((DateOnly From, TableSystem? System) span) => span.System is not null && (!isWhole || span.System.Content == ContentMode.Complete);
            if (Counts((day, At(day))))
                return At(day);
            var before = Array.FindLastIndex(spans, s => s.From <= day && Counts(s));
            var after = Array.FindIndex(spans, s => s.From > day && Counts(s));
            if (before < 0 || after < 0)
                return before < 0 ? after < 0 ? null : spans[after].System : spans[before].System;
            return day.DayNumber - spans[before + 1].From.DayNumber <= spans[after].From.DayNumber - day.DayNumber ? spans[before].System : spans[after].System;
        }
    }
}
