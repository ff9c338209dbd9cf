using Hl7.Fhir.FhirPath;
using Hl7.Fhir.Model;
using Hl7.Fhir.Utility;

namespace FhirEmr.Conformance.Tests.Oracle;

/// <summary>A search parameter as R4 defines it.</summary>
internal sealed record OracleParam(string Type, string Code, SearchParamType Kind, string Expression, IReadOnlyList<string> Targets)
{
    /// <summary>For composites: the parameter each part is compared as, and where its value stands.</summary>
    public IReadOnlyList<(OracleParam Param, string Expression)> Components { get; init; } = [];
}

/// <summary>One criterion: a name with modifiers or chain, and its alternatives, each as it will stand in the URL (escaped, not yet percent-encoded).</summary>
internal sealed record Criterion(string Name, IReadOnlyList<string> Values)
{
    /// <summary>What it means, where the name and the values do not say it one by one (<c>_filter</c>, <c>_text</c>).</summary>
    public Func<OracleRecord, DateTimeOffset, bool>? Meaning { get; init; }

    /// <summary>Criteria with less in them that may fail in the same way.</summary>
    public IReadOnlyList<Criterion> Smaller { get; init; } = [];

    public override string ToString() => $"{Name}={string.Join(',', Values)}";

    public string Encoded => $"{Uri.EscapeDataString(Name)}={Uri.EscapeDataString(string.Join(',', Values))}";
}

/// <summary>Answers searches the slow and simple way: look at every resource, ask FHIRPath for its values, compare them as the specification says.</summary>
internal sealed class OracleSearch
{
    private const string Ours = "_lastUpdated"; // answered from what the server said, not from the body

    private static readonly Dictionary<string, Dictionary<string, OracleParam>> Types = [];
    private readonly Dictionary<string, OracleRecord> byKey;
    private readonly ILookup<string, OracleRecord> byType, inside;
    private readonly Lazy<ILookup<OracleRecord, (OracleRecord Source, OracleParam Param)>> pointing;

    public OracleSearch(IEnumerable<OracleRecord> records)
    {
        byKey = records.ToDictionary(r => r.Key);
        byType = byKey.Values.ToLookup(r => r.Type);
        inside = byKey.Values.SelectMany(r => r.Contained).ToLookup(r => r.Type);
        Concepts = new(byKey.Values.Select(r => r.Resource));
        pointing = new(() => byKey.Values.SelectMany(r => Params(r.Type).Values.Where(p => p.Kind == SearchParamType.Reference)
            .SelectMany(p => Targets(r, p).Where(t => byKey.GetValueOrDefault(t.Key) == t).Select(t => (Target: t, Source: r, Param: p)))).ToLookup(x => x.Target, x => (x.Source, x.Param)));
    }

    public OracleConcepts Concepts { get; }

    public IReadOnlyCollection<OracleRecord> Records => byKey.Values;

    public static (string Prefix, string Value) TakePrefix(string text) =>
        text.Length > 2 && char.IsAsciiLetter(text[0]) && char.IsAsciiLetter(text[1]) ? (text[..2], text[2..]) : ("eq", text);

    /// <summary>Parameters of a type: R4's own, and those of every resource.</summary>
    public static IReadOnlyDictionary<string, OracleParam> Params(string type)
    {
        lock (Types)
        {
            if (Types.TryGetValue(type, out var known))
                return known;
            var all = new[]
            {
                new OracleParam(type, "_id", SearchParamType.Token, "Resource.id", []),
                new OracleParam(type, Ours, SearchParamType.Date, "Resource.meta.lastUpdated", []),
                new OracleParam(type, "_tag", SearchParamType.Token, "Resource.meta.tag", []),
                new OracleParam(type, "_profile", SearchParamType.Uri, "Resource.meta.profile", []),
                new OracleParam(type, "_security", SearchParamType.Token, "Resource.meta.security", []),
                new OracleParam(type, "_source", SearchParamType.Uri, "Resource.meta.source", []),
            }.Concat(ModelInfo.SearchParameters.Where(p => p.Resource == type && !string.IsNullOrEmpty(p.Expression)).Select(From));
            return Types[type] = all.ToDictionary(p => p.Code);
        }
    }

    public IEnumerable<OracleRecord> Of(string type) => byType[type];

    /// <summary>Contained resources of a type.</summary>
    public IEnumerable<OracleRecord> Inside(string type) => inside[type];

    /// <summary>What refers to a record, and through which parameter.</summary>
    public IEnumerable<(OracleRecord Source, OracleParam Param)> Pointing(OracleRecord record) => pointing.Value[record];

    public IReadOnlyList<string> Find(string type, IEnumerable<Criterion> criteria, DateTimeOffset now) =>
        [.. byType[type].Where(r => criteria.All(c => Matches(r, c, now))).Select(r => r.Id).Order(StringComparer.Ordinal)];

    public bool Matches(OracleRecord record, Criterion criterion, DateTimeOffset now) => criterion.Meaning?.Invoke(record, now) ?? Matches(record, criterion.Name, criterion.Values, now);

