using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage.Answers;
using FhirEmr.FhirServer.Storage.Jobs;
using FhirEmr.FhirServer.Storage.Query;

namespace FhirEmr.FhirServer.Storage;

internal abstract partial class ResourceStore
{
    public async Task<KeptAnswer?> AnswerAsync(string client, string name, CancellationToken ct)
    {
        await using var session = await ReadAsync(manyStatements: false, ct);
        var rows = await session.QueryAsync(AnswerSql.Find(Dialect, client, name),
            r => new KeptAnswer(client, name, r.Text(0), (int)r.Int64(1), r.Int64(2), r.Blob(3).ToArray()), ct);
        return rows is [var found] ? found : null;
    }

    public async Task<IReadOnlyList<MetaInUse>> MetaInUseAsync(IReadOnlyList<string> types, AccessPlan access, CancellationToken ct)
    {
        long[] Numbers(string code) => [.. types.Select(t => (long)Symbols.ParameterNumber(t, code))];
        var reach = new AccessSql(Dialect, access, Interaction.Search);
        types = access.IsEverything ? types : [.. types.Where(t => access.CanSearch(t) && !access.Withheld(t, Interaction.Search).Contains("meta"))];
        await using var session = await ReadAsync(manyStatements: true, ct);
        var used = new List<MetaInUse>();
        foreach (var (element, code) in ((string Element, string Code)[])[("security", "_security"), ("tag", "_tag")])
            used.AddRange(await session.QueryAsync(MetaSql.Labels(Dialect, Numbers(code), reach, types), r => new MetaInUse(element, r.IsNull(1) ? null : r.Text(1), r.Text(0)), ct));
        used.AddRange(await session.QueryAsync(MetaSql.Profiles(Dialect, Numbers("_profile"), reach, types), r => new MetaInUse("profile", null, r.Text(0)), ct));
        return [.. used.OrderBy(u => u.Element, StringComparer.Ordinal).ThenBy(u => u.System, StringComparer.Ordinal).ThenBy(u => u.Value, StringComparer.Ordinal)];
    }

    public async Task<JobRow?> JobAsync(string id, string client, CancellationToken ct)
    {
        await using var session = await ReadAsync(manyStatements: false, ct);
        var rows = await session.QueryAsync(JobSql.Find(Dialect, id, client),
            r => new JobRow(r.Text(0), r.Text(1), r.Text(2), r.Text(3), r.Int64(4), r.Int64(5), r.Text(6), r.Blob(7).ToArray()), ct);
        return rows is [var found] ? found : null;
    }

    public async Task<(byte[] Request, string Client)?> JobRequestAsync(string id, CancellationToken ct)
    {
        await using var session = await ReadAsync(manyStatements: false, ct);
        var rows = await session.QueryAsync(JobSql.Request(Dialect, id), r => (r.Blob(0).ToArray(), r.Text(1)), ct);
        return rows is [var found] ? found : null;
    }

    public async Task<IReadOnlyList<string>> DueJobsAsync(string kind, long now, int limit, CancellationToken ct)
    {
        await using var session = await ReadAsync(manyStatements: false, ct);
        return await session.QueryAsync(JobSql.Due(Dialect, kind, now, limit), r => r.Text(0), ct);
    }

    public async Task<IReadOnlyList<(string Id, string Client, string Progress)>> OverJobsAsync(string kind, long before, int limit, CancellationToken ct)
    {
        await using var session = await ReadAsync(manyStatements: false, ct);
        return await session.QueryAsync(JobSql.Over(Dialect, kind, before, limit), r => (r.Text(0), r.Text(1), r.Text(2)), ct);
    }

    public async Task<(JobRow Job, long LeaseUntil)?> AnyJobAsync(string id, CancellationToken ct) =>
        await JobsAsync(JobSql.One(Dialect, id), ct) is [var found] ? found : null;

    public async Task<IReadOnlyList<(JobRow Job, long LeaseUntil)>> NewestJobsAsync(string besides, int limit, CancellationToken ct) =>
        await JobsAsync(JobSql.Newest(Dialect, besides, limit), ct);

    private async Task<IReadOnlyList<(JobRow Job, long LeaseUntil)>> JobsAsync(SqlStatement statement, CancellationToken ct)
    {
        await using var session = await ReadAsync(manyStatements: false, ct);
        return await session.QueryAsync(statement, r => (new JobRow(r.Text(0), r.Text(1), r.Text(2), r.Text(3), r.Int64(4), r.Int64(5), r.Text(6), []), r.Int64(7)), ct);
    }

    public async Task<int> UnfinishedJobsAsync(string kind, string client, CancellationToken ct)
    {
        await using var session = await ReadAsync(manyStatements: false, ct);
        return (int)(await session.QueryAsync(JobSql.Unfinished(Dialect, kind, client), r => r.Int64(0), ct))[0];
    }
}
