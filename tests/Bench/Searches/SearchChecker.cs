using System.Text.Json;
using FhirEmr.Bench.Load;

namespace FhirEmr.Bench.Searches;

/// <summary>Holds an answer against our own count: the total, the matches page by page, their order, and what was included.</summary>
internal sealed class SearchChecker(FhirClient client)
{
    /// <summary>Above this many matches only the total is compared.</summary>
    private const int MostCompared = 1000;

    /// <returns>What is wrong, in a sentence; null when all is right.</returns>
    public async Task<string?> CheckAsync(SearchCase search, CancellationToken ct)
    {
        var matches = new List<string>();
        var included = new HashSet<string>(StringComparer.Ordinal);
        string? url = search.CheckedUrl;
        for (var page = 0; url is not null && page < 50; page++)
        {
            var answer = await client.GetAsync(url, ct);
            if (!answer.IsSuccess)
                return $"{url}: {answer}";
            using var document = JsonDocument.Parse(answer.Body);
            var bundle = document.RootElement;
            if (page == 0 && Total(bundle) is var total && total != search.Expected.Count)
                return $"{url}: total {(total is null ? "missing" : total)}, expected {search.Expected.Count}";
            if (search.IsCountOnly || search.Expected.Count > MostCompared)
                return null;
            Collect(bundle, matches, included);
            url = Next(bundle);
        }

        return WrongMatches(search, matches) ?? WrongIncludes(search, included);
    }

    private static string? WrongMatches(SearchCase search, List<string> matches)
    {
        var expected = search.Expected.Select(f => f.Key).ToHashSet(StringComparer.Ordinal);
        if (matches.Distinct(StringComparer.Ordinal).Count() != matches.Count)
            return $"{search.CheckedUrl}: a match came twice";
        if (!expected.SetEquals(matches))
            return $"{search.CheckedUrl}: {matches.Count} matches over all pages, {expected.Except(matches).Count()} missing, {matches.Except(expected).Count()} not expected";
        if (!search.NewestFirst)
            return null;
        var dates = search.Expected.ToDictionary(f => f.Key, f => f.Date?.Low, StringComparer.Ordinal);
        for (var i = 1; i < matches.Count; i++)
            if (dates[matches[i - 1]] < dates[matches[i]])
                return $"{search.CheckedUrl}: {matches[i]} comes after an older one";
        return null;
    }

    private static string? WrongIncludes(SearchCase search, HashSet<string> included)
    {
        if (search.MustInclude.FirstOrDefault(key => !included.Contains(key)) is { } missing && search.Expected.Count > 0)
            return $"{search.CheckedUrl}: {missing} is not included";
        return included.FirstOrDefault(key => search.MayInclude?.Contains(key) != true) is { } stranger
            ? $"{search.CheckedUrl}: {stranger} is included and has no reason to be"
            : null;
    }

    private static void Collect(JsonElement bundle, List<string> matches, HashSet<string> included)
    {
        if (!bundle.TryGetProperty("entry", out var entries))
            return;
        foreach (var entry in entries.EnumerateArray())
        {
            var resource = entry.GetProperty("resource");
            var key = $"{resource.GetProperty("resourceType").GetString()}/{resource.GetProperty("id").GetString()}";
            if (entry.TryGetProperty("search", out var search) && search.GetProperty("mode").GetString() == "include")
                included.Add(key);
            else
                matches.Add(key);
        }
    }

    private static long? Total(JsonElement bundle) => bundle.TryGetProperty("total", out var total) ? total.GetInt64() : null;

    private static string? Next(JsonElement bundle) =>
        bundle.TryGetProperty("link", out var links)
            ? links.EnumerateArray().Where(l => l.GetProperty("relation").GetString() == "next").Select(l => l.GetProperty("url").GetString()).FirstOrDefault()
            : null;
}
