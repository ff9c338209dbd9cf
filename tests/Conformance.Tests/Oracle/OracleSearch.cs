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
    public override string ToString() => $"{Name}={string.Join(',', Values)}";

    public string Encoded => $"{Uri.EscapeDataString(Name)}={Uri.EscapeDataString(string.Join(',', Values))}";
}

/// <summary>Answers searches the slow and simple way: look at every resource, ask FHIRPath for its values, compare them as the specification says.</summary>
internal sealed class OracleSearch
{
    private const string Ours = "_lastUpdated"; // answered from what the server said, not from the body

    private static readonly Dictionary<string, Dictionary<string, OracleParam>> Types = [];
    private readonly Dictionary<string, OracleRecord> byKey;
    private readonly ILookup<string, OracleRecord> byType;

    public OracleSearch(IEnumerable<OracleRecord> records)
    {
        byKey = records.ToDictionary(r => r.Key);
        byType = byKey.Values.ToLookup(r => r.Type);
    }

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

    public IReadOnlyList<string> Find(string type, IEnumerable<Criterion> criteria, DateTimeOffset now) =>
        [.. byType[type].Where(r => criteria.All(c => Matches(r, c.Name, c.Values, now))).Select(r => r.Id).Order(StringComparer.Ordinal)];

    public bool Matches(OracleRecord record, string name, IReadOnlyList<string> alternatives, DateTimeOffset now)
    {
        if (name.Split(':', 4) is ["_has", var source, var reference, var rest])
        {
            var pointing = Params(source)[reference];
            return byType[source].Any(r => Targets(r, pointing).Contains(record) && Matches(r, rest, alternatives, now));
        }

        var dot = name.IndexOf('.', StringComparison.Ordinal);
        var head = (dot < 0 ? name : name[..dot]).Split(':');
        var (param, modifier) = (Params(record.Type)[head[0]], head.ElementAtOrDefault(1));
        if (dot >= 0)
            return Targets(record, param).Any(t => (modifier is null || t.Type == modifier) && Knows(t, name[(dot + 1)..]) && Matches(t, name[(dot + 1)..], alternatives, now));
        return modifier switch
        {
            "missing" => (alternatives[0] == "true") != Values(record, param).Any(v => param.Kind == SearchParamType.Composite
                ? param.Components.All(c => record.Evaluate(v, c.Expression).Any(inner => OracleMatch.HasAny(c.Param.Kind, inner.Poco)))
                : OracleMatch.IsOf(param.Kind, v.Poco)),
            "not" => !alternatives.Any(a => Any(record, param, "", a, now)),
            _ => alternatives.Any(a => Any(record, param, modifier ?? "", a, now)),
        };
    }

    public static IReadOnlyList<PocoNode> Values(OracleRecord record, OracleParam param) => record.Values(param.Expression);

    private static bool Knows(OracleRecord record, string name) => name.StartsWith("_has:", StringComparison.Ordinal) || Params(record.Type).ContainsKey(name.Split('.', ':')[0]);

    private static bool Any(OracleRecord record, OracleParam param, string modifier, string text, DateTimeOffset now)
    {
        if (param.Code == Ours)
            return new OracleDate(record.LastUpdated, record.LastUpdated + 1, 0, 0, true).Matches(TakePrefix(text).Prefix, OracleDate.Parse(TakePrefix(text).Value)!.Value with { HasTime = true }, now);
        if (param.Kind == SearchParamType.Composite)
            return Values(record, param).Any(v => OracleText.Split(text, '$').Zip(param.Components).All(part =>
                record.Evaluate(v, part.Second.Expression).Any(inner => OracleMatch.Table[(part.Second.Param.Kind, "")](part.Second.Param, inner.Poco, part.First, now))));
        return Values(record, param).Any(v => OracleMatch.Table.TryGetValue((param.Kind, modifier), out var matcher)
            ? matcher(param, v.Poco, text, now)
            : OracleMatch.Refers(v.Poco, OracleText.Unescape(text), modifier));
    }

    /// <summary>Resources here that a reference parameter points at.</summary>
    private IEnumerable<OracleRecord> Targets(OracleRecord record, OracleParam param) =>
        Values(record, param).SelectMany(v => OracleMatch.Addresses(v.Poco)).Select(a => byKey.GetValueOrDefault(a)).OfType<OracleRecord>().Distinct();

    private static OracleParam From(SearchParamDefinition p) => new(p.Resource!, p.Code ?? p.Name!, p.Type, p.Expression!, [.. (p.Target ?? []).Select(t => t.GetLiteral()!)])
    {
        Components =
        [
            .. (p.Component ?? []).Select(c => ModelInfo.SearchParameters.FirstOrDefault(s => s.Url == c.Definition && s.Resource == p.Resource) is { } part ? (From(part), c.Expression) : default).Where(c => c.Item1 is not null),
        ],
    };
}
