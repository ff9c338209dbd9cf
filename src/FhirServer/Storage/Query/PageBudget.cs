using FhirEmr.FhirServer.Resources;

namespace FhirEmr.FhirServer.Storage.Query;

/// <summary>How many bytes of bodies one page takes into memory: the body that reaches it is the page's last, and the next page begins behind that.</summary>
/// <remarks>Reliability R-42: a page of a thousand of the largest resources would be more than the machine has. One body always fits.</remarks>
internal sealed class PageBudget(long bytes)
{
    private long left = bytes;

    public bool IsSpent => left <= 0;

    public void Take(StoredResource resource) => left -= resource.Json.Length;

    /// <summary>The first rows of a statement, as far as they fit, and how many it has: bodies that do not fit are not unpacked.</summary>
    public async ValueTask<(List<T> Kept, int Found)> QueryAsync<T>(
        IReadSession session, SqlStatement statement, Func<IRow, T> read, Func<T, StoredResource> resource, CancellationToken ct)
    {
        var kept = new List<T>();
        var found = await session.QueryAsync(statement, row =>
        {
            if (IsSpent)
                return false;
            var next = read(row);
            Take(resource(next));
            kept.Add(next);
            return true;
        }, ct);
        return (kept, found.Count);
    }
}
