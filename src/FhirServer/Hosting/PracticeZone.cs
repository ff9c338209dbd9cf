using FhirEmr.FhirServer.Hosting.Cli;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Commit;
using FhirEmr.FhirServer.Storage.Query;

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
        var (store, zone) = (services.GetRequiredService<IResourceStore>(), services.GetRequiredService<TimeZoneInfo>());
        string? known;
        await using (var session = await store.SnapshotAsync(SystemPlans.Settings, ct))
            known = (await session.QueryAsync(new($"SELECT s.Value FROM Setting s WHERE s.Name = {store.Dialect.Argument(1)}", [Name]), r => r.Text(0), ct)).FirstOrDefault();
        if (known is null)
        {
            // Before zones were kept, every index was written in UTC.
            known = (await store.ChangesAsync(-1, 1, SystemPlans.Settings, ct)).Count == 0 ? zone.Id : TimeZoneInfo.Utc.Id;
            await RememberAsync(store, known);
        }

        if (known != zone.Id)
            Changed(services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(PracticeZone)), zone.Id, known);
    }

    /// <summary>The index is right for this zone now.</summary>
    public static Task RememberAsync(IServiceProvider services) =>
        RememberAsync(services.GetRequiredService<IResourceStore>(), services.GetRequiredService<TimeZoneInfo>().Id);

    private static async Task RememberAsync(IResourceStore store, string id)
    {
        var plan = new CommitPlan();
        plan.Statements.AddRange(SettingSql.Save(Name, id));
        await store.CommitAsync(plan, CancellationToken.None);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Server:TimeZone is {Zone}, but the dates in the index were written in {Known}: searches by date miss what lies near midnight, "
        + "and updates leave old rows behind. Set it back, or run fhir-emr doctor --data --repair, which indexes them anew.")]
    private static partial void Changed(ILogger log, string zone, string known);
}
