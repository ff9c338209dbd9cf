using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Hl7.Fhir.Introspection;
using Hl7.Fhir.Model;

namespace FhirEmr.Conformance.Tests.Oracle;

/// <summary>Resources of every R4 type made from a seed: valid in structure, rich in edge cases, referring to each other.</summary>
/// <remarks>Elements that a search parameter of the type names are nearly always there; the same ids stand under every type.</remarks>
internal sealed partial class RandomRecords(int seed)
{
    private static readonly string[] AnyTarget = ["Patient", "Observation", "Organization", "Practitioner", "Encounter", "Medication"];
    private static readonly string[] NeverMade = ["id", "extension", "modifierExtension", "contained", "implicitRules"];

    /// <summary>What every base64Binary holds.</summary>
    public const string Bytes = "aGFsbG8=";

    private static readonly XNamespace Xhtml = "http://www.w3.org/1999/xhtml";

    private readonly Random random = new(seed);
    private HashSet<string> searched = [];
    private string? contained;

    public static IReadOnlyList<string> Types { get; } = [.. ModelInfo.SupportedResources.Where(t => t is not ("Resource" or "DomainResource")).Order(StringComparer.Ordinal)];

    public static string Id(int i) => string.Create(CultureInfo.InvariantCulture, $"r{i}");

    public IEnumerable<JsonObject> Make(int perType)
    {
        foreach (var type in Types)
            for (var i = 0; i < perType; i++)
                yield return Make(type, Id(i));
    }

    public JsonObject Make(string type, string id)
    {
        var resource = new JsonObject { ["resourceType"] = type, ["id"] = id, ["meta"] = Meta() };
        if (ModelInfo.GetTypeForFhirType(type)!.IsAssignableTo(typeof(DomainResource)))
        {
            if (random.Next(2) == 0)
                resource["text"] = new JsonObject { ["status"] = "generated", ["div"] = Narrative() };
            if (random.Next(3) == 0)
                resource["contained"] = new JsonArray(Inside());
        }

        Fill(resource, type);
        if (type == "SearchParameter" && resource["status"]!.GetValue<string>() == "active")
            resource["status"] = "draft"; // an active one must work: its code, type, base and expression would have to go together
        if (type == "Subscription" && resource["status"]!.GetValue<string>() is "requested" or "active")
            resource["status"] = Pick(["error", "off"]); // one that asks to be told must be one that can be: its criteria, channel and endpoint would have to go together
        contained = null;
        return resource;
    }

    /// <summary>A resource that the next references may point at.</summary>
    private JsonObject Inside()
    {
        var resource = new JsonObject { ["resourceType"] = Pick(AnyTarget), ["id"] = "c0" };
        var type = resource["resourceType"]!.GetValue<string>();
        Fill(resource, type);
        contained = type;
        return resource;
    }

    private void Fill(JsonObject resource, string type)
    {
        searched = [.. ModelInfo.SearchParameters.Where(p => p.Resource == type).SelectMany(p => Word().Matches(p.Expression ?? "").Select(m => m.Value))];
        Fill(resource, Mapping(type), 0);
    }

    /// <summary>Words in a line, across lines, in cells, with entities; what is not shown is no text.</summary>
    private string Narrative() => new XElement(Xhtml + "div",
        new XElement(Xhtml + "p", new XAttribute("title", "unseen"), Pick(EdgeValues.Texts), " ", new XElement(Xhtml + "b", "bo"), "ld"),
        new XComment(" hidden "),
        new XElement(Xhtml + "table", new XElement(Xhtml + "tr", new XElement(Xhtml + "td", Pick(EdgeValues.Texts)), new XElement(Xhtml + "td", Pick(EdgeValues.Codes)))),
        Pick(EdgeValues.Texts) + " & more", new XElement(Xhtml + "br"), Pick(EdgeValues.Codes)).ToString(SaveOptions.DisableFormatting);

    private static ClassMapping Mapping(string type) => ModelInfo.ModelInspector.FindClassMapping(type)!;

