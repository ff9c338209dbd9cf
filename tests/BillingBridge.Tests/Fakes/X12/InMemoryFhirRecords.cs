using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Text.Json;
using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Ports;
using Hl7.Fhir.Model;
using Hl7.Fhir.Serialization;

namespace FhirEmr.BillingBridge.Tests.Fakes.X12;

/// <summary>A FHIR store in memory: transactions all or nothing, ifNoneExist, ifMatch, urn:uuid, and the searches billing uses.</summary>
/// <remarks>Every resource passes through JSON and the SDK's validating parser, so what no server would take is refused here too.</remarks>
internal sealed class InMemoryFhirRecords : IFhirRecords
{
    private static readonly JsonSerializerOptions Json = new JsonSerializerOptions().ForFhir(ModelInfo.ModelInspector);

    private ImmutableSortedDictionary<string, string> _store = ImmutableSortedDictionary<string, string>.Empty.WithComparers(StringComparer.Ordinal);
    private int _ids;

    /// <summary>Called before each commit; may change the store, as another worker would, or throw, as a crash would.</summary>
    public Action? BeforeCommit { get; set; }

    /// <summary>Called after each commit is durable; may throw, as a crash before the answer would.</summary>
    public Action? AfterCommit { get; set; }

    public int Commits { get; private set; }

    /// <summary>Everything stored, as JSON: equal texts mean nothing changed.</summary>
    public string Snapshot => string.Join('\n', _store.Select(p => $"{p.Key} {p.Value}"));

    public void Put(Resource resource)
    {
        var version = _store.TryGetValue(Key(resource), out var old) ? int.Parse(Parse(old).Meta!.VersionId!) + 1 : 1;
        var copy = (Resource)resource.DeepCopy();
        copy.Meta = new Meta { VersionId = version.ToString(), LastUpdated = DateTimeOffset.UnixEpoch.AddSeconds(_store.Count) };
        _store = _store.SetItem(Key(copy), JsonSerializer.Serialize(copy, Json));
    }

    public IEnumerable<T> All<T>()
        where T : Resource => _store.Where(p => p.Key.StartsWith(ModelInfo.GetFhirTypeNameForType(typeof(T)) + "/", StringComparison.Ordinal)).Select(p => (T)Parse(p.Value));

    public T Get<T>(string id)
        where T : Resource => (T)Parse(_store[$"{ModelInfo.GetFhirTypeNameForType(typeof(T))}/{id}"]);

    public Task<EncounterChart?> ReadChartAsync(string encounterId, CancellationToken ct) => throw new NotSupportedException("Charts are not needed here.");

    public Task<T?> ReadAsync<T>(string id, CancellationToken ct)
        where T : Resource =>
        Task.FromResult(_store.TryGetValue($"{ModelInfo.GetFhirTypeNameForType(typeof(T))}/{id}", out var json) ? (T?)Parse(json) : null);

    public async IAsyncEnumerable<T> SearchAsync<T>(string query, [EnumeratorCancellation] CancellationToken ct)
        where T : Resource
    {
        await Task.Yield();
        foreach (var match in All<T>().Where(r => Matches(r, query)).ToList())
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
            return Task.FromResult<CommitOutcome>(new CommitOutcome.Conflict(Outcome(conflict.Message)));
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
        var skipped = new HashSet<Bundle.EntryComponent>();
        foreach (var entry in transaction.Entry.Where(e => e.Request!.Method == Bundle.HTTPVerb.POST))
        {
            var type = entry.Resource!.TypeName;
            if (entry.Request!.IfNoneExist is { } query && Existing(type, query) is { } existing)
            {
                locations[entry.FullUrl!] = existing;
                skipped.Add(entry);
                continue;
            }

            locations[entry.FullUrl!] = $"{type}/{++_ids}";
        }

        var response = new Bundle { Type = Bundle.BundleType.TransactionResponse };
        foreach (var entry in transaction.Entry)
        {
            var location = entry.Request!.Method == Bundle.HTTPVerb.POST ? locations[entry.FullUrl!] : entry.Request.Url!;
            if (!skipped.Contains(entry))
                Write(entry, location, locations);
            response.Entry.Add(new Bundle.EntryComponent { Response = new Bundle.ResponseComponent { Status = "200", Location = $"{location}/_history/1" } });
        }

        return response;
    }

