using FhirEmr.FhirServer.Hosting.Cli;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Commit;
using FhirEmr.FhirServer.Storage.Jobs;

namespace FhirEmr.FhirServer.Hosting;

/// <summary>The practice's time zone, in which dates without a time are read (search.html#date); and the one the index was written in.</summary>
internal static partial class PracticeZone
{
    private const string Name = "TimeZone";

    /// <param name="id">IANA id; empty is UTC.</param>
    /// <exception cref="CliException">There is no such time zone.</exception>
    public static TimeZoneInfo Read(string? id)
    {
        if (string.IsNullOrEmpty(id) || id is "UTC" or "Etc/UTC")
            return TimeZoneInfo.Utc;

        // Names of Windows (Eastern Standard Time) would be understood on some machines and not on others.
        if (TimeZoneInfo.TryFindSystemTimeZoneById(id, out var zone) && zone.HasIanaId)
            return zone;
        var near = NearestName.Of(id, TimeZoneInfo.GetSystemTimeZones().Select(z => z.Id));
        throw new CliException($"Server:TimeZone is '{id}', which is no time zone: give an IANA id, as in America/New_York." + (near is null ? "" : $" Did you mean '{near}'?"));
    }

    /// <summary>Remembers the zone a new store begins with; warns when the index was written in another one.</summary>
    public static async Task CompareAsync(IServiceProvider services, CancellationToken ct)
    {
        var (store, zone) = ((ResourceStore)services.GetRequiredService<IResourceStore>(), services.GetRequiredService<TimeZoneInfo>());
        var known = await KnownAsync(store, ct);
        if (known is null)
        {
            // Before zones were kept, every index was written in UTC.
            var isNew = (await store.ChangesAsync(-1, 1, Security.Access.AccessPlan.Everything, ct)).Count == 0;
            var plan = new CommitPlan();
            plan.Also.Add(new(JobSql.InsertSetting(store.Dialect, Name, isNew ? zone.Id : TimeZoneInfo.Utc.Id)));
            await store.CommitAsync(plan, ct);
            known = await KnownAsync(store, ct);
        }

        if (known != zone.Id)
            Changed(services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(PracticeZone)), zone.Id, known);
    }

    private static async Task<string?> KnownAsync(ResourceStore store, CancellationToken ct) =>
        await store.QueryAsync(JobSql.Setting(store.Dialect, Name), r => r.Text(0), ct) is [var id] ? id : null;

    [LoggerMessage(Level = LogLevel.Warning, Message = "Server:TimeZone is {Zone}, but the dates in the index were written in {Known}: searches by date miss what lies near midnight "
        + "and updates leave old rows behind. Set it back, or run the doctor's $reindex.")]
    private static partial void Changed(ILogger log, string zone, string? known);
}
