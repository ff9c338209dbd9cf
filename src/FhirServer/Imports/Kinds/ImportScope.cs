using System.Security.Cryptography;
using System.Text;
using FhirEmr.FhirServer.Operations.Matching;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Search.Query;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Imports.Kinds;

/// <summary>What to do with a row that is in the record already.</summary>
internal enum OnDuplicate
{
    Skip,
    Update,

    /// <summary>A person decides.</summary>
    Task,
}

/// <summary>One run over a table: whose, under which rules, and what it has looked up. Everything is read under the caller's access plan.</summary>
internal sealed class ImportScope(IResourceStore store, SearchParser parser, string importId, string fileHash, OnDuplicate onDuplicate, string identifierSystem, Caller caller, TimeZoneInfo zone, DateTimeOffset now)
{
    private const int ValuesAtOnce = 50;
    private const int PageSize = 1000;

    private readonly Dictionary<(string Type, string Token), List<StoredResource>> found = [];
    private readonly Dictionary<string, IReadOnlyList<string>> mergedInto = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> lines = new(StringComparer.Ordinal);

    public string ImportId { get; } = importId;

    /// <summary>SHA-256 of the source file: the same rows of the same file are known again in another import.</summary>
    public string FileHash { get; } = fileHash;

    public OnDuplicate OnDuplicate { get; } = onDuplicate;

    /// <summary>System of the patients' numbers in the file.</summary>
    public string IdentifierSystem { get; } = identifierSystem;

    public Caller Caller { get; } = caller;

    public TimeZoneInfo Zone { get; } = zone;

    public DateTimeOffset Now { get; } = now;

