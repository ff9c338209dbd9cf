using FhirEmr.FhirServer.Search.Query;
using FhirEmr.FhirServer.Storage.Query;
using FhirEmr.FhirServer.Storage.Scan;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Interactions.Past;

/// <summary>The order of results for versions that no index holds: the values and the comparisons of <see cref="SortSql"/>, in memory.</summary>
internal sealed class PastOrder(IReadOnlyList<SortKey> keys, PastContext context, SqlDialect dialect) : IComparer<PageRow>
{
    private const int UnitPrefix = 120;

    public PageRow Row(PastResource resource) => new(resource.Resource, [.. keys.Select(k => Value(resource, k))]);

    public int Compare(PageRow x, PageRow y) => Compare(x.Values, x.Resource.Sid, y.Values, y.Resource.Sid);

    public bool IsBehind(PageRow row, PagePosition place) => Compare(row.Values, row.Resource.Sid, [.. place.Values], place.Sid) > 0;

    private int Compare(object?[] x, long xSid, object?[] y, long ySid)
    {
        for (var i = 0; i < keys.Count; i++)
        {
            var order = (x[i], y[i]) switch
            {
                (null, null) => 0,
                (null, _) => 1,
                (_, null) => -1,
                var (a, b) => keys[i].Descending ? Compare(b, a) : Compare(a, b),
            };
            if (order != 0)
                return order;
        }

        return keys is [{ Descending: true }, ..] ? ySid.CompareTo(xSid) : xSid.CompareTo(ySid);
    }

    private int Compare(object a, object b) => a is long x && b is long y ? x.CompareTo(y) : dialect.Compare((string)a, (string)b);

    private object? Value(PastResource resource, SortKey key)
    {
        if (key.Param.Number == 0)
            return key.Param.Code == "_lastUpdated" ? resource.Updated : resource.Resource.Key.Id;

        object? first = null;
        foreach (var value in Values(resource, key))
            if (first is null || (key.Descending ? Compare(value, first) > 0 : Compare(value, first) < 0))
                first = value;
        return first;
    }

    private IEnumerable<object> Values(PastResource resource, SortKey key)
    {
        var (rows, numbers) = (resource.Rows, key.Numbers);
        return key.Param.Kind switch
        {
            SearchParamType.Date => rows.Dates.Where(r => numbers.Contains(r.Param)).Select(r => (object)r.Lo),
            SearchParamType.String => rows.Strings.Where(r => numbers.Contains(r.Param)).Select(r => r.Folded),
            SearchParamType.Number => rows.Numbers.Where(r => numbers.Contains(r.Param)).Select(r => r.Value),
            SearchParamType.Quantity => rows.Quantities.Where(r => numbers.Contains(r.Param)).Select(r => ByUnit(context.SymbolOf(r.Unit) ?? "", r.Value, key.Descending)),
            SearchParamType.Uri => rows.Uris.Where(r => numbers.Contains(r.Param)).Select(r => r.Value),
            SearchParamType.Reference => rows.References.Where(r => numbers.Contains(r.Param)).Select(r => context.IdOf(r.Target)).OfType<object>(),
            SearchParamType.Token => rows.Tokens.Where(r => numbers.Contains(r.Param)).Select(r => context.TextOf(r.Hash)).OfType<string>().Select(t => dialect.Cut(t, SortSql.TokenPrefix)),
            _ => throw new NotSupportedException($"{key.Param} cannot be sorted on."),
        };
    }

    private string ByUnit(string symbol, string value, bool descending)
    {
        var unit = symbol is ['<' or '>', .. var recorded] ? recorded : symbol;
        return (unit.StartsWith("c:", StringComparison.Ordinal) != descending ? "1" : "2") + dialect.Cut(unit, UnitPrefix) + " " + value;
    }
}
