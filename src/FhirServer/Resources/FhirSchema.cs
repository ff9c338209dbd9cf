using System.Collections.Concurrent;
using Hl7.Fhir.Introspection;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Resources;

/// <summary>The structure of R4 as the SDK's model describes it, reshaped for one-pass reading of JSON.</summary>
/// <remarks>Types are built on first use: a server that sees six types pays for six.</remarks>
internal static class FhirSchema
{
    private static readonly Lock Gate = new();
    private static readonly ModelInspector Inspector = ModelInfo.ModelInspector;
    private static readonly ConcurrentDictionary<Type, FhirTypeDef> Types = new();
    private static readonly Dictionary<Type, FhirTypeDef> Unfinished = [];
    private static readonly ConcurrentDictionary<string, FhirTypeDef?> Resources = new(StringComparer.Ordinal);
    private static readonly ConcurrentDictionary<Type, Utf8Table<string>> CodeSets = new();
    private static readonly Utf8Table<FhirTypeDef> ResourcesByUtf8 = new();
    private static FhirTypeDef[] byId = new FhirTypeDef[64];
    private static int typeCount;

    /// <summary>What may stand in <c>_birthDate</c>: id and extensions of a primitive.</summary>
    public static FhirTypeDef PrimitiveElement { get; } = BuildPrimitiveElement();

    /// <summary>The Reference datatype, whose <c>reference</c> child is what links resources.</summary>
    public static FhirTypeDef ReferenceType { get; } = Of(typeof(ResourceReference));

    /// <summary>The type of a resource; null when R4 has none of that name.</summary>
    public static FhirTypeDef? Resource(string name) => Resources.GetOrAdd(name, static n =>
        ResourceTypes.Exists(n) && Inspector.FindClassMapping(n) is { } mapping ? Of(mapping.NativeType) : null);

    /// <summary>The same, straight from request bytes.</summary>
    public static FhirTypeDef? Resource(ReadOnlySpan<byte> name)
    {
        if (Volatile.Read(ref resourcesReady) && ResourcesByUtf8.Find(name) is { } known)
            return known;

        return name.Length > 64 ? null : Resource(System.Text.Encoding.UTF8.GetString(name));
    }

    private static bool resourcesReady;

    public static FhirTypeDef ById(int id) => byId[id];

    /// <summary>Builds every resource type now, off the first user's path. Whoever wants one meanwhile waits for the one that is being built, not for all.</summary>
    public static void WarmUp()
    {
        foreach (var name in ResourceTypes.All)
            _ = Resource(name);
        lock (Gate)
        {
            if (resourcesReady)
                return;
            foreach (var name in ResourceTypes.All)
                ResourcesByUtf8.Add(name, Resource(name)!);
            Volatile.Write(ref resourcesReady, true);
        }
    }

    private static FhirTypeDef Of(Type native)
    {
        if (Types.TryGetValue(native, out var known))
            return known;

        lock (Gate)
        {
            var isOutermost = Unfinished.Count == 0;
            var def = Build(native);
            if (!isOutermost)
                return def;

            // Only now is every type that this one reaches complete: other threads may see them.
            foreach (var (type, built) in Unfinished)
                Types[type] = built;
            Unfinished.Clear();
            return def;
        }
    }

    /// <summary>Types refer to themselves and to each other (Extension, Questionnaire.item), so unfinished ones are found while building.</summary>
    private static FhirTypeDef Build(Type native)
    {
        if (Types.TryGetValue(native, out var def) || Unfinished.TryGetValue(native, out def))
            return def;

        var mapping = Inspector.FindClassMapping(native)
            ?? throw new InvalidOperationException($"The R4 model has no mapping for {native.Name}.");
        def = NewType(mapping.Name, mapping.IsResource, PrimitiveOf(mapping.Name));
        Unfinished[native] = def;
        if (!def.IsPrimitive)
            Fill(def, mapping);
        return def;
    }

