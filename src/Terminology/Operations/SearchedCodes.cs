using FhirEmr.Terminology.CodeSystems;
using FhirEmr.Terminology.ValueSets;

namespace FhirEmr.Terminology.Operations;

/// <summary>Which codes a search means by a value set or by a place in a hierarchy.</summary>
public sealed class SearchedCodes
{
    private readonly ValueSetEngine engine;
    private readonly SystemCatalog catalog;

    internal SearchedCodes(SystemCatalog catalog) => (this.catalog, engine) = (catalog, new(catalog));

    /// <summary>The codes of a value set by system; at most <paramref name="max"/> are listed in all.</summary>
    public (IReadOnlyDictionary<string, SystemCodes>? Codes, Refusal? Refusal) In(string valueSet, DateOnly on, int max)
    {
        var set = engine.Find(valueSet);
        if (set.Unresolved is { } why)
            return (null, new(set.IsMissing ? "not-found" : set.IsCircular ? "too-costly" : "not-supported", why));
        var codes = new Dictionary<string, SystemCodes>(StringComparer.Ordinal);
        foreach (var (system, test) in set.Parts)
        {
            if (test.Codes(set.Definition?.LockedDate ?? on, max, out var fault) is not { } found)
                return (null, new("not-supported", fault!));
            codes[system] = found;
        }

        return codes.Values.Sum(c => c.Codes.Count) > max
            ? (null, new("too-costly", $"The value set {valueSet} has more than the {max} codes a search takes."))
            : (codes, null);
    }

    /// <summary>A code and all below it, or above it.</summary>
    public (IReadOnlyDictionary<string, SystemCodes>? Codes, Refusal? Refusal) Around(string system, string code, bool above, DateOnly on, int max)
    {
        if (catalog.FindOrAny(system, null, on) is not CodeSystemContent { Count: > 0 } content)
            return (null, new("not-supported", $"Nothing here knows the hierarchy of {system}: store it as a CodeSystem with nested concepts, or load it with 'fhir-emr terminology import'."));
        if (content.Find(code, on) is not (>= 0 and var row))
            return (null, new("not-found", $"The code system {system} has no code '{code}'{(content.IsDated ? $" on {on:O}" : "")}."));
        var codes = new HashSet<string>(StringComparer.Ordinal) { content.Code(row) };
        var open = new Stack<int>([row]);
        while (open.TryPop(out var current) && codes.Count <= max)
        {
            foreach (var next in above ? content.Parents(current) : content.Children(current, on))
            {
                if (codes.Add(content.Code(next)))
                    open.Push(next);
            }
        }

        return codes.Count > max
            ? (null, new("too-costly", $"There are more than {max} codes {(above ? "above" : "below")} {code}, the most a search takes: choose a narrower code."))
            : (new Dictionary<string, SystemCodes>(StringComparer.Ordinal) { [system] = SystemCodes.Of(codes) }, null);
    }
}
