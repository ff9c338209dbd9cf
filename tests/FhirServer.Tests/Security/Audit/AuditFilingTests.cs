using FhirEmr.FhirServer.Security.Audit;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Audit;
using FhirEmr.FhirServer.Storage.Commit;
using FhirEmr.FhirServer.Storage.Query;
using FhirEmr.FhirServer.Storage.Schema.Postgres;
using FhirEmr.FhirServer.Storage.Schema.Sqlite;
using FhirEmr.FhirServer.Storage.Sqlite;
using FhirEmr.FhirServer.Tests.Security.Accounts;
using FhirEmr.FhirServer.Tests.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Npgsql;

namespace FhirEmr.FhirServer.Tests.Security.Audit;

/// <summary>What is filed in segments, and what is not yet, is found as if every record were looked at; and a store that was filed otherwise is filed anew.</summary>
[Trait("Requirement", "S-54")]
public abstract class AuditFilingTests : IAsyncDisposable
{
    private readonly MovableClock clock = new();
    private readonly Random random = new(5);
    private readonly List<AuditItem> all = [];

    protected string Folder { get; } = Directory.CreateTempSubdirectory("fhir-emr-filing-").FullName;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private protected abstract Task<IResourceStore> OpenAsync();

    /// <summary>The schema of before there were segments.</summary>
    protected abstract (DbContext Context, string Migration) Older();

    [Fact]
    public async Task A_search_page_by_page_finds_what_a_look_at_every_record_finds()
    {
        await using var store = await OpenAsync();
        await store.StartAsync(Ct);
        await using var log = Log(store);
        await log.ReadyAsync();
        for (var round = 0; round < 40; round++)
        {
            clock.Pass(TimeSpan.FromMilliseconds(Math.Pow(10, 1 + (random.NextDouble() * 6))));
            await AddAsync(store, log, round == 20 ? 9000 : random.Next(1, 60));
            if (round % 3 == 0)
                await log.FileAsync(isAll: round != 39);
        }

        var archive = new AuditArchive(log, store);
        for (var i = 0; i < 80; i++)
        {
            var (query, matches) = Query(log);
            var wanted = all.Where(a => a.Number >= query.From && a.Number < query.Until && matches(a.Record)).Select(a => a.Number).Order().ToList();
            if (query.IsAscending is false)
                wanted.Reverse();
            Assert.Equal(wanted.Count, await archive.CountAsync(query));
            var size = wanted.Count < 60 ? random.Next(1, 20) : random.Next(200, 1000);
            var (found, page) = (new List<long>(), query);
            while (true)
            {
                var some = await archive.SearchAsync(page, size);
                Assert.All(some, f => Assert.Equal(all.Find(a => a.Number == f.Number).Record.RequestId, f.Record.RequestId));
                found.AddRange(some.Select(f => f.Number));
                if (some.Count < size)
                    break;
                page = query.IsAscending ? page with { From = found[^1] + 1 } : page with { Until = found[^1] };
            }

            Assert.Equal(wanted, found);
        }

        foreach (var item in all.Where((_, i) => i % 97 == 0))
            Assert.Equal(item.Record.RequestId, (await archive.ReadAsync(item.Number))?.RequestId);
        Assert.Null(await archive.ReadAsync(all[^1].Number + 1));
        Assert.Empty((await VerifyAsync(store, log)).Findings);
    }

    [Fact]
    public async Task A_store_of_an_older_version_is_filed_anew_from_its_rows_and_goes_on_where_it_was_interrupted()
    {
        await using (var store = await OpenAsync())
        {
            await store.StartAsync(Ct);
            await using (var log = Log(store))
                await log.ReadyAsync();
            await AddAsBeforeAsync(store, 36_000);
        }

        var (context, migration) = Older();
        await using (context)
            await context.GetService<IMigrator>().MigrateAsync(migration, Ct);

        await using (var store = await OpenAsync())
        {
            await store.StartAsync(Ct);
            await using var log = Log(store);
            await log.ReadyAsync();
            Assert.False(await log.Filer.FileAsync(1, _ => { }, most: 1));
            Assert.InRange(await SegmentsAsync(log, store.Dialect), 8, 11);
        }

        await using (var store = await OpenAsync())
        {
            await store.StartAsync(Ct);
            await using var log = Log(store);
            await log.ReadyAsync();
            await AddAsync(store, log, 50);
            var archive = new AuditArchive(log, store);
            Assert.Equal(all.Count, await archive.CountAsync(AuditQuery.Everything));
            var filter = new AuditFilter(AuditTerms.Entity, [log.HashOf("Patient/p7")]);
            Assert.Equal(all.Count(a => a.Record.Patients.Contains("p7")), await archive.CountAsync(AuditQuery.Everything with { Filters = [filter] }));
            var found = await archive.SearchAsync(AuditQuery.Everything with { Filters = [filter, new(AuditTerms.Action, ['R'])] }, 5);
            Assert.Equal(all.Where(a => a.Record.Patients.Contains("p7") && a.Record.Action == 'R').Select(a => a.Number).OrderDescending().Take(5), found.Select(f => f.Number));
            Assert.NotNull(await archive.ReadAsync(all[123].Number));
            var verdict = await VerifyAsync(store, log);
            Assert.Empty(verdict.Findings);
            Assert.Equal(all.Count, verdict.Checked);
            Assert.InRange(await SegmentsAsync(log, store.Dialect), 9, 100);
        }
    }

