using System.Collections.Concurrent;
using System.Text.Json;
using FhirEmr.Terminology.CodeSystems;
using FhirEmr.Terminology.ConceptMaps;
using FhirEmr.Terminology.ConceptMaps.Fhir;
using FhirEmr.Terminology.ValueSets;

namespace FhirEmr.Terminology.Operations;

/// <summary><c>$translate</c> (conceptmap-operation-translate.html): by maps that are stored, come in packages, come with the question, or are our own.</summary>
public sealed class ConceptMapOperations
{
    /// <summary>Where the URLs of our own maps begin; their names follow.</summary>
    public const string OwnMaps = "urn:fhiremr:ConceptMap:";

    private const int MaxHops = 8; // other-map
    private readonly SystemCatalog catalog;
    private readonly ValueSetEngine engine;
    private volatile Known known;

    internal ConceptMapOperations(SystemCatalog catalog, ValueSetEngine engine)
    {
        (this.catalog, this.engine) = (catalog, engine);
        known = new(catalog.Source.Generation);
    }

    public (TranslationAnswer? Answer, Refusal? Refusal) Translate(TranslationRequest request, DateOnly on)
    {
        var (maps, fault) = Maps(request);
        if (maps is null)
            return (null, fault);

        var (matches, missing) = (new List<TranslationMatch>(), new SortedSet<string>(StringComparer.Ordinal));
        foreach (var coding in request.Codings)
        {
            foreach (var map in maps)
                Add(map, coding, request, on, matches, missing, 0);
            if (request is { Inline: null, Reverse: false, Map: null or CodeSystemUrls.SnomedToIcd10Cm } && CodeSystemUrls.Canonical(coding.System ?? CodeSystemUrls.Snomed) == CodeSystemUrls.Snomed)
                matches.AddRange(SnomedMap.Translate(catalog, coding.Code, request, on).Where(m => IsWanted(m.System, m.Code, request, on)));
        }

        // Two maps, or two lines of one, may say the same.
        var ordered = matches.DistinctBy(m => (m.System, m.Code, m.Equivalence, m.Source)).OrderBy(m => Rank(m.Equivalence)).ToArray();
        var result = Array.Exists(ordered, m => m.Code is not null && m.Equivalence is not ("unmatched" or "disjoint"));
        var message = missing.Count > 0 ? $"Some mappings apply only when more is known: give dependency {string.Join(", ", missing)}."
            : result ? null
            : ordered.Length > 0 ? "The map says that there is no counterpart."
            : request.Map is null && request.Inline is null ? "No map known here leads from this code there." : "The map has no line for this code.";
        return (new(result, message, ordered), null);
    }

    private (IReadOnlyList<MapDefinition>? Maps, Refusal? Refusal) Maps(TranslationRequest request)
    {
        if (request.Inline is { } inline)
        {
            try
            {
                return ([MapReader.Read(inline)], null);
            }
            catch (Exception unreadable) when (unreadable is JsonException or FormatException)
            {
                return (null, new("invalid", $"The concept map that came with the question cannot be read: {unreadable.Message}"));
            }
        }

        if (request.Map == CodeSystemUrls.SnomedToIcd10Cm && catalog.Editions.Has(CodeSystemUrls.SnomedToIcd10Cm))
            return ([], null);
        if (request.Map is { } url)
            return Find(url) is { } map ? ([map], null) : (null, new("not-found", $"The concept map {url} is not known here."));
        var all = ConceptMapLibrary.All.Select(r => r.Map).Distinct().Select(name => OwnMaps + name).Concat(catalog.Source.All("ConceptMap")).Distinct().Select(Find).OfType<MapDefinition>();
        return ([.. all.Where(m => Fits(m.Source, request.SourceValueSet) && Fits(m.Target, request.TargetValueSet))], null);

        static bool Fits(string? said, string? wanted) => said is null || wanted is null || said.Split('|')[0] == wanted.Split('|')[0];
    }

