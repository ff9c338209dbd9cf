using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Kpis;
using FhirEmr.BillingBridge.Kpis.Cube;
using FhirEmr.BillingBridge.Scrubbing;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage;
using FhirEmr.Terminology;
using Hl7.Fhir.Model;
using Hl7.Fhir.Serialization;
using Microsoft.Extensions.Options;

namespace FhirEmr.FhirServer.Billing.Kpis;

/// <summary>Keeps the figures up with the records: follows the change feed in commit order, files what each version says, and counts the claims it touches anew.</summary>
/// <remarks>
/// Parts and position are written together before the cube changes, so a crash loses nothing and counts nothing twice. What a version said that another
/// said before is filed under the same key: reading the feed twice changes nothing.
/// </remarks>
internal sealed partial class KpiKeeper(IResourceStore records, TerminologyService terminology, KpiTables tables, KpiReader reader, IOptions<StorageOptions> options, ILogger<KpiKeeper> log) : IDisposable
{
    private const int ChangesAtOnce = 1_000;

    private readonly SemaphoreSlim turn = new(1, 1);
    private readonly Dictionary<string, (string Class, string? Id)> payers = new(StringComparer.Ordinal);
    private KpiStore? store;
    private long position;
    private int editions = -1;

    public KpiCube Cube { get; } = new();

    /// <summary>Counts what was committed since the last time. False when the time was up before the end of the feed.</summary>
    public async Task<bool> CatchUpAsync(TimeSpan patience, CancellationToken ct)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(patience);
        try
        {
            await turn.WaitAsync(limit.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return false; // another turn is at work, on much
        }

        try
        {
            await OpenAsync(ct);
            while (!limit.IsCancellationRequested)
                if (!await NextAsync(ct))
                    return true;
            return false;
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>Forgets all figures and begins to read the records again.</summary>
    public async Task ResetAsync(CancellationToken ct)
    {
        await turn.WaitAsync(ct);
        try
        {
            await OpenAsync(ct);
            Forget();
        }
        finally
        {
            turn.Release();
        }
    }

    public void Dispose()
    {
        store?.Dispose();
        Cube.Dispose();
        turn.Dispose();
    }

    private async Task OpenAsync(CancellationToken ct)
    {
        if (store is null)
        {
            var opened = KpiStore.Open(options.Value.DataFolder);
            (position, var about) = opened.Position;
            // Other records than those the file tells of, as after a restore: the feed does not have that change at that place.
            try
            {
                if (position > 0 && ((await records.ChangesAsync(position - 1, 1, SystemPlans.Billing, ct)) is not [var last] || last.Sequence != position || About(last) != about))
                {
                    OtherRecords(log);
                    opened.Clear();
                    position = 0;
                }
            }
            catch
            {
                opened.Dispose();
                throw;
            }

            store = opened;
            Load();
        }
        else if (editions != terminology.Editions.Count)
        {
            Load(); // a fee schedule came: the work of all lines is looked up again
        }
    }

    private void Forget()
    {
        store!.Clear();
        position = 0;
        Cube.Change(Cube.Clear);
    }

    private void Load()
    {
        editions = terminology.Editions.Count;
        Cube.Change(() =>
        {
            foreach (var (_, body) in store!.All(KpiStore.Kind.Encounter))
                Cube.Put(PartsCodec.ReadEncounter(body));
            foreach (var (id, body) in store.All(KpiStore.Kind.Claim))
                Cube.Put(id, PartsCodec.ReadClaim(body), tables);
            foreach (var (_, body) in store.All(KpiStore.Kind.Visit))
                Cube.Put(PartsCodec.ReadVisit(body));
            foreach (var (patient, body) in store.All(KpiStore.Kind.Eligibility))
                Cube.PutEligibility(patient, PartsCodec.ReadEligibility(body).Values);
        });
    }

    private async Task<bool> NextAsync(CancellationToken ct)
    {
        var changes = await records.ChangesAsync(position, ChangesAtOnce, SystemPlans.Billing, ct);
        if (changes.Count == 0)
            return false;
        payers.Clear();
        var batch = new KpiBatch(store!);
        foreach (var change in changes)
            if (KpiReader.Types.Contains(change.Key.Type))
                await FileAsync(change, batch, ct);

        store!.Write(batch.Written(), changes[^1].Sequence, About(changes[^1]));
        position = changes[^1].Sequence;
        (var known, editions) = (editions, -1); // should counting fail, all is counted again at the next turn
        Cube.Change(() => batch.Count(Cube, tables));
        editions = known;
        return true;
    }

    private async Task FileAsync(Change change, KpiBatch batch, CancellationToken ct)
    {
        var stored = await records.ReadVersionAsync(change.Key, change.Version, SystemPlans.Billing, ct);
        var record = await ReadAsync(stored, ct);
        // What an earlier version was filed under, unless this one is filed there, too.
        if (change.Version > 1 && (record is null || change.Key.Type is not ("Claim" or "Encounter" or "Appointment")))
        {
            var before = await ReadAsync(await records.ReadVersionAsync(change.Key, change.Version - 1, SystemPlans.Billing, ct), ct);
            if (before is not null)
                batch.Remove(before, change.Key.Type, change.Key.Id);
        }

        if (record is not null)
            batch.File(record);
    }

    private async Task<KpiRecord?> ReadAsync(StoredResource? stored, CancellationToken ct)
    {
        if (stored is null or { IsDeleted: true })
            return null;
        try
        {
            var resource = FhirFormats.Parse(stored.Json.Span);
            if (resource is not Claim claim)
                return reader.Read(resource, "");
            var payer = await PayerAsync(claim, ct);
            return reader.Read(claim, payer.Class, payer.Id);
        }
        catch (Exception e) when (e is DeserializationFailedException or FormatException or OverflowException or ArgumentException)
        {
            // One resource with content no reader understands must not keep all figures from going on.
            Unreadable(log, e, $"{stored.Key}/_history/{stored.Version}");
            return null;
        }
    }

    private async Task<(string Class, string? Id)> PayerAsync(Claim claim, CancellationToken ct)
    {
        if (claim.Insurance.Find(i => i.Focal == true)?.Coverage?.Reference is not { Length: > 0 } reference)
            return ("self", null);
        if (payers.TryGetValue(reference, out var known))
            return known;
        var coverage = await FindAsync(reference, ct) as Coverage;
        var payor = await FindAsync(coverage?.Payor.FirstOrDefault()?.Reference, ct) as Organization;
        return payers[reference] = (PayerClass.Of(PayerDirectory.FamilyOf(coverage, payor)), payor.PayerId());
    }

    private async Task<Resource?> FindAsync(string? reference, CancellationToken ct) =>
        reference is not null && ResourceKey.TryParseRelative(reference, out var key, out _) && await records.ReadAsync(key, SystemPlans.Billing, ct) is { IsDeleted: false } stored
            ? FhirFormats.Parse(stored.Json.Span)
            : null;

    private static string About(Change change) => $"{change.Key}/{change.Version}";

    [LoggerMessage(Level = LogLevel.Warning, Message = "The KPIs were counted from other records than these (a restore?); they are counted again from the beginning")]
    private static partial void OtherRecords(ILogger log);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Version} could not be read and counts for nothing in the KPIs")]
    private static partial void Unreadable(ILogger log, Exception e, string version);
}