    private static FhirTypeDef NewType(string name, bool isResource, PrimitiveKind primitive)
    {
        lock (Gate)
        {
            var def = new FhirTypeDef(typeCount, name, isResource, primitive);
            if (typeCount == byId.Length)
            {
                var larger = new FhirTypeDef[byId.Length * 2];
                byId.CopyTo(larger, 0);
                Volatile.Write(ref byId, larger);
            }

            byId[typeCount++] = def;
            return def;
        }
    }

    private static void Fill(FhirTypeDef def, ClassMapping mapping)
    {
        var properties = new Utf8Table<JsonProperty>();
        var elements = mapping.PropertyMappings.OrderBy(p => p.Order).ToArray();
        UInt128 mandatory = 0;
        for (var ordinal = 0; ordinal < elements.Length; ordinal++)
        {
            var element = elements[ordinal];
            if (element.IsMandatoryElement)
                mandatory |= UInt128.One << ordinal;

            var nameId = FhirNames.Id(element.Name);
            if (element.Choice == ChoiceType.DatatypeChoice)
            {
                foreach (var type in element.FhirType.Select(Build))
                    properties.Add($"{element.Name}{char.ToUpperInvariant(type.Name[0])}{type.Name[1..]}",
                        new JsonProperty(nameId, ordinal, type, element.IsCollection, null, null));
                continue;
            }

            var single = element.Choice == ChoiceType.ResourceChoice ? null : Build(element.FhirType.Single());
            properties.Add(element.Name,
                new JsonProperty(nameId, ordinal, single, element.IsCollection, CodesOf(element), element.BindingName));
        }

        def.Elements = [.. elements.Select(e => e.Name)];
        def.Mandatory = mandatory;
        def.Properties = properties;
    }

    private static Utf8Table<string>? CodesOf(PropertyMapping element)
    {
        var type = element.ImplementingType;
        if (!type.IsGenericType || type.GetGenericTypeDefinition() != typeof(Code<>))
            return null;

        return CodeSets.GetOrAdd(type.GetGenericArguments()[0], static e =>
        {
            var table = new Utf8Table<string>();
            foreach (var code in Inspector.FindEnumMapping(e)?.Members.Keys ?? [])
                table.Add(code, code);
            return table;
        });
    }

    private static FhirTypeDef BuildPrimitiveElement()
    {
        var def = NewType("Element", false, PrimitiveKind.None);
        var properties = new Utf8Table<JsonProperty>();
        properties.Add("id", new JsonProperty(FhirNames.Id("id"), 0, Of(typeof(FhirString)), false, null, null));
        properties.Add("extension", new JsonProperty(FhirNames.Id("extension"), 1, Of(typeof(Extension)), true, null, null));
        (def.Properties, def.Elements) = (properties, ["id", "extension"]);
        return def;
    }

    private static PrimitiveKind PrimitiveOf(string name) => name switch
    {
        "boolean" => PrimitiveKind.Boolean,
        "integer" => PrimitiveKind.Integer,
        "positiveInt" => PrimitiveKind.PositiveInt,
        "unsignedInt" => PrimitiveKind.UnsignedInt,
        "decimal" => PrimitiveKind.Decimal,
        "string" => PrimitiveKind.String,
        "code" => PrimitiveKind.Code,
        "id" => PrimitiveKind.Id,
        "uri" => PrimitiveKind.Uri,
        "url" => PrimitiveKind.Url,
        "canonical" => PrimitiveKind.Canonical,
        "oid" => PrimitiveKind.Oid,
        "uuid" => PrimitiveKind.Uuid,
        "date" => PrimitiveKind.Date,
        "dateTime" => PrimitiveKind.DateTime,
        "instant" => PrimitiveKind.Instant,
        "time" => PrimitiveKind.Time,
        "base64Binary" => PrimitiveKind.Base64Binary,
        "markdown" => PrimitiveKind.Markdown,
        "xhtml" => PrimitiveKind.Xhtml,
        _ => PrimitiveKind.None,
    };
}
