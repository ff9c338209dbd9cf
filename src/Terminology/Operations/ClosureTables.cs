using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using FhirEmr.Terminology.CodeSystems;
using FhirEmr.Terminology.ValueSets;

namespace FhirEmr.Terminology.Operations;

/// <summary><c>$closure</c> (terminology-service.html#closure): tables of clients that grow concept by concept; each answer has the new relations only.</summary>
/// <remarks>
/// A table is a file beside the editions, so that every node and every restart knows it. Each concept keeps the number of the answer it came with:
/// asked with a version, everything since is told again.
/// </remarks>
public sealed class ClosureTables
{
    private const int MaxConcepts = 20_000;
    private readonly SystemCatalog catalog;
    private readonly string? folder;
    private readonly Dictionary<string, ClosureState> inMemory = new(StringComparer.Ordinal);
    private readonly Lock gate = new();

    internal ClosureTables(SystemCatalog catalog, string? folder) => (this.catalog, this.folder) = (catalog, folder is null ? null : Path.Combine(folder, "closures"));

    /// <summary>Begins a table anew (neither concepts nor version), adds concepts, or tells again what came after a version.</summary>
    public (ClosureAnswer? Answer, Refusal? Refusal) Run(string name, IReadOnlyList<GivenCoding> concepts, string? since, DateOnly on)
    {
        if (concepts.FirstOrDefault(c => c.System is null) is { Code: not null } homeless)
            return (null, new("invalid", $"The concept {homeless.Code} names no system."));
        lock (gate)
        {
            if (since is not null)
                return Replay(name, since, on);
            if (concepts.Count == 0)
            {
                Write(name, new([], 0));
                return (new("0", []), null);
            }

            if (Read(name) is not { } state)
                return (null, new("not-found", $"There is no closure table '{name}': begin it with $closure and its name alone."));
            if (state.Concepts.Count + concepts.Count > MaxConcepts)
                return (null, new("too-costly", $"The closure table '{name}' has {state.Concepts.Count} concepts, and {MaxConcepts} is the most."));
            var (added, fault) = New(state, concepts, on);
            if (fault is not null)
                return (null, fault);
            var next = new ClosureState([.. state.Concepts, .. added!], state.Version + 1);
            Write(name, next);
            return (new(Text(next.Version), Relations(next.Concepts, state.Concepts.Count, on)), null);
        }
    }

    private (ClosureAnswer?, Refusal?) Replay(string name, string since, DateOnly on)
    {
        if (!int.TryParse(since, NumberStyles.None, CultureInfo.InvariantCulture, out var version))
            return (null, new("value", $"'{since}' is no version of a closure table: they are numbers."));
        if (Read(name) is not { } state)
            return (null, new("not-found", $"There is no closure table '{name}'."));
        var first = state.Concepts.FindIndex(c => c.Version > version);
        return (new(Text(state.Version), first < 0 ? [] : Relations(state.Concepts, first, on)), null);
    }

    private (List<ClosureConcept>?, Refusal?) New(ClosureState state, IReadOnlyList<GivenCoding> concepts, DateOnly on)
    {
        var have = state.Concepts.Select(c => (c.System, c.Code)).ToHashSet();
        var added = new List<ClosureConcept>();
        foreach (var coding in concepts)
        {
            var (system, _, fault) = SystemChoice.Of(catalog, coding.System!, coding.Version, on);
            if (system is not CodeSystemContent content)
                return (null, new(system is null ? "not-found" : "not-supported", fault ?? $"The codes of {coding.System} have no hierarchy."));
            if (content.FindAnyDay(coding.Code) is not (>= 0 and var row))
                return (null, new("not-found", CodeHistory.WhyNot(catalog, content, coding.Code, on)));
            if (have.Add((coding.System!, content.Code(row))))
                added.Add(new(coding.System!, content.Code(row), state.Version + 1));
        }

        return (added, null);
    }

    /// <summary>How the concepts from a place on stand to all before them and to each other; the narrower one is the source.</summary>
    private List<ClosureRelation> Relations(List<ClosureConcept> concepts, int first, DateOnly on)
    {
        var placed = concepts.Select(c => (Concept: c, Content: SystemChoice.Of(catalog, c.System, null, on).System as CodeSystemContent))
            .Select(c => (c.Concept, c.Content, Row: c.Content?.FindAnyDay(c.Concept.Code) ?? CodeSystemContent.None)).ToArray();
        var relations = new List<ClosureRelation>();
        for (var i = first; i < placed.Length; i++)
        {
            for (var j = 0; j < i; j++)
            {
                var (a, b) = (placed[i], placed[j]);
                if (a.Row < 0 || b.Row < 0 || !ReferenceEquals(a.Content, b.Content))
                    continue;
                if (a.Content!.IsBelow(a.Row, b.Row))
                    relations.Add(new(a.Concept.System, a.Concept.Code, b.Concept.Code));
                else if (a.Content.IsBelow(b.Row, a.Row))
                    relations.Add(new(a.Concept.System, b.Concept.Code, a.Concept.Code));
            }
        }

        return relations;
    }

    private string PathOf(string name) => Path.Combine(folder!, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)))[..32] + ".json");

    private ClosureState? Read(string name)
    {
        if (folder is null)
            return inMemory.GetValueOrDefault(name);
        return File.Exists(PathOf(name)) ? JsonSerializer.Deserialize<ClosureState>(File.ReadAllBytes(PathOf(name))) : null;
    }

    private void Write(string name, ClosureState state)
    {
        if (folder is null)
        {
            inMemory[name] = state;
            return;
        }

        Directory.CreateDirectory(folder);
        var temporary = PathOf(name) + ".tmp";
        File.WriteAllBytes(temporary, JsonSerializer.SerializeToUtf8Bytes(state));
        File.Move(temporary, PathOf(name), overwrite: true);
    }

    private static string Text(int version) => version.ToString(CultureInfo.InvariantCulture);

    private sealed record ClosureState(List<ClosureConcept> Concepts, int Version);

    private sealed record ClosureConcept(string System, string Code, int Version);
}

/// <summary>New relations of a closure table and the version they make.</summary>
public sealed record ClosureAnswer(string Version, IReadOnlyList<ClosureRelation> Relations);

/// <summary>The first code is a kind of the second.</summary>
public sealed record ClosureRelation(string System, string Narrower, string Wider);
