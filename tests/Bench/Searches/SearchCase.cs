namespace FhirEmr.Bench.Searches;

/// <summary>One search with the answer it must get.</summary>
/// <param name="Filter">Type and criteria: what decides the total.</param>
/// <param name="Expected">The resources that match, by our own count.</param>
internal sealed record SearchCase(string Filter, IReadOnlyCollection<Facts> Expected)
{
    /// <summary>Result parameters of the timed request: page size, sort, includes.</summary>
    public string Page { get; init; } = "_count=20";

    /// <summary>Includes and sort, kept when the total is checked.</summary>
    public string Shaping { get; init; } = "";

    public bool IsCountOnly { get; init; }

    /// <summary>Entries must come newest first.</summary>
    public bool NewestFirst { get; init; }

    /// <summary>Keys that must come along as included.</summary>
    public IReadOnlyCollection<string> MustInclude { get; init; } = [];

    /// <summary>Keys that may come along; anything else is wrong. Null: no includes asked for.</summary>
    public IReadOnlySet<string>? MayInclude { get; init; }

    public string TimedUrl => Join(Filter, Shaping, Page);

    /// <summary>The same search asking for the total; pages are followed to compare the matches themselves.</summary>
    public string CheckedUrl => IsCountOnly ? TimedUrl : Join(Filter, Shaping, "_total=accurate&_count=200");

    private static string Join(params IEnumerable<string> parts) => string.Join('&', parts.Where(p => p.Length > 0));
}

/// <summary>A kind of search.</summary>
/// <param name="IsPatientScoped">It names one patient, so its cost must not grow with the store.</param>
/// <param name="Draw">One case with random real parameters; null when the data offers none.</param>
internal sealed record SearchShape(string Name, bool IsPatientScoped, Func<Drawing, SearchCase?> Draw);
