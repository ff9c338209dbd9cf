using FhirEmr.FhirServer.Resources;

namespace FhirEmr.FhirServer.Search.Concepts;

/// <summary>Value sets → the codes in them, for <c>:in</c> and <c>:not-in</c> (valueset.html#compositions).</summary>
/// <remarks>
/// Stored ValueSet resources by their compose, or by their expansion where the compose cannot be worked out here; and the implicit ones
/// <c>[system]?fhir_vs</c> and <c>[system]?fhir_vs=isa/[code]</c>. "All codes of a system" stays a statement about the system, never a list.
/// </remarks>
internal sealed class ValueSets(Hierarchies hierarchies, IDefinitions definitions)
{
    private const int MaxDepth = 8; // value sets that import value sets
    private const string Implicit = "?fhir_vs";

    public ValueTask<ConceptAnswer> ExpandAsync(string canonical, CancellationToken ct) => ExpandAsync(canonical, 0, ct);

    private async ValueTask<ConceptAnswer> ExpandAsync(string canonical, int depth, CancellationToken ct)
    {
        if (depth > MaxDepth)
            return TooCostly($"Value sets import each other more than {MaxDepth} deep, or in a circle, at {canonical}.");
        if (canonical.IndexOf(Implicit, StringComparison.Ordinal) is > 0 and var mark)
            return await ImplicitAsync(canonical[..mark], canonical[(mark + Implicit.Length)..], ct);
        if (await definitions.FindAsync("ValueSet", canonical, ct) is not { } valueSet)
            return new ConceptAnswer.Unknown("not-found", $"The value set {canonical} is not known here: store it as a ValueSet first.");

        var answer = valueSet.Child("compose") is { Exists: true } compose ? await ComposeAsync(compose, depth, ct) : null;
        if (answer is not ConceptAnswer.Found && valueSet.Child("expansion") is { Exists: true } expansion)
            answer = Expansion(expansion);
        return answer switch
        {
            null => new ConceptAnswer.Unknown("not-supported", $"The value set {canonical} has neither compose nor expansion, so nothing says what is in it."),
            ConceptAnswer.Found { Set.Count: > Hierarchies.MaxCodes } found =>
                TooCostly($"The value set {canonical} has {found.Set.Count} codes, more than the {Hierarchies.MaxCodes} a search takes."),
            _ => answer,
        };
    }

    private async ValueTask<ConceptAnswer> ImplicitAsync(string system, string rest, CancellationToken ct)
    {
        if (rest.StartsWith("=isa/", StringComparison.Ordinal))
            return await hierarchies.AroundAsync(system, rest["=isa/".Length..], above: false, withSelf: true, ct);
        if (rest.Length > 0)
            return new ConceptAnswer.Unknown("not-supported", $"Of implicit value sets '[system]?fhir_vs' and '[system]?fhir_vs=isa/[code]' are known, not '{Implicit}{rest}'.");
        var all = new ConceptSet();
        all.Add(system, SystemCodes.All);
        return new ConceptAnswer.Found(all);
    }

    private async ValueTask<ConceptAnswer> ComposeAsync(FhirNode compose, int depth, CancellationToken ct)
    {
        var set = new ConceptSet();
        foreach (var excludes in (bool[])[false, true])
            foreach (var part in compose.Children)
            {
                if (!part.HasValue || FhirNames.Name(part.NameId) != (excludes ? "exclude" : "include"))
                    continue;
                var answer = await PartAsync(part, depth, ct);
                if (answer is not ConceptAnswer.Found found)
                    return answer;
                if (excludes)
                    set.Remove(found.Set);
                else
                    set.Add(found.Set);
            }

        return new ConceptAnswer.Found(set);
    }

    /// <summary>An include or exclude: its system's codes, within every value set it names.</summary>
    private async ValueTask<ConceptAnswer> PartAsync(FhirNode part, int depth, CancellationToken ct)
    {
        ConceptSet? set = null;
        if (part.TextOf("system") is { } system)
        {
            var (codes, fault) = await CodesAsync(part, system, ct);
            if (fault is not null)
                return fault;
            set = new ConceptSet();
            set.Add(system, codes!);
        }

        foreach (var import in part.Children)
        {
            if (!import.HasValue || FhirNames.Name(import.NameId) != "valueSet")
                continue;
            var answer = await ExpandAsync(import.Text, depth + 1, ct);
            if (answer is not ConceptAnswer.Found found)
                return answer;
            set = set is null ? found.Set : set.And(found.Set);
        }

        return new ConceptAnswer.Found(set ?? new ConceptSet());
    }

    private async ValueTask<(SystemCodes? Codes, ConceptAnswer? Fault)> CodesAsync(FhirNode part, string system, CancellationToken ct)
    {
        var listed = new List<string>();
        SystemCodes? filtered = null;
        foreach (var child in part.Children)
        {
            if (!child.HasValue)
                continue;
            switch (FhirNames.Name(child.NameId))
            {
                case "concept" when child.TextOf("code") is { } code:
                    listed.Add(code);
                    break;
                case "filter":
                    var (codes, fault) = await new ConceptFilter(hierarchies, system).ApplyAsync(
                        child.TextOf("property") ?? "", child.TextOf("op") ?? "", child.TextOf("value") ?? "", ct);
                    if (fault is not null)
                        return (null, fault);
                    filtered = filtered is null ? codes : filtered.And(codes!);
                    break;
            }
        }

        return (listed.Count > 0 ? SystemCodes.Of(listed) : filtered ?? SystemCodes.All, null);
    }

    private static ConceptAnswer.Found Expansion(FhirNode expansion)
    {
        var set = new ConceptSet();
        Collect(expansion);
        return new(set);

        void Collect(FhirNode parent)
        {
            foreach (var contains in parent.Children)
            {
                if (!contains.HasValue || FhirNames.Name(contains.NameId) != "contains")
                    continue;
                if (contains.TextOf("abstract") != "true" && contains.TextOf("system") is { } system && contains.TextOf("code") is { } code)
                    set.Add(system, SystemCodes.Of([code]));
                Collect(contains);
            }
        }
    }

    private static ConceptAnswer.Unknown TooCostly(string text) => new("too-costly", text);
}
