using System.Globalization;
using System.Runtime.CompilerServices;
using FhirEmr.BillingBridge.Ports;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Tests.Fakes;

/// <summary>A FHIR store in memory: versions, transactions with ifNoneExist, ifMatch and urn:uuid, all or nothing.</summary>
/// <remarks>Search knows the few parameters billing asks with and throws on any other, so that a test cannot pass by accident.</remarks>
internal sealed class InMemoryFhirRecords : IFhirRecords
{
    private Dictionary<string, Resource> store = [];
    private int lastId;

    public int Commits { get; private set; }

    /// <summary>Runs inside the next commit, before it is applied: somebody else being faster.</summary>
    public Action? BeforeCommit { get; set; }

    public IEnumerable<T> All<T>()
        where T : Resource => store.Values.OfType<T>();

    public void Put(params ReadOnlySpan<Resource> resources)
    {
        foreach (var resource in resources)
            Store(store, (Resource)resource.DeepCopy());
    }

    /// <summary>Id and version of everything, for comparing two moments.</summary>
    public string Fingerprint() => string.Join(';', store.Order(StringComparer.Ordinal.Keyed()).Select(p => $"{p.Key}@{p.Value.Meta!.VersionId}"));

    public Task<EncounterChart?> ReadChartAsync(string encounterId, CancellationToken ct)
    {
        if (Find<Encounter>(encounterId) is not { } encounter || Find<Patient>(encounter.Subject?.Reference?["Patient/".Length..] ?? "") is not { } patient)
            return Task.FromResult<EncounterChart?>(null);

        var related = store.Values.Where(r => r is not (Encounter or Patient or Provenance or FhirTask or ChargeItemDefinition)).Select(r => (Resource)r.DeepCopy()).ToList();
        return Task.FromResult<EncounterChart?>(new EncounterChart(encounter, patient, related));
    }

    public Task<T?> ReadAsync<T>(string id, CancellationToken ct)
        where T : Resource => Task.FromResult(Find<T>(id));

    public async IAsyncEnumerable<T> SearchAsync<T>(string query, [EnumeratorCancellation] CancellationToken ct)
        where T : Resource
    {
        await Task.CompletedTask;
        foreach (var resource in Search(store, ModelInfo.GetFhirTypeNameForType(typeof(T))!, query))
            yield return (T)resource.DeepCopy();
    }

    public Task<CommitOutcome> CommitAsync(Bundle transaction, CancellationToken ct)
    {
        var before = BeforeCommit;
        BeforeCommit = null;
        before?.Invoke();

        var next = new Dictionary<string, Resource>(store);
        var references = new Dictionary<string, string>();
        var response = new Bundle { Type = Bundle.BundleType.TransactionResponse };
        var writes = new List<(Bundle.EntryComponent Answer, Resource Resource)>();

        foreach (var entry in transaction.Entry)
        {
            var resource = (Resource)entry.Resource!.DeepCopy();
            var answer = new Bundle.EntryComponent { Response = new Bundle.ResponseComponent() };
            response.Entry.Add(answer);
            if (entry.Request!.Method == Bundle.HTTPVerb.POST)
            {
                var existing = entry.Request.IfNoneExist is { Length: > 0 } query ? Search(store, resource.TypeName, query) : [];
                if (existing.Count > 1)
                    return Done(new CommitOutcome.Conflict(Outcome("multiple matches")));
                if (existing.Count == 1)
                {
                    answer.Response.Status = "200 OK";
                    answer.Response.Location = $"{existing[0].TypeName}/{existing[0].Id}/_history/{existing[0].Meta!.VersionId}";
                    references[entry.FullUrl!] = $"{existing[0].TypeName}/{existing[0].Id}";
                    continue;
                }

                resource.Id = (++lastId).ToString(CultureInfo.InvariantCulture);
                answer.Response.Status = "201 Created";
            }
            else
            {
                var current = store.GetValueOrDefault($"{resource.TypeName}/{resource.Id}");
                if (entry.Request.IfMatch is { } match && match != $"W/\"{current?.Meta?.VersionId}\"")
                    return Done(new CommitOutcome.Conflict(Outcome($"{resource.TypeName}/{resource.Id} is not at {match}")));
                answer.Response.Status = current is null ? "201 Created" : "200 OK";
            }

            references[entry.FullUrl!] = $"{resource.TypeName}/{resource.Id}";
            writes.Add((answer, resource));
        }

        foreach (var (answer, resource) in writes)
        {
            foreach (var reference in References(resource).Where(r => r.Reference?.StartsWith("urn:uuid:", StringComparison.Ordinal) == true))
            {
                if (!references.TryGetValue(reference.Reference!, out var target))
                    return Done(new CommitOutcome.Refused(Outcome($"{reference.Reference} is not in the bundle")));
                reference.Reference = target;
            }

            Store(next, resource);
            answer.Response!.Location = $"{resource.TypeName}/{resource.Id}/_history/{resource.Meta!.VersionId}";
        }

        store = next;
        Commits++;
        return Done(new CommitOutcome.Committed(response));

        static Task<CommitOutcome> Done(CommitOutcome outcome) => Task.FromResult(outcome);
    }

