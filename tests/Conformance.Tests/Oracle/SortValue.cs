using Hl7.Fhir.Model;

namespace FhirEmr.Conformance.Tests.Oracle;

/// <summary>What a resource is sorted by (search.html#sort): the least of several values ascending, the greatest descending, nothing last either way.</summary>
internal static class SortValue
{
    /// <summary>Kinds whose order the specification leaves no doubt about.</summary>
    public static bool CanCompare(OracleParam param) =>
        param.Kind is SearchParamType.Date or SearchParamType.String or SearchParamType.Number or SearchParamType.Token or SearchParamType.Uri or SearchParamType.Quantity;

    public static int Compare(OracleRecord a, OracleRecord b, OracleParam param, bool descending)
    {
        if (param.Kind == SearchParamType.Quantity)
            return CompareQuantities(Quantities(a, param), Quantities(b, param), descending);
        var (x, y) = (Of(a, param, descending), Of(b, param, descending));
        return (x, y) switch
        {
            (null, null) => 0,
            (null, _) => 1,
            (_, null) => -1,
            (string s, string t) => string.CompareOrdinal(s, t) * (descending ? -1 : 1),
            _ => Comparer<IComparable>.Default.Compare(x, y) * (descending ? -1 : 1),
        };
    }

    /// <summary>
    /// Quantities have an order within a unit, however recorded; what has a base unit of UCUM comes before what has none. Which of two units comes
    /// first is for the server to choose: 0.
    /// </summary>
    private static int CompareQuantities(OracleQuantity.Recorded[] x, OracleQuantity.Recorded[] y, bool descending)
    {
        if (x.Length == 0 || y.Length == 0)
            return (x.Length == 0 ? 1 : 0) - (y.Length == 0 ? 1 : 0);
        if (OracleQuantity.BaseOf(x) is not { } unit || OracleQuantity.BaseOf(y) is not { } other)
            return 0;
        if (unit.Length == 0 || other.Length == 0)
            return (unit.Length == 0 ? 1 : 0) - (other.Length == 0 ? 1 : 0);
        if (unit != other)
            return 0;
        var (a, b) = (x.Select(OracleQuantity.InBase).ToArray(), y.Select(OracleQuantity.InBase).ToArray());
        return descending ? Greatest(b) < Greatest(a) ? -1 : Greatest(a) < Greatest(b) ? 1 : 0 : Least(a) < Least(b) ? -1 : Least(b) < Least(a) ? 1 : 0;

        static Fraction Least(Fraction[] all) => all.Aggregate((m, n) => n < m ? n : m);

        static Fraction Greatest(Fraction[] all) => all.Aggregate((m, n) => m < n ? n : m);
    }

    private static OracleQuantity.Recorded[] Quantities(OracleRecord record, OracleParam param) => [.. OracleSearch.Values(record, param).SelectMany(v => OracleQuantity.Of(v.Poco) ?? [])];

    private static IComparable? Of(OracleRecord record, OracleParam param, bool descending)
    {
        if (param.Code is "_lastUpdated" or "_id")
            return param.Code == "_id" ? record.Id : record.LastUpdated;
        var values = OracleSearch.Values(record, param).SelectMany(v => All(param.Kind, v.Poco)).ToArray();
        if (values.Length == 0)
            return null;
        var ordered = values is string[] or [string, ..] ? values.Cast<string>().Order(StringComparer.Ordinal).Cast<IComparable>() : values.Order();
        return descending ? ordered.Last() : ordered.First();
    }

    private static IEnumerable<IComparable> All(SearchParamType kind, Base value) => kind switch
    {
        SearchParamType.Date => (OracleDate.Of(value) ?? []).Select(d => (IComparable)d.Lo),
        SearchParamType.String => (OracleText.PartsOf(value) ?? []).Select(t => t.Length > 200 ? t[..200] : t).Select(OracleText.Fold),
        SearchParamType.Number => (OracleQuantity.Numbers(value) ?? []).Select(n => (IComparable)n),
        SearchParamType.Token => (OracleMatch.Pairs(value) ?? []).Select(p => p.Code),
        SearchParamType.Uri => OracleMatch.Addresses(value),
        _ => [],
    };
}
