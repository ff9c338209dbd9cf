using FhirEmr.FhirServer.Documents;
using FhirEmr.FhirServer.Interactions.Writing;
using FhirEmr.FhirServer.Operations.Everything;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Search.Query;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Query;

namespace FhirEmr.FhirServer.Operations.Documents;

/// <summary>Reads one patient's record, or resources and what they refer to, as far as the caller may see them.</summary>
internal sealed class RecordReader(IResourceStore store, CompartmentParameters compartments, SearchLimits limits, LocalAddress address)
{
    private const int PageSize = 1000;

    /// <summary>Above this a document would hold more than anybody reads, and the server's memory with it.</summary>
    private const int MaxResources = 20_000;

    /// <summary>Types that statements refer to and that are nobody's own.</summary>
    private static readonly string[] Around = ["Practitioner", "PractitionerRole", "Organization", "Medication", "Location", "Encounter", "Specimen", "RelatedPerson"];

    /// <param name="types">Of which types resources of the patient are wanted.</param>
    public async Task<(PatientRecord? Record, FhirFault? Fault)> ReadAsync(ResourceKey patient, IReadOnlyList<string> types, AccessPlan access, CancellationToken ct)
    {
        string[] wanted = [.. types.Concat(Around).Distinct()];
        var query = new CompartmentQuery(patient)
        {
            Members = compartments.Members("Patient", wanted, access),
            AllMembers = compartments.Members("Patient", [], access),
            AllTypes = compartments.TypesIn("Patient"),
            Types = wanted,
            Count = PageSize,
            MaxBytes = limits.MaxPageBytes,
        };
        var (members, referred) = (new List<RecordResource>(), new List<RecordResource>());
        for (CompartmentPosition? after = CompartmentPosition.Start; after is { } position;)
        {
            var page = await store.CompartmentAsync(query with { After = position }, access, ct);
            if (page.Anchor is not { IsDeleted: false })
                return (null, page.Anchor is null ? FhirFault.NotFound(patient) : FhirFault.Gone(patient));
            members.AddRange(page.Members.Select(Of));
            referred.AddRange(page.Referred.Select(Of));
            if (members.Count + referred.Count > MaxResources)
                return (null, FhirFault.Of(FaultKind.TooCostly, $"The record of {patient} has more than {MaxResources} resources: ask for it with $everything, page by page."));
            after = page.Next;
        }

        if (members.TrueForAll(m => m.Key != patient))
            return (null, FhirFault.NotFound(patient));
        return (new(patient, members, referred, Local), null);
    }

    /// <summary>Resources and, step by step, what they refer to.</summary>
    /// <param name="missing">Those of the first step that are not there, or not for the caller to see.</param>
    /// <returns>Null when there are more than a document may hold.</returns>
    public async Task<IReadOnlyList<RecordResource>?> FollowAsync(IReadOnlyList<ResourceKey> first, RecordResource origin, List<ResourceKey> missing, AccessPlan access, CancellationToken ct)
    {
        var (found, seen) = (new List<RecordResource>(), new HashSet<ResourceKey> { origin.Key });
        var patients = first.Where(k => k.Type == "Patient").ToHashSet();
        var next = first.Where(seen.Add).ToList();
        for (var isFirst = true; next.Count > 0; isFirst = false)
        {
            var step = new List<RecordResource>();
            foreach (var some in next.Chunk(500))
                foreach (var (key, state) in some.Zip(await store.LookUpAsync(some, withBodies: true, access, ct)))
                    if (state.Exists)
                        step.Add(Parsed(key, state.Version, state.Json) with { Local = Local });
                    else if (isFirst)
                        missing.Add(key);
            found.AddRange(step);
            if (found.Count > MaxResources)
                return null;
            next = [.. step.SelectMany(s => s.References()).Where(k => (k.Type != "Patient" || patients.Contains(k)) && seen.Add(k))];
        }

        return found;
    }

    /// <summary>The resource a reference names, when it is one of this server.</summary>
    public ResourceKey? Local(string reference) => address.TryGetKey(reference, out var key) ? key : null;

    /// <summary>As stored, its references followed as the index follows them.</summary>
    public RecordResource Of(StoredResource stored) => Parsed(stored) with { Local = Local };

    public static RecordResource Parsed(StoredResource stored) => Parsed(stored.Key, stored.Version, stored.Json);

    private static RecordResource Parsed(ResourceKey key, int version, ReadOnlyMemory<byte> json) => new(key, version, json, FhirJsonReader.Read(json, out _)?.Root
        ?? throw new InvalidDataException($"The stored body of {key} cannot be read; run the doctor."));
}
