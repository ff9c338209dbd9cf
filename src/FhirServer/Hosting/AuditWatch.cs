using System.Globalization;
using FhirEmr.FhirServer.Security.Audit;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Commit;
using FhirEmr.FhirServer.Storage.Query;

namespace FhirEmr.FhirServer.Hosting;

/// <summary>Counts refusals that have no row of their own into one, each minute; and verifies the whole audit once a day, on one of the nodes (security.md S-53).</summary>
internal sealed partial class AuditWatch(AuditLog audit, AuditVerifier verifier, RefusalCap cap, IResourceStore store, TimeProvider clock, ILogger<AuditWatch> log)
    : Watch(Every, clock, log)
{
    private const string SettingName = "AuditVerified";
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Day = TimeSpan.FromHours(24);

    protected override async Task TurnAsync(CancellationToken ct)
    {
        if (!audit.IsEnabled)
            return;
        foreach (var (address, count) in cap.Over())
            await audit.RecordAsync(RefusalCap.Aggregate(address, count));
        if (await IsDueAsync())
            await VerifyAsync(ct);
    }

    /// <summary>Runs the verification and leaves a row about it.</summary>
    public async Task VerifyAsync(CancellationToken ct)
    {
        var verdict = await verifier.RunAsync(null, null, ct);
        await audit.RecordAsync(new()
        {
            Type = "110101",
            Subtype = "audit-verify",
            Action = 'E',
            Outcome = verdict.Count == 0 ? 0 : 8,
            Results = (int)Math.Min(verdict.Checked, int.MaxValue),
            Text = verdict.Count == 0 ? "The daily verification found the audit as it was written." : string.Create(CultureInfo.InvariantCulture, $"The daily verification has {verdict.Count} findings."),
        });
        if (verdict.Count > 0)
            Tampered(log, verdict.Count, verdict.Findings[0].Text);
    }

    /// <summary>Of several nodes the one that sets the day's instant has the work.</summary>
    private async Task<bool> IsDueAsync()
    {
        var now = Clock.GetUtcNow();
        await using var session = await store.SnapshotAsync(Security.Access.SystemPlans.Audit, CancellationToken.None);
        var known = await session.QueryAsync(new($"SELECT s.Value FROM Setting s WHERE s.Name = '{SettingName}'", []), r => r.Text(0), CancellationToken.None);
        var text = now.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);
        var plan = new CommitPlan();
        if (known is [var last])
        {
            if (long.TryParse(last, CultureInfo.InvariantCulture, out var then) && now - DateTimeOffset.FromUnixTimeMilliseconds(then) < Day)
                return false;
            plan.Statements.Add(new(dialect => new(
                $"UPDATE Setting SET Value = {dialect.Argument(1)} WHERE Name = '{SettingName}' AND Value = {dialect.Argument(2)}", [text, last]), "Another node verifies."));
        }
        else
        {
            plan.Statements.Add(PlanStatement.Of(SettingSql.Insert(store.Dialect, SettingName, text), "Another node verifies."));
        }

        return await store.CommitAsync(plan, CancellationToken.None) is CommitResult.Committed && known.Count > 0; // on its first day there is little to verify
    }

    [LoggerMessage(Level = LogLevel.Critical, Message = "The audit is not as it was written: {Count} findings, the first: {First}")]
    private static partial void Tampered(ILogger log, long count, string first);
}
