using System.Globalization;
using Hl7.Fhir.FhirPath;
using Hl7.Fhir.Model;

namespace FhirEmr.Conformance.Tests.Oracle;

/// <summary>Makes searches from values that are there, and near misses of them. Everything follows from the seed.</summary>
internal sealed class QueryMaker(OracleSearch oracle, Func<string, string, bool> isOffered, Func<string, string, string, bool> takes, Random random)
{
    private static readonly string[] Prefixes = ["", "eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap"];

    /// <summary>One criterion on a parameter; null when no resource has a value to start from.</summary>
    public Criterion? On(OracleParam param)
    {
        if (!isOffered(param.Type, param.Code))
            return null;
        if (param.Code == "_lastUpdated")
            return LastUpdated(param);
        if (param.Code == "_id")
            return Ids(param);
        if (random.Next(12) == 0 && param.Kind != SearchParamType.Composite) // R4 does not say when a composite is missing
            return new(param.Code + ":missing", [random.Next(2) == 0 ? "true" : "false"]);

        return With(param, Modifier(param)) ?? With(param, "");
    }

    /// <summary>One criterion with the modifier; null when no resource has a value to make it from.</summary>
    public Criterion? With(OracleParam param, string modifier)
    {
        var values = Enumerable.Range(0, random.Next(4) == 0 ? 2 : 1).Select(_ => Value(param, modifier)).OfType<string>().Where(v => v.Length > 0).ToArray();
        return values.Length == 0 ? null : new(modifier.Length == 0 ? param.Code : $"{param.Code}:{modifier}", values);
    }

    /// <summary>A criterion that the record satisfies, or nearly; null when it has no value that makes one.</summary>
    public Criterion? From(OracleRecord record)
    {
        var searchable = OracleSearch.Params(record.Type).Values.Where(p => p.Code is not ("_lastUpdated" or "_id") && p.Kind != SearchParamType.Composite && isOffered(record.Type, p.Code)).OrderBy(_ => random.Next());
        return searchable.SelectMany(p => OracleSearch.Values(record, p).Select(v => (Param: p, Text: Text(p, v.Poco, "")))).Where(f => f.Text is { Length: > 0 })
            .Select(f => new Criterion(f.Param.Code, [f.Text!])).FirstOrDefault();
    }

    /// <summary>The same through a reference that leads to the type, forwards or backwards; null when none does.</summary>
    public Criterion? Through(string type)
    {
        var references = OracleSearch.Params(type).Values.Where(p => p.Kind == SearchParamType.Reference && isOffered(type, p.Code)).ToArray();
        if (random.Next(2) == 0)
        {
            var pointing = oracle.Records.Select(r => r.Type).Distinct().OrderBy(_ => random.Next()).Take(40)
                .SelectMany(t => OracleSearch.Params(t).Values).FirstOrDefault(p => p.Kind == SearchParamType.Reference && p.Targets.Contains(type) && isOffered(p.Type, p.Code)
                    && oracle.Of(p.Type).Any(r => Address(r, p) is { } a && a.StartsWith(type + "/", StringComparison.Ordinal)));
            return pointing is not null && Inner(pointing.Type) is { } inner ? inner with { Name = $"_has:{pointing.Type}:{pointing.Code}:{inner.Name}" } : null;
        }

        if (references.Length == 0)
            return null;
        var reference = references[random.Next(references.Length)];
        var target = oracle.Of(type).SelectMany(r => oracle.Targets(r, reference)).Select(t => t.Type).OrderBy(_ => random.Next()).FirstOrDefault();
        return target is not null && takes(type, reference.Code, target) && Inner(target) is { } found ? found with { Name = $"{reference.Code}:{target}.{found.Name}" } : null;
    }

    private Criterion? Inner(string type)
    {
        if (random.Next(4) == 0 && Through(type) is { Name.Length: < 80 } deeper)
            return deeper;
        var searchable = OracleSearch.Params(type).Values.Where(p => p.Code is not "_lastUpdated").ToArray();
        return On(searchable[random.Next(searchable.Length)]);
    }