    private void Write(Bundle.EntryComponent entry, string location, Dictionary<string, string> locations)
    {
        if (entry.Request!.IfMatch is { } expected)
        {
            var current = _store.TryGetValue(location, out var stored) ? $"W/\"{Parse(stored).Meta!.VersionId}\"" : "none";
            if (current != expected)
                throw new VersionConflictException($"{location} is {current}, not {expected}.");
        }

        var json = JsonSerializer.Serialize(entry.Resource, Json);
        foreach (var (url, target) in locations)
            json = json.Replace($"\"{url}\"", $"\"{target}\"", StringComparison.Ordinal);
        if (json.Contains("urn:uuid:", StringComparison.Ordinal))
            throw new VersionConflictException($"{location} names a urn:uuid that is not in the transaction.");
        var resource = Parse(json);
        resource.Id = location.Split('/')[1];
        Put(resource);
    }

    private string? Existing(string type, string query) =>
        _store.Where(p => p.Key.StartsWith(type + "/", StringComparison.Ordinal)).Where(p => Matches(Parse(p.Value), query)).Select(p => p.Key).FirstOrDefault();

    private static bool Matches(Resource resource, string query) => query.Split('&').All(parameter =>
    {
        var (name, value) = (parameter[..parameter.IndexOf('=', StringComparison.Ordinal)], Uri.UnescapeDataString(parameter[(parameter.IndexOf('=', StringComparison.Ordinal) + 1)..]));
        return name switch
        {
            "identifier" => Identifiers(resource).Any(i => Token(value, i.System, i.Value)),
            "category" => ((DocumentReference)resource).Category.SelectMany(c => c.Coding).Any(c => Token(value, c.System, c.Code)),
            "claim-stage" => ((Claim)resource).GetExtensionValue<Code>(BillingUrls.StageExtension)?.Value == value,
            "patient" => ((Claim)resource).Patient?.Reference == value,
            "practitioner" => ((PractitionerRole)resource).Practitioner?.Reference == value,
            "request" => ((ClaimResponse)resource).Request?.Reference == value,
            "claim" => ((ExplanationOfBenefit)resource).Claim?.Reference == value,
            _ => throw new NotSupportedException($"The fake does not know the search parameter {name}."),
        };
    });

    private static List<Identifier> Identifiers(Resource resource) =>
        resource is IIdentifiable<List<Identifier>> many ? many.Identifier : throw new NotSupportedException($"{resource.TypeName} has no identifiers.");

    private static bool Token(string wanted, string? system, string? value)
    {
        var bar = wanted.IndexOf('|', StringComparison.Ordinal);
        var plain = wanted[(bar + 1)..].Replace(@"\|", "|", StringComparison.Ordinal).Replace(@"\,", ",", StringComparison.Ordinal).Replace(@"\$", "$", StringComparison.Ordinal).Replace(@"\\", @"\", StringComparison.Ordinal);
        return plain == value && (bar < 0 || wanted[..bar] == system);
    }

    private static string Key(Resource resource) => $"{resource.TypeName}/{resource.Id}";

    private static Resource Parse(string json) => JsonSerializer.Deserialize<Resource>(json, Json)!;

    private static OperationOutcome Outcome(string text) =>
        new() { Issue = [new() { Severity = OperationOutcome.IssueSeverity.Error, Code = OperationOutcome.IssueType.Conflict, Diagnostics = text }] };

    private sealed class VersionConflictException(string message) : Exception(message);
}
