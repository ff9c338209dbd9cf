using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Commit;
using FhirEmr.FhirServer.Storage.Query;

namespace FhirEmr.FhirServer.Security.Audit;

/// <summary>Only a database that began without an audit, for a benchmark or a demo, may go on without: nobody can switch off the audit of a practice.</summary>
internal static class AuditSwitch
{
    private const string Name = "AuditOff";

    public static async Task AllowOffAsync(IResourceStore store, TimeProvider clock)
    {
        await using var session = await store.SnapshotAsync(Access.SystemPlans.Audit, CancellationToken.None);
        if ((await session.QueryAsync(new("SELECT s.Value FROM Setting s WHERE s.Name = 'AuditOff'", []), r => r.Text(0), CancellationToken.None)).Count > 0)
            return;
        var top = store.Dialect.Top("1");
        var limit = store.Dialect.Limit("1");
        var isUsed = (await session.QueryAsync(new($"SELECT {top}r.Sid FROM Resource r{limit}", []), r => r.Int64(0), CancellationToken.None)).Count > 0
            || (await session.QueryAsync(new($"SELECT {top}a.Number FROM Audit a{limit}", []), r => r.Int64(0), CancellationToken.None)).Count > 0;
        if (isUsed)
            throw new StorageRefusedException("Audit:Enabled=false is for benchmarks and demos that begin with an empty store: this one has records, and who uses them is audited. Leave the setting out.");

        var plan = new CommitPlan();
        plan.Statements.Add(PlanStatement.Of(SettingSql.Insert(store.Dialect, Name, Resources.FhirInstant.Format(clock.GetUtcNow()))));
        await store.CommitAsync(plan, CancellationToken.None);
    }
}