    private static string? Address(OracleRecord record, OracleParam reference) =>
        OracleSearch.Values(record, reference).SelectMany(v => OracleMatch.Addresses(v.Poco)).FirstOrDefault(a => a.Split('/').Length == 2 && char.IsAsciiLetterUpper(a[0]));

    private string Modifier(OracleParam param)
    {
        if (random.Next(3) != 0)
            return "";
        var known = OracleMatch.Table.Keys.Where(k => k.Kind == param.Kind && k.Modifier.Length > 0).Select(k => k.Modifier).ToList();
        if (param.Kind == SearchParamType.Token)
            known.AddRange(["not", "in", "not-in", "below", "above"]);
        if (param.Kind == SearchParamType.Reference)
            known.AddRange(["below", "above"]);
        return known.Count == 0 ? "" : known[random.Next(known.Count)];
    }

    private Criterion? Ids(OracleParam param) => oracle.Of(param.Type).ToArray() is { Length: > 0 } all
        ? new(param.Code, [.. Enumerable.Range(0, random.Next(1, 3)).Select(_ => random.Next(4) == 0 ? "nobody" : all[random.Next(all.Length)].Id)])
        : null;

    private Criterion? LastUpdated(OracleParam param)
    {
        if (oracle.Of(param.Type).ToArray() is not { Length: > 0 } all)
            return null;
        var at = DateTimeOffset.FromUnixTimeMilliseconds(all[random.Next(all.Length)].LastUpdated + random.Next(-1, 2));
        var format = random.Next(3) switch { 0 => "yyyy-MM-dd", 1 => "yyyy-MM-dd'T'HH:mm:ss'Z'", _ => "yyyy-MM-dd'T'HH:mm:ss.fff'Z'" };
        return new(param.Code, [Prefixes[random.Next(Prefixes.Length - 1)] + at.ToString(format, CultureInfo.InvariantCulture)]);
    }

    private string? Value(OracleParam param, string modifier)
    {
        if (param.Kind == SearchParamType.Token && modifier is "in" or "not-in")
            return ValueSet();
        if (param.Kind == SearchParamType.Token && modifier is "below" or "above")
            return oracle.Concepts.Hierarchies.First() is var (system, codes) ? $"{OracleText.Escape(system)}|{OracleText.Escape(codes.ElementAt(random.Next(codes.Count)))}" : null;
        if (param.Kind == SearchParamType.Special)
            return Place(param);
        var present = oracle.Of(param.Type).Concat(oracle.Inside(param.Type)).SelectMany(r => OracleSearch.Values(r, param).Select(v => (Record: r, Node: v))).ToArray();
        if (present.Length == 0)
            return null;
        var (record, node) = present[random.Next(present.Length)];
        if (param.Kind == SearchParamType.Composite)
        {
            var parts = param.Components.Select(c => record.Evaluate(node, c.Expression).Select(v => Text(c.Param, v.Poco, "")).FirstOrDefault()).ToArray();
            return parts.Length == 0 || parts.Any(p => p is null) ? null : string.Join('$', parts);
        }

        return Text(param, node.Poco, modifier);
    }

    /// <summary>A value set by its address, its address and version, its id; or one that a system implies.</summary>
    private string ValueSet()
    {
        var (system, codes) = oracle.Concepts.Hierarchies.First();
        var set = oracle.Concepts.Sets[random.Next(oracle.Concepts.Sets.Count)];
        return OracleText.Escape(random.Next(8) switch
        {
            0 => $"ValueSet/{set.Id}",
            1 => $"{system}?fhir_vs",
            2 => $"{system}?fhir_vs=isa/{codes.ElementAt(random.Next(codes.Count))}",
            3 when set.Version is not null => $"{set.Url}|{set.Version}",
            _ => set.Url!,
        });
    }

