using FhirEmr.Terminology;

namespace FhirEmr.FhirServer.Search.Concepts;

/// <summary>Which concept stands below which: from CodeSystem resources kept here, or from the terminology's own tables.</summary>
internal sealed class Hierarchies(ITerminology terminology, IDefinitions definitions, TimeProvider clock)
{
    /// <summary>Most codes one question may come to.</summary>
    public const int MaxCodes = 20_000;

    /// <summary>The concepts of a CodeSystem kept here; null when there is none with any concepts.</summary>
    public async ValueTask<CodeTree?> TreeAsync(string system, CancellationToken ct) =>
        await definitions.FindAsync("CodeSystem", system, ct) is { } stored && CodeTree.Read(stored) is var tree && tree.Codes.Any() ? tree : null;

    /// <summary>The code and all below it, or above it; null when nothing here knows the system.</summary>
    public async ValueTask<ConceptAnswer> AroundAsync(string system, string code, bool above, bool withSelf, CancellationToken ct)
    {
        HashSet<string> codes;
        if (await TreeAsync(system, ct) is { } tree)
        {
            if (!tree.Has(code))
                return new ConceptAnswer.Unknown("not-found", $"The code system {system} has no code '{code}'.");
            codes = above ? tree.Above(code) : tree.Below(code);
        }
        else if (terminology.StateOf(system, Today) != TableState.None)
        {
            if (terminology.Find(system, code, Today) is not { } concept)
                return new ConceptAnswer.Unknown("not-found", $"The loaded edition of {system} has no code '{code}'.");
            codes = above ? Above(concept) : Below(concept);
            code = concept.Code;
        }
        else
        {
            return new ConceptAnswer.Unknown("not-supported",
                $"Nothing here knows the hierarchy of {system}: store it as a CodeSystem with nested concepts, or load it with 'fhir-emr import codes'.");
        }

        if (withSelf)
            codes.Add(code);
        if (codes.Count > MaxCodes)
            return new ConceptAnswer.Unknown("too-costly", $"There are {codes.Count} codes {(above ? "above" : "below")} {code}, more than the {MaxCodes} a search takes: choose a narrower code.");
        var set = new ConceptSet();
        set.Add(system, SystemCodes.Of(codes));
        return new ConceptAnswer.Found(set);
    }

    private DateOnly Today => DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime);

    private HashSet<string> Below(Concept concept)
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        var open = new Stack<string>([concept.Code]);
        while (open.TryPop(out var current) && found.Count <= MaxCodes)
            foreach (var child in terminology.Children(concept.System, current, Today))
                if (found.Add(child.Code))
                    open.Push(child.Code);
        return found;
    }

    private HashSet<string> Above(Concept concept)
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        for (var current = concept; current is not null && current.Properties.TryGetValue("parent", out var parent) && found.Add(parent);)
            current = terminology.Find(concept.System, parent, Today);
        return found;
    }
}
