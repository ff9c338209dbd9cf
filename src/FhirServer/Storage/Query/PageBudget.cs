using FhirEmr.FhirServer.Resources;

namespace FhirEmr.FhirServer.Storage.Query;

/// <summary>How many bytes of bodies one page takes into memory: the body that reaches it is the page's last, and the next page begins behind that.</summary>
/// <remarks>Reliability R-42: a page of a thousand of the largest resources would be more than the machine has. One body always fits.</remarks>
internal sealed class PageBudget(long bytes)
{
    private long left = bytes;

    /// <summary>For what is read and not kept.</summary>
    public static PageBudget Unlimited => new(long.MaxValue);

    public bool IsSpent => left <= 0;

    public void Take(StoredResource resource) => left -= resource.Json.Length;

    /// <summary>Puts others among what a statement found, in the order of surrogate keys; behind its cut nothing is known, so nothing is shown.</summary>
    public static Fitting Merge(Fitting found, IEnumerable<StoredResource> others, int count)
    {
        var isCut = found.Found > found.Kept.Count;
        var end = isCut && found.Kept.Count > 0 ? found.Kept[^1].Sid : long.MaxValue;
        var all = found.Kept.Concat(others).OrderBy(r => r.Sid).ToList();
        var kept = all.TakeWhile(r => r.Sid <= end).Take(count).ToList();
        return new(kept, isCut || all.Count > kept.Count ? Math.Max(kept.Count + 1, Math.Min(all.Count, count)) : kept.Count);
    }

    /// <summary>The first rows of a statement, as far as they fit, and how many it has: bodies that do not fit are not unpacked.</summary>
    public async ValueTask<(List<T> Kept, int Found)> QueryAsync<T>(
        IReadSession session, SqlStatement statement, Func<IRow, T> read, Func<T, StoredResource?> resource, CancellationToken ct)
    {
        var kept = new List<T>();
        var found = await session.QueryAsync(statement, row =>
        {
            if (IsSpent)
                return false;
            var next = read(row);
            if (resource(next) is { } body)
                Take(body);
            kept.Add(next);
            return true;
        }, ct);
        return (kept, found.Count);
    }
}
