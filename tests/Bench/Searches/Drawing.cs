using System.Globalization;

namespace FhirEmr.Bench.Searches;

/// <summary>Draws real parameters from what was loaded.</summary>
/// <param name="sinceIngest">An instant after the bundles and before the single writes.</param>
/// <param name="writtenSinceIngest">Keys of what was created or updated after that instant and is still there.</param>
internal sealed class Drawing(Corpus corpus, Random random, DateTimeOffset sinceIngest, IReadOnlySet<string> writtenSinceIngest)
{
    private readonly Dictionary<string, Facts[]> _lists = new(StringComparer.Ordinal);

    public Corpus Corpus { get; } = corpus;

    public Random Random { get; } = random;

    public DateTimeOffset SinceIngest { get; } = sinceIngest;

    public IReadOnlySet<string> WrittenSinceIngest { get; } = writtenSinceIngest;

    /// <summary>A random resource of this type; null when there is none.</summary>
    public Facts? Any(string type)
    {
        if (!_lists.TryGetValue(type, out var list))
            _lists[type] = list = [.. Corpus.OfType(type)];
        return list.Length == 0 ? null : list[Random.Next(list.Length)];
    }

    /// <summary>A patient by way of a random resource of this type, so that there is something to find, and what they have of it.</summary>
    public (Facts Patient, List<Facts> Chart)? Chart(string type) =>
        Any(type)?.Patient is { } key && Corpus.Find(key) is { } patient ? (patient, Corpus.OfPatient(key, type).ToList()) : null;

    public IEnumerable<Facts> Where(string type, Func<Facts, bool> criteria) => Corpus.OfType(type).Where(criteria);

    /// <summary>A second somewhere in the dates of these resources, as a UTC instant: no time zone can change its meaning.</summary>
    public string? Instant(IEnumerable<Facts> among)
    {
        var dates = among.Select(f => f.Date).OfType<Span>().ToArray();
        if (dates.Length == 0)
            return null;
        var at = dates[Random.Next(dates.Length)].Low.AddMinutes(Random.Next(-100_000, 100_000));
        return at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
    }

    /// <summary>A day that no resource of these begins or ends near; null when ten tries find none.</summary>
    public string? ClearDay(IReadOnlyCollection<Facts> among)
    {
        var dates = among.Select(f => f.Date).OfType<Span>().ToArray();
        for (var attempt = 0; attempt < 10 && dates.Length > 0; attempt++)
        {
            var day = dates[Random.Next(dates.Length)].Low.UtcDateTime.Date.AddDays(Random.Next(-400, 400));
            var boundary = new DateTimeOffset(day, TimeSpan.Zero);
            if (!dates.Any(d => d.IsNear(boundary)))
                return day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        }

        return null;
    }

    public static string Encode(Token token) => $"{Uri.EscapeDataString(token.System ?? "")}%7C{Uri.EscapeDataString(token.Code ?? "")}";
}