    public bool Matches(OracleRecord record, string name, IReadOnlyList<string> alternatives, DateTimeOffset now)
    {
        if (name.Split(':', 4) is ["_has", var source, var reference, var rest])
        {
            var through = Params(source)[reference];
            return byType[source].Any(r => Targets(r, through).Contains(record) && Matches(r, rest, alternatives, now));
        }

        if (name == "_list")
            return byType["List"].Any(l => alternatives.Contains(l.Id) && Targets(l, Params("List")["item"]).Contains(record));

        var dot = name.IndexOf('.', StringComparison.Ordinal);
        var head = (dot < 0 ? name : name[..dot]).Split(':');
        var (param, modifier) = (Params(record.Type)[head[0]], head.ElementAtOrDefault(1));
        if (dot >= 0)
            return Targets(record, param).Any(t => (modifier is null || t.Type == modifier) && Knows(record, t, name[(dot + 1)..]) && Matches(t, name[(dot + 1)..], alternatives, now));
        return modifier switch
        {
            "missing" => (alternatives[0] == "true") != Values(record, param).Any(v => OracleMatch.IsOf(param.Kind, v.Poco)),
            "not-in" => !alternatives.Any(a => Any(record, param, "in", a, now)),
            "not" => !alternatives.Any(a => Any(record, param, "", a, now)),
            _ => alternatives.Any(a => Any(record, param, modifier ?? "", a, now)),
        };
    }

    public static IReadOnlyList<PocoNode> Values(OracleRecord record, OracleParam param) => record.Values(param.Expression);

    /// <summary>Whether the target can be asked for it: what is contained has no address, was never written by itself, and nothing refers to it.</summary>
    private static bool Knows(OracleRecord from, OracleRecord target, string name) => from.Contained.Contains(target)
        ? name.Split('.', ':')[0] is var code and not ("_id" or "_lastUpdated" or "_has") && Params(target.Type).ContainsKey(code)
        : name.StartsWith("_has:", StringComparison.Ordinal) || Params(target.Type).ContainsKey(name.Split('.', ':')[0]);

    private bool Any(OracleRecord record, OracleParam param, string modifier, string text, DateTimeOffset now)
    {
        if (param.Code == Ours)
            return new OracleDate(record.LastUpdated, record.LastUpdated + 1, 0, 0, true).Matches(TakePrefix(text).Prefix, OracleDate.Parse(TakePrefix(text).Value)!.Value with { HasTime = true }, now);
        if (param.Kind == SearchParamType.Composite)
            return Values(record, param).Any(v => OracleText.Split(text, '$').Zip(param.Components).All(part =>
                record.Evaluate(v, part.Second.Expression).Any(inner => OracleMatch.Table[(part.Second.Param.Kind, "")](part.Second.Param, inner.Poco, part.First, now))));
        if (param.Kind == SearchParamType.Token && modifier is "in" or "below" or "above")
            return Values(record, param).Any(v => Concepts.Means(v.Poco, modifier, text));
        if (param.Kind == SearchParamType.Reference && modifier is "below" or "above")
            return Around(OracleText.Unescape(text), modifier == "above") is var around && Values(record, param).SelectMany(v => OracleMatch.Addresses(v.Poco)).Any(around.Contains);
        return Values(record, param).Any(v => OracleMatch.Table.TryGetValue((param.Kind, modifier), out var matcher)
            ? matcher(param, v.Poco, text, now)
            : OracleMatch.Refers(v.Poco, OracleText.Unescape(text), modifier));
    }

    /// <summary>Resources here, or contained in the record, that a reference parameter points at.</summary>
    public IEnumerable<OracleRecord> Targets(OracleRecord record, OracleParam param) => Values(record, param)
        .SelectMany(v => OracleMatch.Addresses(v.Poco).Select(a => byKey.GetValueOrDefault(a))
            .Append(v.Poco is ResourceReference { Reference: ['#', .. var id] } ? record.Contained.FirstOrDefault(c => c.Id == id) : null))
        .OfType<OracleRecord>().Distinct();

    /// <summary>The parameter by which a type is part of its like (Location.partof); null when it has none.</summary>
    public static OracleParam? PartOf(string type) => new[] { "partof", "part-of" }.Select(c => Params(type).GetValueOrDefault(c)).FirstOrDefault(p => p is { Kind: SearchParamType.Reference } && p.Targets.Contains(type));

    /// <summary>The address and all below it, or above it.</summary>
    private HashSet<string> Around(string address, bool above)
    {
        var (type, found) = (address.Split('/')[0], new HashSet<string> { address });
        var partOf = PartOf(type)!;
        for (var before = 0; before < found.Count;)
        {
            before = found.Count;
            found.UnionWith(above
                ? byType[type].Where(r => found.Contains(r.Key)).SelectMany(r => Targets(r, partOf)).Where(t => t.Type == type && byKey.GetValueOrDefault(t.Key) == t).Select(t => t.Key).ToArray()
                : byType[type].Where(r => Values(r, partOf).SelectMany(v => OracleMatch.Addresses(v.Poco)).Any(found.Contains)).Select(r => r.Key).ToArray());
        }

        return found;
    }

    private static OracleParam From(SearchParamDefinition p) => new(p.Resource!, p.Code ?? p.Name!, p.Type, p.Expression!, [.. (p.Target ?? []).Select(t => t.GetLiteral()!)])
    {
        Components =
        [
            .. (p.Component ?? []).Select(c => ModelInfo.SearchParameters.FirstOrDefault(s => s.Url == c.Definition && s.Resource == p.Resource) is { } part ? (From(part), c.Expression) : default).Where(c => c.Item1 is not null),
        ],
    };
}
