using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Audit;
using FhirEmr.FhirServer.Storage.Query;

namespace FhirEmr.FhirServer.Security.Audit;

/// <summary>Reads the audit: one record, or those that match, newest first.</summary>
internal sealed class AuditArchive(AuditLog log, IResourceStore store)
{
    private const int AtOnce = 64;

    public async Task<AuditRecord?> ReadAsync(long number)
    {
        if (await log.FindAsync(number) is { } found)
            return found;
        await log.SealAsync();
        return await log.FindAsync(number);
    }

    /// <summary>What was stored until now is found: it is sealed first.</summary>
    public async Task<List<AuditFound>> SearchAsync(AuditQuery query, int count)
    {
        var unfiled = await UnfiledAsync();
        await using var session = await log.OpenAsync();
        var search = new AuditSearch(session, store.Dialect, query);
        var hits = await search.FirstAsync(await StillUnfiledAsync(session, unfiled), count);
        var records = new Dictionary<long, AuditRecord>();
        foreach (var some in hits.GroupBy(h => h.Row).Chunk(AtOnce))
        {
            var wanted = some.ToDictionary(g => g.Key, g => g.Select(h => h.Number).ToList());
            foreach (var row in await session.QueryAsync(AuditSql.Rows(store.Dialect, [.. wanted.Keys]), AuditRow.Read, CancellationToken.None))
                foreach (var (number, record) in wanted[row.Number].Zip(AuditPack.Read(row.Number, row.Body, wanted[row.Number])))
                    if (record is not null)
                        records[number] = record;
        }

        return [.. hits.Select(h => new AuditFound(
            h.Number, records.GetValueOrDefault(h.Number) ?? new() { Type = "rest", Subtype = "unreadable", Action = 'E', Outcome = 8, Text = "The row was changed by somebody and cannot be read." }))];
    }

    public async Task<long> CountAsync(AuditQuery query)
    {
        var unfiled = await UnfiledAsync();
        await using var session = await log.OpenAsync();
        return await new AuditSearch(session, store.Dialect, query).CountAsync(await StillUnfiledAsync(session, unfiled));
    }

    private async Task<IReadOnlyList<(int Node, AuditFiling Filing)>> UnfiledAsync()
    {
        await log.SealAsync();
        await log.FileAsync();
        return await log.Filer.UnfiledAsync();
    }

    /// <summary>Some may have been filed between the one look and the other; they are found there.</summary>
    private static async Task<IEnumerable<AuditFiling>> StillUnfiledAsync(IReadSession session, IReadOnlyList<(int Node, AuditFiling Filing)> unfiled)
    {
        var through = (await session.QueryAsync(AuditFileSql.FiledThrough, r => (Node: (int)r.Int64(0), Through: r.Int64(1)), CancellationToken.None)).ToDictionary(f => f.Node, f => f.Through);
        return unfiled.Where(u => u.Filing.Ordinal > through.GetValueOrDefault(u.Node)).Select(u => u.Filing);
    }
}
