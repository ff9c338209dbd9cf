using System.Security.Cryptography;
using System.Text;
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

    private readonly Dictionary<(string Type, string Token), List<StoredResource>> found = [];

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
    public string IdOf(params string[] parts)
    {
        var bytes = SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', parts.Prepend(ImportId))))[..16];
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x80); // RFC 9562 version 8: custom
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes, bigEndian: true).ToString();
    }

    /// <summary>The chunk before is committed: what was looked up may be other by now.</summary>
    public void Forget()
    {
        found.Clear();
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
        return (await store.SearchAsync(parsed.Query with { Count = 1000 }, Caller.Access, ct)).Matches;
    }

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
        var key = $"{FileHash}:{line}";
        if (await WithIdentifierAsync("Task", ImportUrls.Row, key, ct) is [var known, ..])
            return new(RowOutcome.Review, $"{why} It waits for a decision already: {known.Key}.", []);
        proposed.Id = "row";
        var task = new FhirTask
        {
            Id = IdOf("review", key),
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