    private static void Store(Dictionary<string, Resource> target, Resource resource)
    {
        var key = $"{resource.TypeName}/{resource.Id}";
        var version = target.TryGetValue(key, out var old) ? int.Parse(old.Meta!.VersionId!, CultureInfo.InvariantCulture) + 1 : 1;
        resource.Meta ??= new Meta();
        resource.Meta.VersionId = version.ToString(CultureInfo.InvariantCulture);
        target[key] = resource;
    }

    private T? Find<T>(string id)
        where T : Resource => (T?)store.GetValueOrDefault($"{ModelInfo.GetFhirTypeNameForType(typeof(T))}/{id}")?.DeepCopy();

    private static List<Resource> Search(Dictionary<string, Resource> from, string type, string query)
    {
        var found = from.Values.Where(r => r.TypeName == type);
        foreach (var part in query.Split('&'))
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            var (name, value) = (part[..equals], Uri.UnescapeDataString(part[(equals + 1)..]));
            found = [.. found.Where(r => Matches(r, name, value))];
        }

        return [.. found.OrderBy(r => r.Id, StringComparer.Ordinal)];
    }

    private static bool Matches(Resource resource, string name, string value) => (name, resource) switch
    {
        ("identifier", _) => value.Split(',').Any(v => Identifiers(resource).Any(i => TokenMatches(i.System, i.Value, v))),
        ("patient", Encounter e) => e.Subject?.Reference == value,
        ("patient", Claim c) => c.Patient?.Reference == value,
        ("focus", FhirTask t) => t.Focus?.Reference == value,
        ("code", FhirTask t) => t.Code!.Coding.Exists(c => TokenMatches(c.System, c.Code, value)),
        ("status", Encounter { Status: Encounter.EncounterStatus.Finished }) => value == "finished",
        ("status", ChargeItemDefinition { Status: PublicationStatus.Active }) => value == "active",
        ("status", Encounter or ChargeItemDefinition) => false,
        ("date", Encounter e) => value[..2] == "ge"
            ? string.CompareOrdinal(e.Period!.Start![..10], value[2..]) >= 0
            : string.CompareOrdinal(e.Period!.Start![..10], value[2..]) <= 0,
        _ => throw new NotSupportedException($"{resource.TypeName}?{name}={value}"),
    };

    private static bool TokenMatches(string? system, string? code, string token)
    {
        var bar = token.IndexOf('|', StringComparison.Ordinal);
        return system == token[..bar] && (bar == token.Length - 1 || code == token[(bar + 1)..]);
    }

    private static List<Identifier> Identifiers(Resource resource) => resource switch
    {
        Claim c => c.Identifier,
        ChargeItem c => c.Identifier,
        FhirTask t => t.Identifier,
        ChargeItemDefinition d => d.Identifier,
        _ => throw new NotSupportedException($"{resource.TypeName}?identifier"),
    };

    private static IEnumerable<ResourceReference> References(Base element)
    {
        foreach (var (_, value) in element.EnumerateElements())
        {
            foreach (var child in value is System.Collections.IEnumerable many and not string ? many.OfType<Base>() : value is Base one ? [one] : [])
            {
                if (child is ResourceReference reference)
                    yield return reference;
                foreach (var nested in References(child))
                    yield return nested;
            }
        }
    }

    private static OperationOutcome Outcome(string text) => OperationOutcome.ForMessage(text, OperationOutcome.IssueType.Conflict);
}

internal static class OrdinalKeys
{
    public static IComparer<KeyValuePair<string, Resource>> Keyed(this StringComparer comparer) =>
        Comparer<KeyValuePair<string, Resource>>.Create((a, b) => comparer.Compare(a.Key, b.Key));
}