    /// <summary>A circle around some place; null when it ends so near another that rounding would decide.</summary>
    private string? Place(OracleParam near)
    {
        var places = oracle.Of(near.Type).SelectMany(r => OracleSearch.Values(r, near)).Select(v => v.Poco).OfType<Location.PositionComponent>().ToArray();
        var middle = places[random.Next(places.Length)];
        var isThere = random.Next(5) == 0;
        var latitude = isThere ? (double)middle.Latitude! : Math.Clamp((double)middle.Latitude! + (random.Next(-200, 201) / 100.0), -90, 90);
        var longitude = isThere ? (double)middle.Longitude! : Math.Clamp((double)middle.Longitude! + (random.Next(-3000, 3001) / 100.0), -180, 180);
        var unit = OraclePlace.Metres.Keys.ElementAt(random.Next(OraclePlace.Metres.Count));
        var kilometres = new[] { 0.001, 3, 37, 250, 1100, 4300, 9000, 14000, 19900 }[random.Next(9)];
        var distance = kilometres * 1000 / OraclePlace.Metres[unit];
        if (places.Any(p => Math.Abs(OraclePlace.Distance(p, latitude, longitude) - (kilometres * 1000)) < 1))
            return null;
        return string.Create(CultureInfo.InvariantCulture, $"{latitude}|{longitude}|{distance:0.######}") + (unit == "km" && random.Next(2) == 0 ? "" : "|" + unit);
    }

    private string? Text(OracleParam param, Base value, string modifier) => param.Kind switch
    {
        SearchParamType.Token when modifier == "text" => Pick(OracleText.Beside(value)) is { } beside && OracleText.Fold(beside).Length > 0 ? Beside(beside) : null,
        SearchParamType.Token when modifier == "of-type" => value is Identifier { Value: { } id, Type: { } type } && type.Coding.FirstOrDefault(c => c.Code is not null) is { } coding
            ? string.Join('|', new[] { random.Next(5) == 0 ? "urn:other" : coding.System ?? "", coding.Code!, random.Next(5) == 0 ? id + "x" : id }.Select(OracleText.Escape)) : null,
        SearchParamType.Reference when modifier is "below" or "above" => Pick(OracleMatch.Addresses(value)) is { } part && part.Split('/') is [var its, _] && char.IsAsciiLetterUpper(its[0])
            && takes(param.Type, param.Code, its) && OracleSearch.PartOf(its) is not null ? part : null,
        SearchParamType.Token => OracleMatch.Pairs(value) is { Count: > 0 } pairs && Pick(pairs) is var (system, code) ? Token(system, code, code is "true" or "false") : null,
        SearchParamType.Reference when modifier == "identifier" => value is ResourceReference { Identifier: { Value: not null } i } ? Token(i.System, i.Value, isBoolean: false) : null,
        SearchParamType.Reference => Pick(OracleMatch.Addresses(value)) is { } address ? Reference(param, address) : null,
        SearchParamType.String => Pick(OracleText.PartsOf(value)) is { } text ? String(text, modifier) : null,
        SearchParamType.Uri => Pick(OracleMatch.Addresses(value)) is { } uri ? OracleText.Escape(modifier == "above" ? uri + "/more" : modifier == "below" || random.Next(4) == 0 ? Above(uri) : uri) : null,
        SearchParamType.Date => Dates(value) is { } date ? Prefixes[random.Next(Prefixes.Length)] + date : null,
        SearchParamType.Number => OracleQuantity.Numbers(value) is { Count: > 0 } numbers ? Number(numbers[random.Next(numbers.Count)]) : null,
        SearchParamType.Quantity => OracleQuantity.Of(value) is { Count: > 0 } quantities ? Quantity(quantities[random.Next(quantities.Count)]) : null,
        _ => null,
    };

    private T? Pick<T>(IReadOnlyList<T>? from) => from is { Count: > 0 } ? from[random.Next(from.Count)] : default;