    private void Add(MapDefinition map, GivenCoding coding, TranslationRequest request, DateOnly on, List<TranslationMatch> matches, SortedSet<string> missing, int hops)
    {
        var system = coding.System is null ? null : CodeSystemUrls.Canonical(coding.System);
        var lines = (request.Reverse ? map.To(system, coding.Code) : map.From(system, coding.Code)).ToArray();
        foreach (var line in lines)
        {
            var unmet = line.DependsOn.Where(d => !request.Dependencies.Any(given => given.Property == d.Property && given.Value == d.Value && (d.System is null || given.System is null || given.System == d.System))).ToArray();
            if (unmet.Length > 0)
            {
                missing.UnionWith(unmet.Where(d => !request.Dependencies.Any(given => given.Property == d.Property)).Select(d => d.Property));
                continue;
            }

            var (targetSystem, code, display) = request.Reverse ? (line.SourceSystem, line.SourceCode, line.SourceDisplay) : (line.TargetSystem, line.TargetCode, line.TargetDisplay);
            if (IsWanted(targetSystem, code, request, on))
                matches.Add(new(request.Reverse ? Reversed(line.Equivalence) : line.Equivalence, code is null ? null : targetSystem, code,
                    display ?? DisplayOf(targetSystem, code, on), request.Reverse ? [] : line.Products, map.Url, line.Comment));
        }

        if (lines.Length > 0 || request.Reverse)
            return;
        foreach (var rule in map.Unmapped.Where(r => r.SourceSystem is null || system is null || r.SourceSystem == system))
        {
            if (rule.Mode == "other-map" && rule.Url is not null && hops < MaxHops && Find(rule.Url) is { } other)
                Add(other, coding, request, on, matches, missing, hops + 1);
            else if (rule.Mode is "fixed" or "provided" && (rule.Mode == "provided" ? coding.Code : rule.Code) is { } code && IsWanted(rule.TargetSystem, code, request, on))
                matches.Add(new(rule.Mode == "provided" ? "equivalent" : "relatedto", rule.TargetSystem, code, rule.Display ?? DisplayOf(rule.TargetSystem, code, on), [], map.Url, null));
        }
    }

    private bool IsWanted(string? system, string? code, TranslationRequest request, DateOnly on) =>
        (request.TargetSystem is null || system is null || CodeSystemUrls.Canonical(request.TargetSystem) == CodeSystemUrls.Canonical(system))
        && (request.TargetValueSet is null || code is null || engine.Check(request.TargetValueSet, system, code, null, on).Membership != Membership.NotIn);

    private string? DisplayOf(string? system, string? code, DateOnly on) =>
        system is not null && code is not null && SystemChoice.Of(catalog, system, null, on).System is CodeSystemContent content && content.FindAnyDay(code) is >= 0 and var row ? content.Display(row) : null;

    private MapDefinition? Find(string canonical)
    {
        var current = known;
        if (current.Generation != catalog.Source.Generation)
            known = current = new(catalog.Source.Generation);
        if (current.Maps.TryGetValue(canonical, out var map))
            return map;
        if (current.Maps.Count > 10_000) // names come from clients
            current.Maps.Clear();
        return current.Maps.GetOrAdd(canonical, Read(canonical));
    }

    private MapDefinition? Read(string canonical)
    {
        if (canonical.StartsWith(OwnMaps, StringComparison.Ordinal))
            return OwnMap.Of(canonical[OwnMaps.Length..]);
        var (url, version) = canonical.LastIndexOf('|') is > 0 and var bar ? (canonical[..bar], canonical[(bar + 1)..]) : (canonical, null);
        try
        {
            return catalog.Source.Find("ConceptMap", url, version) is { } json ? MapReader.Read(json) : null;
        }
        catch (Exception unreadable) when (unreadable is JsonException or FormatException)
        {
            return null;
        }
    }

    private static string Reversed(string equivalence) => equivalence switch
    {
        "wider" => "narrower",
        "narrower" => "wider",
        "subsumes" => "specializes",
        "specializes" => "subsumes",
        _ => equivalence,
    };

    /// <summary>The closest first.</summary>
    private static int Rank(string equivalence) => equivalence switch
    {
        "equal" => 0,
        "equivalent" => 1,
        "narrower" or "specializes" => 2,
        "wider" or "subsumes" => 3,
        "relatedto" => 4,
        "inexact" => 5,
        "unmatched" => 7,
        "disjoint" => 8,
        _ => 6,
    };

    private sealed class Known(long generation)
    {
        public long Generation => generation;

        public ConcurrentDictionary<string, MapDefinition?> Maps { get; } = new(StringComparer.Ordinal);
    }
}
