using System.Collections.Concurrent;
using System.Diagnostics;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Audit;
using FhirEmr.FhirServer.Storage.Commit;

namespace FhirEmr.FhirServer.Security.Audit;

/// <summary>The chain this process writes: one nobody else writes at the same time (security.md S-53, reliability.md R-53).</summary>
/// <remarks>
/// A lease in the database says so, renewed with each seal. A process that died leaves its chain to whoever comes when the lease is over. A store
/// that has one process at a time needs no lease.
/// </remarks>
internal sealed class AuditNode
{
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(1);

    private static readonly string Machine = Environment.MachineName.Replace('/', '-');
    private static readonly ConcurrentBag<string> Mine = [];

    private readonly IResourceStore store;
    private readonly TimeProvider clock;
    private readonly string owner;
    private readonly bool isFile;

    private AuditNode(IResourceStore store, TimeProvider clock, int number, string owner, bool isFile) =>
        (this.store, this.clock, Number, this.owner, this.isFile) = (store, clock, number, owner, isFile);

    public int Number { get; }

    public static async Task<AuditNode> ClaimAsync(IResourceStore store, TimeProvider clock)
    {
        var isFile = store.Dialect == Storage.Query.SqlDialect.Sqlite; // its lock file lets one process in
        var owner = $"{Machine}/{Environment.ProcessId}/{Guid.NewGuid():N}";
        Mine.Add(owner);
        for (var attempt = 0; attempt < 100; attempt++)
        {
            var now = clock.GetUtcNow().ToUnixTimeMilliseconds();
            var until = now + (long)Lease.TotalMilliseconds;
            var nodes = await ReadAsync(store);
            var plan = new CommitPlan();
            var free = nodes.Find(n => isFile || n.LeaseUntil < now || IsGone(n.Owner));
            var number = free?.Node ?? nodes.Select(n => n.Node).DefaultIfEmpty(0).Max() + 1;
            if (number >= AuditNumbers.MostNodes)
                throw new StorageRefusedException($"The audit has chains for {AuditNumbers.MostNodes - 1} processes, and all are in use.");
            if (free is null)
                plan.Records.Add(AuditSql.NewNode(number, owner, until, Environment.MachineName));
            else if (!isFile)
                plan.Statements.Add(AuditSql.Claim(number, free.Owner, owner, until));
            if (await store.CommitAsync(plan, CancellationToken.None) is CommitResult.Committed)
                return new(store, clock, number, owner, isFile);
        }

        throw new StorageUnavailableException("No chain of the audit could be had: others kept taking them.");
    }

    /// <summary>Chains that nobody writes now.</summary>
    public async Task<IReadOnlyList<int>> LeftAsync()
    {
        var now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        return isFile ? [] : [.. (await ReadAsync(store)).Where(n => n.Node != Number && (n.LeaseUntil < now || IsGone(n.Owner))).Select(n => n.Node)];
    }

    /// <summary>Makes the commit fail unless the chain is still, or can be made, this process's.</summary>
    /// <remarks>Of two that take over a chain that was left, the ordinal of the next seal lets one through.</remarks>
    public void Guard(CommitPlan plan, int node)
    {
        if (!isFile && node == Number)
            plan.Statements.Add(AuditSql.Renew(node, owner, clock.GetUtcNow().ToUnixTimeMilliseconds() + (long)Lease.TotalMilliseconds));
    }

    /// <summary>False when another process has the chain by now.</summary>
    public async Task<bool> RenewAsync()
    {
        var plan = new CommitPlan();
        Guard(plan, Number);
        return plan.Statements.Count == 0 || await store.CommitAsync(plan, CancellationToken.None) is CommitResult.Committed;
    }

    public async Task ReleaseAsync()
    {
        if (isFile)
            return;
        var plan = new CommitPlan();
        plan.Statements.Add(AuditSql.Renew(Number, owner, 0) with { MustChange = null });
        await store.CommitAsync(plan, CancellationToken.None);
    }

    private static async Task<List<Held>> ReadAsync(IResourceStore store)
    {
        await using var session = await store.SnapshotAsync(Access.SystemPlans.Audit, CancellationToken.None);
        return await session.QueryAsync(AuditSql.Nodes, r => new Held((int)r.Int64(0), r.Int64(1), r.Text(2)), CancellationToken.None);
    }

    /// <summary>A process of this machine that is no more: nobody has to wait for its lease.</summary>
    private static bool IsGone(string owner)
    {
        if (owner.Split('/') is not [var machine, var id, _] || machine != Machine || !int.TryParse(id, out var process))
            return false;
        if (process == Environment.ProcessId)
            return !Mine.Contains(owner);
        try
        {
            using var known = Process.GetProcessById(process);
            return known.HasExited;
        }
        catch (ArgumentException)
        {
            return true;
        }
    }

    private sealed record Held(int Node, long LeaseUntil, string Owner);
}
