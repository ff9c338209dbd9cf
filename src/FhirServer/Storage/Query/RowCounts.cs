using System.Collections.Concurrent;
using FhirEmr.FhirServer.Search.Query;

namespace FhirEmr.FhirServer.Storage.Query;

/// <summary>About how many rows a condition has: counted when they are few, estimated when they are many, remembered for some minutes.</summary>
/// <remarks>For choosing a plan and for <c>_total=estimate</c>; never for an answer that must be right.</remarks>
internal sealed class RowCounts(SqlDialect dialect)
{
    private const long LifetimeMs = 5 * 60_000;
    private const int MaxRemembered = 4_000;

    private readonly ConcurrentDictionary<string, (long Count, long Until)> known = new(StringComparer.Ordinal);

    public ValueTask<long> OfTypeAsync(IReadSession session, string type, CancellationToken ct) => RememberAsync(
        type, () => CountAsync(session, CountSql.FirstOfType(dialect, type), CountSql.LastOfType(type), null, ct));

    /// <param name="leaf">A condition that one index table answers.</param>
    public ValueTask<long> OfAsync(IReadSession session, SearchExpression leaf, CancellationToken ct)
    {
        var first = CountSql.First(dialect, leaf);
        return RememberAsync(
            $"{first.Text}|{string.Join('|', first.Arguments.Select(a => a is Array list ? string.Join(',', list.Cast<object>()) : a))}",
            () => CountAsync(session, first, CountSql.Last(dialect, leaf), CountSql.All(dialect, leaf), ct));
    }

    private async ValueTask<long> RememberAsync(string key, Func<Task<long>> count)
    {
        if (known.TryGetValue(key, out var found) && found.Until > Environment.TickCount64)
            return found.Count;
        if (known.Count >= MaxRemembered)
            known.Clear();
        var counted = await count();
        known[key] = (counted, Environment.TickCount64 + LifetimeMs);
        return counted;
    }

    private static async Task<long> CountAsync(IReadSession session, SqlStatement first, SqlStatement? last, SqlStatement? all, CancellationToken ct)
    {
        var (count, from, to) = (await session.QueryAsync(first, r => (r.Int64(0), r.Int64(1), r.Int64(2)), ct))[0];
        if (count < CountSql.Sample)
            return count;
        if (last is not null && to > from)
        {
            var end = (await session.QueryAsync(last, r => r.Int64(0), ct))[0];
            return (long)(count * Math.Max(1.0, ((double)end - from) / ((double)to - from)));
        }

        return all is null ? count : (await session.QueryAsync(all, r => r.Int64(0), ct))[0];
    }
}