    private void Fill(JsonObject target, ClassMapping mapping, int depth)
    {
        foreach (var element in mapping.PropertyMappings)
        {
            if (element.Choice == ChoiceType.ResourceChoice || element.RepresentsValueElement || NeverMade.Contains(element.Name) || (depth == 0 && (element.Name is "meta" or "text")))
                continue;
            var wanted = searched.Contains(element.Name) ? depth < 4 ? 0.8 : 0.3 : depth switch { 0 => 0.15, 1 => 0.1, _ => 0.03 };
            if (!element.IsMandatoryElement && (depth > 5 || random.NextDouble() > wanted))
                continue;
            var type = element.Choice == ChoiceType.DatatypeChoice ? element.FhirType[random.Next(element.FhirType.Length)] : element.FhirType.Single();
            var typeName = ModelInfo.ModelInspector.FindClassMapping(type)!.Name;
            var name = element.Choice == ChoiceType.DatatypeChoice ? element.Name + char.ToUpperInvariant(typeName[0]) + typeName[1..] : element.Name;
            if (!element.IsCollection)
            {
                target[name] = Value(element, type, typeName, depth);
                continue;
            }

            var list = new JsonArray();
            for (var count = random.Next(3) == 0 ? 2 : 1; count > 0; count--)
                list.Add(Value(element, type, typeName, depth));
            target[name] = list;
        }
    }

    private JsonNode Value(PropertyMapping element, Type type, string typeName, int depth)
    {
        if (element.ImplementingType is { IsGenericType: true } code && code.GetGenericTypeDefinition() == typeof(Code<>))
            return Pick([.. ModelInfo.ModelInspector.FindEnumMapping(code.GetGenericArguments()[0])!.Members.Keys.Order(StringComparer.Ordinal)]);

        switch (typeName)
        {
            case "boolean": return random.Next(2) == 0;
            case "integer": return random.Next(-3, 300);
            case "positiveInt": return random.Next(1, 120);
            case "unsignedInt": return random.Next(0, 120);
            case "decimal" when element.Name == "latitude": return random.Next(-900, 901) / 10m;
            case "decimal" when element.Name == "longitude": return random.Next(-1800, 1801) / 10m;
            case "decimal": return Number();
            case "string" or "markdown": return Pick(EdgeValues.Texts);
            case "code": return Pick(EdgeValues.Codes);
            case "id": return "id-" + random.Next(9);
            case "uri" or "url": return Pick(EdgeValues.Uris);
            case "canonical": return Pick(EdgeValues.Canonicals);
            case "oid": return "urn:oid:1.2." + random.Next(9);
            case "uuid": return $"urn:uuid:{new Guid(random.Next(9), 0, 0, new byte[8])}";
            case "date": return Pick(EdgeValues.Dates);
            case "dateTime": return DateTime();
            case "instant": return Pick(EdgeValues.Times);
            case "time": return "12:30:00";
            case "base64Binary": return Bytes;
            case "xhtml": return "<div xmlns=\"http://www.w3.org/1999/xhtml\">text</div>";
            case "Narrative": return new JsonObject { ["status"] = "generated", ["div"] = "<div xmlns=\"http://www.w3.org/1999/xhtml\">text</div>" };
            case "Reference": return Reference(element);
            case "Coding": return Coding();
            case "CodeableConcept": return Concept();
            case "Identifier": return Identifier();
            case "ContactPoint": return new JsonObject { ["system"] = Pick(["phone", "email"]), ["value"] = Pick(EdgeValues.Contacts), ["use"] = Pick(["home", "work"]) };
            case "Quantity" or "SimpleQuantity" or "Age" or "Duration" or "Count" or "Distance" or "MoneyQuantity": return Quantity(comparators: typeName != "SimpleQuantity");
            case "Money": return new JsonObject { ["value"] = Number(), ["currency"] = Pick(["USD", "EUR"]) };
            case "Range": return new JsonObject { ["low"] = Quantity(comparators: false), ["high"] = Quantity(comparators: false) };
            case "SampledData": return new JsonObject { ["origin"] = Quantity(comparators: false), ["period"] = 10, ["factor"] = 2, ["dimensions"] = 1, ["data"] = Pick(["1 E 3 -2", "U L", "5.5"]) };
            case "Period": return Period();
            case "Timing": return Timing();
            case "HumanName": return Name();
            case "Address": return Address();
        }

        var child = new JsonObject();
        Fill(child, ModelInfo.ModelInspector.FindClassMapping(type)!, depth + 1);
        if (child.Count == 0) // an object must have content
            child["id"] = "e" + random.Next(99);
        return child;
    }

    private string Pick(string[] from) => from[random.Next(from.Length)];

    private JsonNode Number() => JsonNode.Parse(Pick(EdgeValues.Numbers))!;

    private string DateTime() => random.Next(2) == 0 ? Pick(EdgeValues.Dates) : Pick(EdgeValues.Times);

    private JsonObject Meta() => new()
    {
        ["tag"] = new JsonArray(Coding()),
        ["security"] = new JsonArray(Coding()),
        ["profile"] = new JsonArray(Pick(EdgeValues.Canonicals)),
        ["source"] = Pick(EdgeValues.Uris),
    };