    private string Token(string? system, string code, bool isBoolean)
    {
        if (isBoolean)
            return code;
        var (s, c) = (OracleText.Escape(system ?? ""), OracleText.Escape(code));
        return random.Next(7) switch
        {
            0 => $"|{c}",
            1 when s.Length > 0 => $"{s}|",
            2 => $"{s}|{c}",
            3 => $"urn:other|{c}",
            4 => c.ToUpperInvariant(),
            5 => c + "x",
            _ => c,
        };
    }

    /// <summary>The beginning of a text; never of punctuation alone, which no text of a code begins with.</summary>
    private string Beside(string text)
    {
        var part = String(text, "");
        return OracleText.Escape(OracleText.Fold(OracleText.Unescape(part)).Length > 0 ? OracleText.Unescape(part) : text);
    }

    private string Reference(OracleParam param, string address)
    {
        if (address.Split('/') is not [var type, var id] || !char.IsAsciiLetterUpper(type[0]))
            return OracleText.Escape(address);
        if (!takes(param.Type, param.Code, type))
            return id;
        return random.Next(4) switch { 0 => id, 1 => $"{type}/{id}/_history/7", 2 => $"{type}/nobody", _ => address };
    }

    private string String(string text, string modifier)
    {
        var part = modifier switch
        {
            "exact" => text,
            "contains" when text.Length > 3 => text[random.Next(text.Length / 2)..][..Math.Max(2, random.Next(text.Length / 2))],
            _ => text[..random.Next(1, text.Length + 1)],
        };
        part = random.Next(5) switch { 0 => part.ToUpperInvariant(), 1 => part + "q", 2 => OracleText.Fold(part), _ => part };
        // Half of a letter and its accent, or of a surrogate pair, is nothing anyone types.
        return part.Trim().Length == 0 || char.IsHighSurrogate(part[^1]) ? OracleText.Escape(text) : OracleText.Escape(part);
    }

    private string? Dates(Base value)
    {
        var texts = (value switch
        {
            Period p => [OracleDate.Text(p.StartElement), OracleDate.Text(p.EndElement)],
            Timing t => t.EventElement.Select(OracleDate.Text),
            Date or FhirDateTime or Instant => [OracleDate.Text((PrimitiveType)value)],
            _ => Array.Empty<string?>(),
        }).OfType<string>().ToArray();
        if (texts.Length == 0)
            return null;
        var text = texts[random.Next(texts.Length)];
        return random.Next(6) switch
        {
            0 => text[..4],
            1 when text.Length >= 7 => text[..7],
            2 when text.Length >= 10 => text[..10],
            3 when text.Length > 19 => text[..16] + (text.EndsWith('Z') ? "Z" : text[^6..]),
            4 => EdgeValues.Times[random.Next(EdgeValues.Times.Length)],
            _ => text,
        };
    }

    private string Number(decimal number)
    {
        var text = (number + (random.Next(5) switch { 0 => 1, 1 => 0.05m, 2 => -0.05m, _ => 0 })).ToString(CultureInfo.InvariantCulture);
        return Prefixes[random.Next(Prefixes.Length)] + (random.Next(6) == 0 && !text.Contains('.', StringComparison.Ordinal) ? text + ".0" : text);
    }

    private string Quantity(OracleQuantity.Recorded q)
    {
        var unit = random.Next(5) switch
        {
            0 => "",
            1 when (q.Code ?? q.Unit) is { } any => $"||{OracleText.Escape(any)}",
            2 when q.Unit is not null => $"||{OracleText.Escape(q.Unit)}",
            3 => $"|{EdgeValues.Ucum}|{EdgeValues.Factors.Keys.ElementAt(random.Next(EdgeValues.Factors.Count))}",
            _ when q is { System: not null, Code: not null } => $"|{OracleText.Escape(q.System)}|{OracleText.Escape(q.Code)}",
            _ => "",
        };
        return Number(q.Value) + unit;
    }

    private static string Above(string uri) => uri.LastIndexOf('/') is > 8 and var slash ? uri[..slash] : uri;
}
