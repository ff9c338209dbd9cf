using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Audit;

namespace FhirEmr.FhirServer.Security.Audit;

/// <summary>Reads the audit: one row, or those that match, newest first.</summary>
internal sealed class AuditArchive(AuditLog log, IResourceStore store)
{
    /// <summary>Rows of a value counted to compare it with others as the one to start from.</summary>
    private const int Compared = 2_000;

    public async Task<AuditRecord?> ReadAsync(long number)
    {
        var rows = await log.QueryAsync(AuditSql.Rows(store.Dialect, [number]), AuditRow.Read);
        if (rows.Count == 0)
        {
            await log.SealAsync();
            rows = await log.QueryAsync(AuditSql.Rows(store.Dialect, [number]), AuditRow.Read);
        }

        return rows is [var row] ? AuditCodec.Read(row.Body) : null;
    }

    /// <summary>What was stored until now is found: it is filed first.</summary>
    public async Task<List<AuditFound>> SearchAsync(AuditQuery query, int count)
    {
        await log.SealAsync();
        var range = new AuditRange(query.From, query.Until, query.IsAscending);
        var (driver, others) = await DriverAsync(query, range);
        var pages = driver is null
            ? [AuditSearchSql.Page(store.Dialect, range, null, others, count)]
            : driver.Values.Distinct().Select(v => AuditSearchSql.Page(store.Dialect, range, (driver.Kind, v), others, count)).ToList();
        var found = new SortedDictionary<long, AuditRow>();
        foreach (var page in pages)
            foreach (var row in await log.QueryAsync(page, AuditRow.Read))
                found[row.Number] = row;
        return [.. (query.IsAscending ? found.Values : found.Values.Reverse()).Take(count)
            .Select(r => new AuditFound(r.Number, AuditCodec.Read(r.Body) ?? new() { Type = "rest", Subtype = "unreadable", Action = 'E', Outcome = 8, Text = "The row was changed by somebody and cannot be read." }))];
    }

    public async Task<long> CountAsync(AuditQuery query)
    {
        await log.SealAsync();
        var range = new AuditRange(query.From, query.Until, query.IsAscending);
        var (driver, others) = await DriverAsync(query, range);
        return (await log.QueryAsync(AuditSearchSql.Count(store.Dialect, range, driver is null ? null : (driver.Kind, driver.Values), others), r => r.Int64(0)))[0];
    }

    /// <summary>The filter with the fewest rows leads; nothing is counted when there is only one.</summary>
    private async Task<(AuditFilter? Driver, IReadOnlyList<(short, IReadOnlyList<long>)> Others)> DriverAsync(AuditQuery query, AuditRange range)
    {
        var driver = query.Filters.Count == 1 ? query.Filters[0] : null;
        var least = long.MaxValue;
        if (query.Filters.Count > 1)
            foreach (var filter in query.Filters)
            {
                var rows = 0L;
                foreach (var value in filter.Values)
                    rows += (await log.QueryAsync(AuditSearchSql.Some(store.Dialect, range, filter.Kind, value, Compared), r => r.Int64(0)))[0];
                if (rows < least)
                    (driver, least) = (filter, rows);
            }

        return (driver, [.. query.Filters.Where(f => f != driver).Select(f => (f.Kind, f.Values))]);
    }
}
