using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using FhirEmr.BillingBridge.Ports;
using Hl7.Fhir.Model;
using Hl7.Fhir.Serialization;

namespace FhirEmr.BillingBridge.Tests.Fakes;

/// <summary>A FHIR store in memory: versions, transactions all or nothing with ifNoneExist, ifMatch and urn:uuid, and the searches billing uses.</summary>
/// <remarks>What billing commits passes through JSON and the SDK's validating parser, so what no server would take is refused here too.</remarks>
internal sealed class InMemoryFhirRecords : IFhirRecords
{
    private static readonly JsonSerializerOptions Json = new JsonSerializerOptions().ForFhir(ModelInfo.ModelInspector);

    private ImmutableSortedDictionary<string, Resource> _store = ImmutableSortedDictionary<string, Resource>.Empty.WithComparers(StringComparer.Ordinal);
    private int _ids;
    private int _writes;

    /// <summary>Called before each commit; may change the store, as another worker would, or throw, as a crash would.</summary>
    public Action? BeforeCommit { get; set; }

    /// <summary>Called after each commit is durable; may throw, as a crash before the answer would.</summary>
    public Action? AfterCommit { get; set; }

    public int Commits { get; private set; }

    /// <summary>Searches asked so far.</summary>
    public int Searches { get; private set; }

    /// <summary>Everything stored, as JSON: equal texts mean nothing changed.</summary>
    public string Snapshot => string.Join('\n', _store.Select(p => $"{p.Key} {JsonSerializer.Serialize(p.Value, Json)}"));

    public void Put(params ReadOnlySpan<Resource> resources)
    {
        foreach (var resource in resources)
        {
            var copy = (Resource)resource.DeepCopy();
            var version = _store.TryGetValue(Key(copy), out var old) ? int.Parse(old.Meta!.VersionId!, CultureInfo.InvariantCulture) + 1 : 1;
            copy.Meta = new Meta { VersionId = version.ToString(CultureInfo.InvariantCulture), LastUpdated = DateTimeOffset.UnixEpoch.AddSeconds(++_writes) };
            _store = _store.SetItem(Key(copy), copy);
        }
    }

    public IEnumerable<T> All<T>()
        where T : Resource => Of(TypeName<T>()).Select(r => (T)r.DeepCopy());

    public T Get<T>(string id)
        where T : Resource => (T)_store[$"{TypeName<T>()}/{id}"].DeepCopy();

    public async Task<EncounterChart?> ReadChartAsync(string encounterId, CancellationToken ct)
    {
        if (await ReadAsync<Encounter>(encounterId, ct) is not { } encounter
            || await ReadAsync<Patient>(encounter.Subject?.Reference?["Patient/".Length..] ?? "", ct) is not { } patient)
            return null;
        return new EncounterChart(encounter, patient,
            [.. _store.Values.Where(r => r is not (Encounter or Patient or Provenance or FhirTask or ChargeItemDefinition)).Select(r => (Resource)r.DeepCopy())]);
    }

    public Task<T?> ReadAsync<T>(string id, CancellationToken ct)
        where T : Resource => Task.FromResult((T?)_store.GetValueOrDefault($"{TypeName<T>()}/{id}")?.DeepCopy());

    public async IAsyncEnumerable<T> SearchAsync<T>(string query, [EnumeratorCancellation] CancellationToken ct)
        where T : Resource
    {
        await Task.Yield();
        Searches++;
        foreach (var match in Of(TypeName<T>()).Where(r => FakeSearch.Matches(r, query)).Select(r => (T)r.DeepCopy()).ToList())
            yield return match;
    }

    public Task<CommitOutcome> CommitAsync(Bundle transaction, CancellationToken ct)
    {
        BeforeCommit?.Invoke();
        var before = _store;
        try
        {
            var response = Apply(transaction);
            Commits++;
            AfterCommit?.Invoke();
            return Task.FromResult<CommitOutcome>(new CommitOutcome.Committed(response));
        }
        catch (VersionConflictException conflict)
        {
            _store = before;
            return Task.FromResult<CommitOutcome>(new CommitOutcome.Conflict(OperationOutcome.ForMessage(conflict.Message, OperationOutcome.IssueType.Conflict)));
        }
        catch (DeserializationFailedException invalid)
        {
            _store = before;
            throw new InvalidOperationException("Billing wrote a resource that is not valid R4.", invalid);
        }
    }

    private Bundle Apply(Bundle transaction)
    {
        var locations = new Dictionary<string, string>();
        var found = new HashSet<Bundle.EntryComponent>();
        foreach (var entry in transaction.Entry)
        {
            var location = entry.Request!.Url!;
            if (entry.Request.Method == Bundle.HTTPVerb.POST)
            {
                var existing = entry.Request.IfNoneExist is { } query ? Of(location).Where(r => FakeSearch.Matches(r, query)).Select(Key).ToList() : [];
                if (existing.Count > 1)
                    throw new VersionConflictException($"{entry.Request.IfNoneExist} finds {existing.Count} resources.");
                if (existing.Count == 1)
                    found.Add(entry);
                location = existing.FirstOrDefault() ?? $"{location}/{++_ids}";
            }

            if (!locations.TryAdd(entry.FullUrl!, location))
                throw new InvalidOperationException($"The fullUrl {entry.FullUrl} is used by more than one entry."); // no server takes that
        }

        var response = new Bundle { Type = Bundle.BundleType.TransactionResponse };
        foreach (var entry in transaction.Entry)
        {
            var location = locations[entry.FullUrl!];
            var status = _store.ContainsKey(location) ? "200 OK" : "201 Created";
            if (!found.Contains(entry))
                Write(entry, location, locations);
            response.Entry.Add(new Bundle.EntryComponent
            {
                Response = new Bundle.ResponseComponent { Status = status, Location = $"{location}/_history/{_store[location].Meta!.VersionId}" },
            });
        }

        return response;
    }

    private void Write(Bundle.EntryComponent entry, string location, Dictionary<string, string> locations)
    {
        if (entry.Request!.IfMatch is { } expected)
        {
            var current = _store.TryGetValue(location, out var stored) ? $"W/\"{stored.Meta!.VersionId}\"" : "none";
            if (current != expected)
                throw new VersionConflictException($"{location} is {current}, not {expected}.");
        }

        var json = JsonSerializer.Serialize(entry.Resource, Json);
        foreach (var (url, target) in locations)
            json = json.Replace($"\"{url}\"", $"\"{target}\"", StringComparison.Ordinal);
        if (json.Contains("urn:uuid:", StringComparison.Ordinal))
            throw new InvalidOperationException($"{location} names a urn:uuid that is not in the transaction.");
        var resource = JsonSerializer.Deserialize<Resource>(json, Json)!;
        resource.Id = location.Split('/')[1];
        Put(resource);
    }

    private IEnumerable<Resource> Of(string type) => _store.Values.Where(r => r.TypeName == type);

    private static string TypeName<T>() => ModelInfo.GetFhirTypeNameForType(typeof(T))!;

    private static string Key(Resource resource) => $"{resource.TypeName}/{resource.Id}";

    private sealed class VersionConflictException(string message) : Exception(message);
}
