using Hl7.Fhir.Model;
using static FhirEmr.Conformance.Tests.Oracle.OracleText;

namespace FhirEmr.Conformance.Tests.Oracle;

/// <summary>Whether one value of a resource matches one value of a search, by kind of parameter and modifier: the specification, as plainly as it can be said.</summary>
internal static class OracleMatch
{
    /// <param name="text">One alternative of the search, escapes in place.</param>
    public delegate bool Matcher(OracleParam param, Base value, string text, DateTimeOffset now);

    /// <summary>What each modifier means; the empty one is none. A modifier that negates (:not), asks for presence (:missing) or names a type is the search's.</summary>
    public static IReadOnlyDictionary<(SearchParamType Kind, string Modifier), Matcher> Table { get; } = new Dictionary<(SearchParamType, string), Matcher>
    {
        [(SearchParamType.Token, "")] = (param, value, text, _) => Token(value, text),
        [(SearchParamType.Token, "text")] = (_, value, text, _) => Beside(value).Any(t => Fold(t).StartsWith(Fold(Unescape(text)), StringComparison.Ordinal)),
        [(SearchParamType.Token, "of-type")] = (_, value, text, _) => value is Identifier { Value: { } id, Type: { } type } && Split(text, '|').ConvertAll(Unescape) is [var system, var code, var asked]
            && id == asked && type.Coding.Exists(c => (c.System ?? "") == system && c.Code == code),
        [(SearchParamType.Special, "")] = (_, value, text, _) => OraclePlace.IsNear(value, text),
        [(SearchParamType.String, "")] = (_, value, text, _) => Strings(value).Any(s => Unescape(text) is var plain && Fold(plain) is { Length: > 0 } folded ? Fold(s).StartsWith(folded, StringComparison.Ordinal) : s == plain),
        [(SearchParamType.String, "exact")] = (_, value, text, _) => Strings(value).Any(s => s == Unescape(text)),
        [(SearchParamType.String, "contains")] = (_, value, text, _) => Strings(value).Any(s => Unescape(text) is var plain && Fold(plain) is { Length: > 0 } folded ? Fold(s).Contains(folded, StringComparison.Ordinal) : s == plain),
        [(SearchParamType.Date, "")] = (_, value, text, now) => OracleSearch.TakePrefix(text) is var (prefix, date)
            && (OracleDate.Of(value) ?? []).Any(stretch => stretch.Matches(prefix, OracleDate.Parse(date)!.Value, now)),
        [(SearchParamType.Number, "")] = (_, value, text, _) => (OracleQuantity.Numbers(value) ?? []).Any(n => OracleQuantity.Holds(text, new(n), v => new(v))),
        [(SearchParamType.Quantity, "")] = (_, value, text, _) => (OracleQuantity.Of(value) ?? []).Any(q => OracleQuantity.Matches(q, text)),
        [(SearchParamType.Uri, "")] = (_, value, text, _) => Addresses(value).Contains(Unescape(text)),
        [(SearchParamType.Uri, "below")] = (_, value, text, _) => Unescape(text) is var above
            && Addresses(value).Any(a => a == above || a.StartsWith(above.TrimEnd('/') + "/", StringComparison.Ordinal)),
        [(SearchParamType.Uri, "above")] = (_, value, text, _) => Unescape(text) is var below
            && Addresses(value).Any(a => a == below || (a.Contains("://", StringComparison.Ordinal) && below.StartsWith(a.TrimEnd('/') + "/", StringComparison.Ordinal))), // a URN has no path
        [(SearchParamType.Reference, "")] = (_, value, text, _) => Refers(value, Unescape(text), null),
        [(SearchParamType.Reference, "identifier")] = (_, value, text, _) => value is ResourceReference { Identifier: { } identifier } && Token(identifier, text),
    };

    /// <summary>Whether a parameter of the kind can see anything in the datatype: what it cannot see is missing.</summary>
    public static bool IsOf(SearchParamType kind, Base value) => kind switch
    {
        SearchParamType.Token => Pairs(value) is not null,
        SearchParamType.String => PartsOf(value) is not null,
        SearchParamType.Date => OracleDate.Of(value) is not null,
        SearchParamType.Number => OracleQuantity.Numbers(value) is not null,
        SearchParamType.Quantity => OracleQuantity.Of(value) is not null,
        SearchParamType.Uri => value is FhirUri or FhirUrl or Canonical or FhirString or Oid or Uuid,
        SearchParamType.Reference => value is ResourceReference or Canonical or FhirUri or Resource,
        SearchParamType.Special => value is Location.PositionComponent,
        _ => false,
    };

    /// <summary>System and code of whatever a token parameter ends at; null when the datatype has none.</summary>
    public static IReadOnlyList<(string? System, string Code)>? Pairs(Base value) => value switch
    {
        CodeableConcept c => [.. c.Coding.SelectMany(x => Pairs(x)!)],
        Coding { Code: { } code } c => [(c.System, code)],
        Identifier { Value: { } id } i => [(i.System, id)],
        Quantity { Code: { } code } q => [(q.System, code)],
        ContactPoint { Value: { } address } => [(null, address.ToLowerInvariant())],
        Money { CurrencyElement: { } currency } => [("urn:iso:std:iso:4217", OracleDate.Text(currency)!)],
        Coding or Identifier or Quantity or ContactPoint or Money => [],
        PrimitiveType p when p.GetType() is { IsGenericType: true } code => [((string?)code.GetProperty("System")!.GetValue(p), OracleDate.Text(p)!)], // Code<enumeration>: the system is implied
        PrimitiveType p => OracleDate.Text(p) is { } text ? [(null, text)] : [],
        _ when value.ToString() is "true" or "false" => [(null, value.ToString()!)], // computed: deceased.exists() and deceased != false
        _ => null,
    };

    /// <summary>Addresses of a reference or URI, without the version that a search leaves out, and with it where a search may give it.</summary>
    public static IReadOnlyList<string> Addresses(Base value) => value switch
    {
        ResourceReference { Reference: { Length: > 0 } reference } => reference[0] == '#' ? [] : [reference.Split("/_history/")[0]],
        PrimitiveType p when OracleDate.Text(p) is { } uri => uri.Split('|') is [var plain, _] && value is Canonical or FhirUri ? [plain, uri] : [uri],
        _ => [],
    };

    public static bool Refers(Base value, string text, string? type)
    {
        var asked = text.Split("/_history/")[0];
        return Addresses(value).Any(a => asked.Contains('/', StringComparison.Ordinal) || asked.Contains(':', StringComparison.Ordinal)
            ? a == asked && (type is null || a.Split('/') is [.., var last, _] && last == type)
            : a.Split('/') is [var named, var id] && id == asked && (type is null || named == type));
    }

    private static bool Token(Base value, string text)
    {
        var parts = Split(text, '|').ConvertAll(Unescape);
        var code = parts[^1];
        if (value is ContactPoint)
            code = code.ToLowerInvariant();
        return (Pairs(value) ?? []).Any(pair => parts switch
        {
            [_] => pair.Code == code,
            ["", _] => pair.System is null && pair.Code == code,
            [var system, ""] => pair.System == system,
            [var system, _] => pair.System == system && pair.Code == code,
            _ => false,
        });
    }

    private static IEnumerable<string> Strings(Base value) => PartsOf(value) ?? [];
}
