using System.Diagnostics;
using FhirEmr.Conformance.Tests.Hosting;
using FhirEmr.FhirServer.Security.Audit;
using FhirEmr.FhirServer.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace FhirEmr.Conformance.Tests.Security.Audit;

/// <summary>Figures, not verdicts: rows written, verified and found in an audit of many rows. Run with <c>-explicit only</c>; <c>AUDIT_ROWS</c> says how many (200,000).</summary>
[Trait("Requirement", "S-53"), Trait("Requirement", "S-54")]
public abstract class AuditSpeedTests(ServerFixture fixture) : OnServer(fixture)
{
    private static readonly int Rows = int.TryParse(Environment.GetEnvironmentVariable("AUDIT_ROWS"), out var rows) ? rows : 200_000;

    [Fact(Explicit = true)]
    public async Task Writes_verifies_and_finds_many_rows()
    {
        var audit = Server.Services.GetRequiredService<AuditLog>();
        var random = new Random(1);
        await audit.ReadyAsync();
        var begun = Stopwatch.GetTimestamp();
        for (var done = 0; done < Rows; done += 1000)
            await audit.WriteAsync([.. Enumerable.Range(0, 1000).Select(_ => audit.Enter(Record(random)))]);
        await audit.SealAsync();
        await audit.FileAsync(isAll: true);
        Say($"written and sealed: {Rows / Stopwatch.GetElapsedTime(begun).TotalSeconds:F0} rows/s");
        var folder = Server.Services.GetRequiredService<IOptions<StorageOptions>>().Value.DataFolder;
        if (Directory.Exists(folder))
            Say($"{Directory.EnumerateFiles(folder, "*.db*").Sum(f => new FileInfo(f).Length) / (double)Rows:F0} bytes a record, everything else in the database and its log included");

        begun = Stopwatch.GetTimestamp();
        var verdict = await Server.Services.GetRequiredService<AuditVerifier>().RunAsync(null, null, TestContext.Current.CancellationToken);
        Say($"verified: {verdict.Checked / Stopwatch.GetElapsedTime(begun).TotalSeconds:F0} rows/s");
        Assert.Equal(0, verdict.Count);
        foreach (var query in (string[])["patient=p77", "agent=Practitioner/u7", "action=D", "outcome=8", "entity=Observation/o777", "patient=p78&action=R", "agent=Practitioner/u8&outcome=4", "date=2026", ""])
        {
            var took = new List<double>();
            Reply page;
            do
            {
                begun = Stopwatch.GetTimestamp();
                page = await Server.GetAsync($"AuditEvent?{query}&_count=50".Replace("?&", "?", StringComparison.Ordinal));
                took.Add(Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
                Assert.True(page.Status == 200, page.Body);
            }
            while (took.Count < 11);
            Say($"{query,-34} {page.Entries.Count,3} rows: the first time {took[0]:F1} ms, then {took.Skip(1).Order().ElementAt(5):F1} (median), at most {took.Skip(1).Max():F1}");
        }
    }

    private static AuditRecord Record(Random random)
    {
        var (user, patient) = (random.Next(200), random.Next(5_000));
        return new()
        {
            Type = "rest",
            Subtype = "read",
            Action = random.Next(2000) == 0 ? 'D' : random.Next(5) == 0 ? 'C' : 'R',
            Outcome = random.Next(3000) == 0 ? 8 : random.Next(30) == 0 ? 4 : 0,
            Status = 200,
            Agent = new() { UserId = $"account-{user}", FhirUser = $"Practitioner/u{user}", ClientId = "app", TokenId = "0123456789abcdef" },
            Address = "10.0.0.1",
            RequestId = Guid.NewGuid().ToString("N"),
            Entity = $"Observation/o{random.Next(100_000)}",
            Version = 1,
            Patients = [$"p{patient}"],
        };
    }

    private static void Say(FormattableString text) => TestContext.Current.TestOutputHelper?.WriteLine(FormattableString.Invariant(text));
}

public sealed class SqliteAuditSpeedTests(SqliteServer server) : AuditSpeedTests(server), IClassFixture<SqliteServer>;

public sealed class PostgresAuditSpeedTests(PostgresServer server) : AuditSpeedTests(server), IClassFixture<PostgresServer>;