    public DateOnly Today { get; } = DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(now, zone).DateTime);

    /// <summary>What the rows of this chunk have made beside themselves, by address.</summary>
    public Dictionary<string, PlannedWrite> Shared { get; } = [];

    /// <summary>An id that a second run over the same row chooses again.</summary>
    public string IdOfRow(params string[] parts) => IdOf([ImportId, .. parts]);

    /// <summary>An id that is the same for the same parts, in any import.</summary>
    public static string IdOf(params string[] parts)
    {
        var bytes = SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', parts)))[..16];
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x80); // RFC 9562 version 8: custom
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes, bigEndian: true).ToString();
    }

    /// <summary>The chunk before is committed: what was looked up may be other by now.</summary>
    public void Forget()
    {
        found.Clear();
        mergedInto.Clear();
        Shared.Clear();
    }

    /// <summary>Looks up many identifiers at once.</summary>
    public async Task PrepareAsync(string type, IEnumerable<(string System, string Value)> identifiers, CancellationToken ct)
    {
        foreach (var some in identifiers.Distinct().Where(i => !found.ContainsKey((type, Token(i.System, i.Value)))).Chunk(ValuesAtOnce))
        {
            foreach (var (system, value) in some)
                found[(type, Token(system, value))] = [];
            foreach (var resource in await FindAsync(type, ct, ("identifier", string.Join(',', some.Select(i => Token(i.System, i.Value))))))
                foreach (var (system, value) in IdentifiersOf(resource))
                    if (found.TryGetValue((type, Token(system, value)), out var list) && !list.Exists(r => r.Key == resource.Key))
                        list.Add(resource);
        }
    }

    public async Task<IReadOnlyList<StoredResource>> WithIdentifierAsync(string type, string system, string value, CancellationToken ct)
    {
        await PrepareAsync(type, [(system, value)], ct);
        return found[(type, Token(system, value))];
    }

    /// <summary>All matches of a search that an index answers.</summary>
    public async Task<IReadOnlyList<StoredResource>> FindAsync(string type, CancellationToken ct, params (string Name, string Value)[] terms)
    {
        // What cannot be looked up would be stored a second time.
        if (!Caller.Access.CanSearch(type))
            throw new AccessRefusedException($"To import this you have to be able to search {type}: what is in the record already could not be told.");
        var parse = await parser.ParseAsync(type, [.. terms.Select(t => new KeyValuePair<string, string>(t.Name, t.Value))], SearchHandling.Strict, null, ct);
        if (parse is not SearchParse.Parsed parsed)
            throw new InvalidOperationException($"A search of {type} by {string.Join(", ", terms.Select(t => t.Name))} is refused.");
        var matches = new List<StoredResource>();
        for (var query = parsed.Query with { Count = PageSize }; ;)
        {
            var page = await store.SearchAsync(query, Caller.Access, ct);
            matches.AddRange(page.Matches);
            if (page.Next is null)
                return matches;
            query = query with { After = page.Next };
        }
    }

    /// <summary>The patients themselves in the place of records that were merged away; one whose patient cannot be read stands for itself.</summary>
    public async Task<IReadOnlyList<StoredResource>> PatientsAsync(IEnumerable<StoredResource> found, CancellationToken ct)
    {
        var patients = new List<StoredResource>();
        foreach (var record in found)
        {
            var patient = await PatientCandidates.SurvivorAsync(store, record, Caller.Access, ct) ?? record;
            if (!patients.Exists(p => p.Key == patient.Key))
                patients.Add(patient);
        }

        return patients;
    }

    /// <summary>Ids of the records that a patient replaced, and of those that these had replaced.</summary>
    public async Task<IReadOnlyList<string>> MergedIntoAsync(string patient, CancellationToken ct)
    {
        if (mergedInto.TryGetValue(patient, out var known))
            return known;
        var (merged, into) = (new List<string>(), new List<string> { patient });
        while (into.Count > 0)
        {
            var before = (await FindAsync("Patient", ct, ("link", string.Join(',', into))))
                .Where(p => into.Contains(PatientTraits.Of(p.Json).ReplacedBy!) && p.Key.ToString() != patient && !merged.Contains(p.Key.Id)).ToList();
            merged.AddRange(before.Select(p => p.Key.Id));
            into = before.ConvertAll(p => p.Key.ToString());
        }

        mergedInto[patient] = merged;
        return merged;
    }

    /// <summary>The line that said a thing first; null for that line itself.</summary>
    public int? LineBefore(int line, string thing) => lines.TryAdd(thing, line) || lines[thing] == line ? null : lines[thing];

    internal static bool IsOpen(FhirTask task) => task.Status is not (FhirTask.TaskStatus.Completed or FhirTask.TaskStatus.Cancelled or FhirTask.TaskStatus.Rejected or FhirTask.TaskStatus.Failed or FhirTask.TaskStatus.EnteredInError);

    public static T Parsed<T>(StoredResource stored)
        where T : Resource => FhirFormats.Parse<T>(stored.Json.Span);

    private static string Token(string system, string value) => $"{SearchText.Escape(system)}|{SearchText.Escape(value)}";

    private static IEnumerable<(string System, string Value)> IdentifiersOf(StoredResource stored)
    {
        foreach (var child in FhirJsonReader.Read(stored.Json, out _)!.Root.Children)
            if (FhirNames.Name(child.NameId) == "identifier" && child.Kind == NodeKind.Object && child.TextOf("value") is { } value)
                yield return (child.TextOf("system") ?? "", value);
    }

    /// <summary>Work for a person: the row as it would be stored, beside what it may be the same as.</summary>
    public async Task<RowPlan> ReviewAsync(int line, string why, DomainResource proposed, string? patient, IEnumerable<(string Reference, string? Grade)> candidates, CancellationToken ct)
    {
        var key = $"{FileHash}:{proposed.TypeName}:{line}";
        if ((await WithIdentifierAsync("Task", ImportUrls.Row, key, ct)).FirstOrDefault(t => IsOpen(Parsed<FhirTask>(t))) is { } known)
            return new(RowOutcome.Review, $"{why} It waits for a decision already: {known.Key}.", []);
        proposed.Id = "row";
        var task = new FhirTask
        {
            Id = IdOfRow("review", key),
            Identifier = [new Identifier(ImportUrls.Row, key)],
            PartOf = [new ResourceReference($"Task/{ImportId}")],
            Status = FhirTask.TaskStatus.Requested,
            Intent = FhirTask.TaskIntent.Order,
            Code = new CodeableConcept(ImportUrls.TaskCode, ImportUrls.Review, "Decide what an imported row is"),
            Description = $"Line {line}: {why}",
            For = patient is null ? null : new ResourceReference(patient),
            Focus = new ResourceReference("#row"),
            AuthoredOnElement = new FhirDateTime(Now),
            Contained = [proposed],
        };
        foreach (var (reference, grade) in candidates)
            task.Input.Add(new() { Type = new CodeableConcept { Text = grade is null ? "candidate" : $"candidate, {grade}" }, Value = new ResourceReference(reference) });
        return new(RowOutcome.Review, why, [new PlannedWrite(task, 0)]);
    }
}
