using System.Globalization;
using Hl7.Fhir.Model;

namespace FhirEmr.Conformance.Tests.Oracle;

/// <summary>Makes <c>_filter</c> expressions from values that are there.</summary>
internal sealed class FilterMaker(OracleSearch oracle, Func<string, string, bool> isOffered, Random random)
{
    private static readonly string[] Ordered = ["eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap"];

    /// <summary>A criterion for resources of the type; null when none of them has a value to start from.</summary>
    public Criterion? On(string type) => Term(type, 0) is { } filter ? Criterion(filter) : null;

    private Criterion Criterion(OracleFilter filter) => new("_filter", [filter.Written])
    {
        Meaning = (record, now) => filter.Holds(oracle, record, now),
        Smaller = [.. filter.Parts.Select(Criterion)],
    };

    private OracleFilter? Term(string type, int depth) => random.Next(depth > 2 ? 2 : 6) switch
    {
        2 or 3 => Term(type, depth + 1) is { } left && Term(type, depth + 1) is { } right ? new OracleFilter.Two(left, right, random.Next(2) == 0) : null,
        4 => Term(type, depth + 1) is { } inner ? new OracleFilter.None(inner) : null,
        5 => (OracleFilter?)Step(type, depth) ?? Leaf(type),
        _ => Leaf(type),
    };

    private OracleFilter.Step? Step(string type, int depth)
    {
        var ways = OracleSearch.Params(type).Values.Where(p => p.Kind == SearchParamType.Reference && isOffered(type, p.Code))
            .SelectMany(p => oracle.Of(type).SelectMany(r => oracle.Targets(r, p).Where(t => !r.Contained.Contains(t))).Select(t => t.Type).Distinct().Where(p.Targets.Contains).Select(t => (Param: p, Target: t))).ToArray();
        if (ways.Length == 0)
            return null;
        var (param, target) = ways[random.Next(ways.Length)];
        var shape = random.Next(3);
        var inner = shape > 0 ? Term(target, depth + 1) : null;
        OracleFilter? rest = shape == 1 ? null : random.Next(4) == 0 && depth < 2 ? Step(target, depth + 1) : Leaf(target);
        return inner is null && rest is null ? null : new OracleFilter.Step(param, target, inner, rest);
    }

    private OracleFilter.Leaf? Leaf(string type)
    {
        for (var attempt = 0; attempt < 20; attempt++)
        {
            var all = OracleSearch.Params(type).Values.ToArray();
            var param = all[random.Next(all.Length)];
            if (!isOffered(type, param.Code) || param.Code is "_lastUpdated" or "_id" || param.Kind is SearchParamType.Composite or SearchParamType.Special)
                continue;
            if (random.Next(10) == 0)
                return new(param, "pr", random.Next(2) == 0 ? "true" : "false");
            var values = oracle.Of(type).SelectMany(r => OracleSearch.Values(r, param)).ToArray();
            if (values.Length > 0 && Compare(param, values[random.Next(values.Length)].Poco) is { } leaf)
                return leaf;
        }

        return null;
    }

    private OracleFilter.Leaf? Compare(OracleParam param, Base value)
    {
        switch (param.Kind)
        {
            case SearchParamType.Token when random.Next(4) == 0 && oracle.Concepts.Hierarchies.First() is var (system, codes):
                var code = codes.ElementAt(random.Next(codes.Count));
                var set = oracle.Concepts.Sets[random.Next(oracle.Concepts.Sets.Count)].Url!;
                var op = One("ss", "sb", "in", "ni");
                return op is "in" or "ni" ? new(param, op, set) : code.Contains('|', StringComparison.Ordinal) ? null : new(param, op, $"{system}|{code}");
            case SearchParamType.Token:
                return Pick(OracleMatch.Pairs(value)) is var (its, text) && text is not null && !text.Contains('|', StringComparison.Ordinal)
                    ? new(param, One("eq", "eq", "ne"), its is not null && random.Next(2) == 0 ? $"{its}|{text}" : text) : null;
            case SearchParamType.String:
                if (Pick(OracleText.PartsOf(value)) is not { Length: > 0 } words)
                    return null;
                var how = One("eq", "ne", "co", "sw", "ew");
                var part = how switch { "co" => words[(words.Length / 3)..Math.Max((words.Length / 3) + 1, words.Length / 2)], "sw" => words[..Math.Max(1, words.Length / 2)], "ew" => words[(words.Length / 2)..], _ => words };
                return part.Trim().Length == 0 || char.IsHighSurrogate(part[^1]) || char.IsLowSurrogate(part[0]) ? null : new(param, how, random.Next(3) == 0 ? part.ToUpperInvariant() : part);
            case SearchParamType.Uri:
                return Pick(OracleMatch.Addresses(value)) is { } uri ? new(param, One("eq", "ne"), uri) : null;
            case SearchParamType.Reference:
                return Pick(OracleMatch.Addresses(value)) is { } address && address.Split('/') is [var target, _] && param.Targets.Contains(target) ? new(param, One("re", "eq", "ne"), address) : null;
            case SearchParamType.Date:
                return Moment(value) is { } date ? new(param, One([.. Ordered, "po", "po"]), date) : null;
            case SearchParamType.Number:
                return OracleQuantity.Numbers(value) is [var number, ..] ? new(param, One(Ordered), number.ToString(CultureInfo.InvariantCulture)) : null;
            case SearchParamType.Quantity:
                return OracleQuantity.Of(value) is [var q, ..] ? new(param, One(Ordered), q.Value.ToString(CultureInfo.InvariantCulture) + (q is { System: not null, Code: not null } ? $"|{q.System}|{q.Code}" : "")) : null;
            default:
                return null;
        }
    }

    private static string? Moment(Base value) => value switch
    {
        Period p => OracleDate.Text(p.StartElement) ?? OracleDate.Text(p.EndElement),
        Timing { EventElement: [var first, ..] } => OracleDate.Text(first),
        Date or FhirDateTime or Instant => OracleDate.Text((PrimitiveType)value),
        _ => null,
    };

    private string One(params string[] from) => from[random.Next(from.Length)];

    private T? Pick<T>(IReadOnlyList<T>? from) => from is { Count: > 0 } ? from[random.Next(from.Count)] : default;
}