    private JsonObject Coding()
    {
        var coding = new JsonObject { ["code"] = Pick(EdgeValues.TokenCodes) };
        if (EdgeValues.Systems[random.Next(EdgeValues.Systems.Length)] is { } system)
            coding["system"] = system;
        if (random.Next(3) == 0)
            coding["display"] = Pick(EdgeValues.Texts);
        return coding;
    }

    private JsonObject Concept() => random.Next(6) switch
    {
        0 => new() { ["text"] = Pick(EdgeValues.Texts) },
        1 => new() { ["coding"] = new JsonArray(Coding(), Coding()), ["text"] = Pick(EdgeValues.Texts) },
        _ => new() { ["coding"] = new JsonArray(Coding()) },
    };

    private JsonObject Identifier()
    {
        var identifier = new JsonObject { ["value"] = Pick(EdgeValues.TokenCodes) };
        if (EdgeValues.Systems[random.Next(EdgeValues.Systems.Length)] is { } system)
            identifier["system"] = system;
        if (random.Next(3) == 0)
            identifier["type"] = Concept();
        return identifier;
    }

    private JsonObject Quantity(bool comparators)
    {
        var (system, code, unit) = EdgeValues.Units[random.Next(EdgeValues.Units.Length)];
        var quantity = new JsonObject { ["value"] = Number() };
        if (comparators && random.Next(6) == 0)
            quantity["comparator"] = Pick(["<", ">="]);
        foreach (var (name, text) in new[] { ("system", system), ("code", code), ("unit", unit) })
            if (text is not null)
                quantity[name] = text;
        return quantity;
    }

    private JsonObject Period() => random.Next(6) switch
    {
        0 => new() { ["start"] = DateTime() },
        1 => new() { ["end"] = DateTime() },
        2 => new() { ["start"] = "2024-01-02T01:00:00+14:00", ["end"] = "2024-01-01T23:00:00-12:00" }, // in order as instants only
        _ => new() { ["start"] = Pick(["1899-12-31T23:00:00-05:00", "1890", "1899-06"]), ["end"] = DateTime() },
    };

    private JsonObject Timing() => random.Next(3) switch
    {
        0 => new() { ["event"] = new JsonArray(DateTime()) },
        1 => new() { ["event"] = new JsonArray(DateTime(), DateTime()), ["repeat"] = new JsonObject { ["boundsPeriod"] = Period() } },
        _ => new() { ["repeat"] = new JsonObject { ["boundsPeriod"] = Period() } },
    };

    private JsonObject Name() => random.Next(4) == 0
        ? new() { ["text"] = Pick(EdgeValues.Texts) }
        : new() { ["family"] = Pick(EdgeValues.Texts), ["given"] = new JsonArray(Pick(EdgeValues.Texts), Pick(EdgeValues.Texts)), ["prefix"] = new JsonArray("Dr.") };

    private JsonObject Address() => new()
    {
        ["line"] = new JsonArray(Pick(EdgeValues.Texts)),
        ["city"] = Pick(EdgeValues.Texts),
        ["state"] = "MA",
        ["postalCode"] = Pick(["02118", "02118-1234", "2118"]),
        ["country"] = Pick(["US", "us"]),
        ["use"] = Pick(["home", "work"]),
    };

    private JsonObject Reference(PropertyMapping element)
    {
        var allowed = element.NativeProperty?.GetCustomAttributes(typeof(ReferencesAttribute), inherit: true).OfType<ReferencesAttribute>().FirstOrDefault()?.Resources ?? [];
        if (allowed.Length == 0 || allowed.Contains("Resource"))
            allowed = AnyTarget;
        if (contained is not null && allowed.Contains(contained) && random.Next(3) == 0)
            return new() { ["reference"] = "#c0" };
        var (type, id) = (Pick(allowed), Id(random.Next(RecordsOfType)));
        return random.Next(12) switch
        {
            0 => new() { ["reference"] = $"{type}/{id}/_history/1" },
            1 => new() { ["reference"] = $"http://elsewhere.org/fhir/{type}/{id}" },
            2 => new() { ["identifier"] = Identifier(), ["type"] = type },
            3 => new() { ["display"] = "someone" },
            4 => new() { ["reference"] = $"{type}/nobody", ["identifier"] = Identifier() },
            _ => new() { ["reference"] = $"{type}/{id}" },
        };
    }

    /// <summary>Resources of each type; references point among them.</summary>
    public const int RecordsOfType = 6;

    [GeneratedRegex(@"[a-z]\w*")]
    private static partial Regex Word();
}