    [Fact]
    public async Task A_segment_waits_for_others_but_not_for_long()
    {
        await using var store = await OpenAsync();
        await store.StartAsync(Ct);
        await using var log = Log(store);
        await log.ReadyAsync();
        await AddAsync(store, log, AuditSegment.Most + 1);
        await log.FileAsync();
        Assert.Equal(0, await SegmentsAsync(log, store.Dialect));

        clock.Pass(TimeSpan.FromSeconds(11));
        await log.FileAsync();
        Assert.NotEqual(0, await SegmentsAsync(log, store.Dialect));
        Assert.Empty((await VerifyAsync(store, log)).Findings);
    }

    public async ValueTask DisposeAsync()
    {
        await CleanUpAsync();
        Directory.Delete(Folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    protected virtual Task CleanUpAsync() => Task.CompletedTask;

    private AuditKeyFolder Keys() => new(Folder, clock);

    private AuditLog Log(IResourceStore store) => new(store, Keys(), new(Options.Create(new StorageOptions { DataFolder = Folder }), NullLogger<AuditJournal>.Instance),
        Options.Create(new AuditOptions()), clock, NullLogger<AuditLog>.Instance);

    private Task<AuditVerdict> VerifyAsync(IResourceStore store, AuditLog log) => new AuditVerifier(log, Keys(), store).RunAsync(null, null, Ct);

    private static async Task<int> SegmentsAsync(AuditLog log, SqlDialect dialect) => (await log.QueryAsync(AuditFileSql.Extents(dialect, 0, long.MaxValue, true, 1000), r => r.Int64(0))).Count;

    /// <summary>Some in a commit of their own, as those of a write; some by the journal, as those of reads.</summary>
    private async Task AddAsync(IResourceStore store, AuditLog log, int count)
    {
        AuditRecord[] records = [.. Enumerable.Range(0, count).Select(_ => Record())];
        foreach (var some in records.Chunk(random.Next(1, 400)))
        {
            if (random.Next(2) == 0)
            {
                foreach (var record in some)
                {
                    var entry = log.Enter(record);
                    all.Add(new(entry.Number, record));
                    await log.WriteAsync([entry]);
                }

                continue;
            }

            var entries = log.Enter(some);
            all.AddRange(entries.SelectMany(e => e.Items).Zip(some, (i, r) => new AuditItem(i.Number, r)));
            var plan = new CommitPlan();
            AuditLog.AddTo(plan, entries);
            Assert.IsType<CommitResult.Committed>(await store.CommitAsync(plan, Ct));
            log.Committed(entries);
            if (random.Next(3) == 0)
                clock.Pass(TimeSpan.FromMilliseconds(700));
        }

        await log.SealAsync();
    }

    /// <summary>Rows and seals as they were before rows were packed: a record each.</summary>
    private async Task AddAsBeforeAsync(IResourceStore store, int count)
    {
        var secret = Keys().Newest!;
        var numbers = new AuditNumbers(1, 0, clock);
        var (ordinal, head) = (0L, AuditChain.Start);
        foreach (var some in Enumerable.Range(0, count).Select(_ => new AuditItem(numbers.Next(), Record())).Chunk(300))
        {
            all.AddRange(some);
            var bodies = some.Select(i => AuditCodec.Write(i.Record)).ToArray();
            var macs = some.Zip(bodies, (i, b) => secret.MacOf(i.Number, b)).ToArray();
            var members = some.Select(i => i.Number).ToArray();
            var seal = new SealRow(1, ++ordinal, clock.GetUtcNow().ToUnixTimeMilliseconds(), some[^1].Number + 1, some.Length, secret.Name, AuditChain.Pack(members), []);
            seal = seal with { Head = AuditChain.HeadOf(secret, head, seal, macs) };
            head = seal.Head;
            var plan = new CommitPlan();
            plan.Records.Add(AuditSql.AuditRows(members, [.. members.Select(_ => 1)], bodies, macs));
            plan.Records.Add(AuditSql.SealRow(seal));
            Assert.IsType<CommitResult.Committed>(await store.CommitAsync(plan, Ct));
            clock.Pass(TimeSpan.FromSeconds(90));
        }
    }

    private AuditRecord Record() => new()
    {
        Type = "rest",
        Subtype = random.Next(3) == 0 ? "create" : "read",
        Action = random.Next(200) == 0 ? 'D' : random.Next(3) == 0 ? 'C' : 'R',
        Outcome = random.Next(300) == 0 ? 8 : random.Next(10) == 0 ? 4 : 0,
        Agent = new() { FhirUser = $"Practitioner/u{random.Next(6)}", ClientId = "app" },
        RequestId = Guid.NewGuid().ToString("N"),
        Entity = $"Observation/o{random.Next(2000)}",
        Patients = [.. Enumerable.Range(0, random.Next(3)).Select(_ => $"p{random.Next(40)}").Distinct()],
    };

    private (AuditQuery Query, Func<AuditRecord, bool> Matches) Query(AuditLog log)
    {
        var (filters, matches) = (new List<AuditFilter>(), new List<Func<AuditRecord, bool>>());
        var (user, patient, entity) = (random.Next(8), random.Next(45), random.Next(2000));
        if (random.Next(2) == 0)
            Add(AuditTerms.Entity, [log.HashOf($"Patient/p{patient}"), log.HashOf($"Patient/p{patient + 1}")], r => r.Patients.Contains($"p{patient}") || r.Patients.Contains($"p{patient + 1}"));
        if (random.Next(3) == 0)
            Add(AuditTerms.Agent, [log.HashOf($"Practitioner/u{user}")], r => r.Agent.FhirUser == $"Practitioner/u{user}");
        if (random.Next(3) == 0)
            Add(AuditTerms.Action, random.Next(2) == 0 ? ['D'] : ['C', 'D'], ActionIn);
        if (random.Next(3) == 0)
            Add(AuditTerms.Outcome, [8], r => r.Outcome == 8);
        if (random.Next(8) == 0)
            Add(AuditTerms.Entity, [log.HashOf($"Observation/o{entity}")], r => r.Entity == $"Observation/o{entity}");
        if (random.Next(6) == 0)
            Add(AuditTerms.Type, [log.HashOf("create")], r => r.Subtype == "create");
        var (one, other) = (all[random.Next(all.Count)].Number, all[random.Next(all.Count)].Number);
        var (from, until) = random.Next(2) == 0 ? (0, long.MaxValue) : (Math.Min(one, other), Math.Max(one, other) + random.Next(2));
        return (new(from, until, filters) { IsAscending = random.Next(2) == 0 }, r => matches.TrueForAll(m => m(r)));

        bool ActionIn(AuditRecord r) => filters.Find(f => f.Kind == AuditTerms.Action)!.Values.Contains(r.Action);

        void Add(short kind, long[] values, Func<AuditRecord, bool> matching)
        {
            filters.Add(new(kind, values));
            matches.Add(matching);
        }
    }
}

public sealed class SqliteAuditFilingTests : AuditFilingTests
{
    private protected override Task<IResourceStore> OpenAsync() => Task.FromResult(ResourceStoreFactory.Create(new StorageOptions { DataFolder = Folder }, NullLoggerFactory.Instance));

    protected override (DbContext Context, string Migration) Older() =>
        (SqliteStoreContext.Open($"Data Source={Path.Combine(Folder, SqliteFile.Name)};Pooling=false"), "20261128225001_BinaryCreator");
}

public sealed class PostgresAuditFilingTests(PostgresCluster cluster) : AuditFilingTests
{
    private readonly string database = "t" + Guid.NewGuid().ToString("N");
    private string? server;

    private protected override async Task<IResourceStore> OpenAsync()
    {
        if (server is null)
        {
            (server, var whyNot) = await cluster.StartAsync();
            Assert.SkipWhen(server is null, whyNot ?? "");
            await ExecuteAsync($"CREATE DATABASE {database}");
        }

        return ResourceStoreFactory.Create(new StorageOptions { Provider = StorageOptions.Postgres, ConnectionString = $"{server};Database={database};Maximum Pool Size=20" }, NullLoggerFactory.Instance);
    }

    protected override (DbContext Context, string Migration) Older() => (PostgresStoreContext.Open($"{server};Database={database}"), "20261128225002_BinaryCreator");

    protected override async Task CleanUpAsync()
    {
        if (server is not null)
            await ExecuteAsync($"DROP DATABASE IF EXISTS {database} WITH (FORCE)");
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var connection = new NpgsqlConnection($"{server};Database=postgres;Pooling=false");
        await connection.OpenAsync(CancellationToken.None);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(CancellationToken.None);
    }
}
