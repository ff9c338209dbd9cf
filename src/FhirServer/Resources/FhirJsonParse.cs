using System.Text;
using System.Text.Json;

namespace FhirEmr.FhirServer.Resources;

/// <summary>One reading of one document: walks the tokens along the schema, fills the tree, collects what is wrong.</summary>
internal sealed class FhirJsonParse(ReadOnlyMemory<byte> source)
{
    public const int MaxDepth = 64;
    private const int MaxIssues = 50;

    private readonly List<StructureIssue> issues = [];
    private readonly int[] pathNames = new int[MaxDepth + 2];
    private readonly int[] pathIndexes = new int[MaxDepth + 2];
    private int depth = -1;

    public ResourceTree Tree { get; } = new(source);

    public IReadOnlyList<StructureIssue> Issues => issues;

    /// <summary>The document cannot be a resource at all, or has more faults than anyone reads.</summary>
    public bool Stopped { get; private set; }

    public void Fail(long offset, string code, string text)
    {
        Report(offset, code, text);
        Stopped = true;
    }

    public void Resource(ref Utf8JsonReader reader, int nameId)
    {
        var start = (int)reader.TokenStartIndex;
        if (ResourceTypeAhead(reader) is not { } type)
        {
            Fail(start, "structure", $"{Where()} has no resourceType, so it cannot be told what it is.");
            return;
        }

        if (FhirSchema.Resource(type) is not { } def)
        {
            var name = Encoding.UTF8.GetString(type.Length > 64 ? type[..64] : type);
            Fail(start, "not-supported", $"'{name}' is not a resource type of FHIR R4.{Nearest(name, ResourceTypes.All)}");
            return;
        }

        Object(ref reader, nameId, def, NodeKind.Object);
    }

    /// <summary>resourceType may stand anywhere in the object; nearly always it is first.</summary>
    private static byte[]? ResourceTypeAhead(Utf8JsonReader ahead)
    {
        while (ahead.Read() && ahead.TokenType == JsonTokenType.PropertyName)
        {
            var found = IsResourceType(ref ahead);
            ahead.Read();
            if (found)
                return ahead.TokenType == JsonTokenType.String ? ahead.ValueSpan.ToArray() : null;
            ahead.Skip();
        }

        return null;
    }

    private static bool IsResourceType(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.ValueTextEquals("resourceType"u8);
        }
        catch (InvalidOperationException)
        {
            return false; // half of a surrogate pair: told where the property is read
        }
    }

    private void Object(ref Utf8JsonReader reader, int nameId, FhirTypeDef def, NodeKind kind)
    {
        var start = (int)reader.TokenStartIndex;
        var index = Tree.Add(new() { Name = nameId, Type = def.Id, Start = start, Kind = kind });
        UInt128 seen = 0, seenElements = 0;
        var (any, typed) = (false, false);

        depth++;
        while (!Stopped && reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            any = true;
            var at = reader.TokenStartIndex;
            var raw = reader.ValueSpan;
            if (reader.ValueIsEscaped)
            {
                if (!TryUnescape(ref reader, out var plain))
                {
                    reader.Skip();
                    continue;
                }

                raw = plain;
            }

            if (def.IsResource && raw.SequenceEqual("resourceType"u8))
            {
                if (typed)
                    Report(at, "structure", "'resourceType' may be given once only.");
                typed = true;
                reader.Read();
                reader.Skip();
                continue;
            }

            var isElement = raw.Length > 1 && raw[0] == '_';
            var property = def.Properties.Find(isElement ? raw[1..] : raw);
            if (property is null || (isElement && property.Type is not { IsPrimitive: true }))
            {
                var name = Encoding.UTF8.GetString(raw);
                pathNames[depth] = 0; // the place is the object itself, not the property read before
                Report(at, "structure", $"{def.Name} has no property '{Short(name)}' in FHIR R4.{Nearest(name, def.Properties.Entries.Select(e => e.Key))}", rule: "unknown-element");
                reader.Skip();
                continue;
            }

            var bit = UInt128.One << property.Ordinal;
            ref var marks = ref isElement ? ref seenElements : ref seen;
            (pathNames[depth], pathIndexes[depth]) = (property.NameId, -1);
            if ((marks & bit) != 0)
                Report(at, "structure", $"'{FhirNames.Name(property.NameId)}' may be given once only (all forms of a choice count as one).", rule: "max-cardinality");
            marks |= bit;

            reader.Read();
            Value(ref reader, property, isElement);
        }

        depth--;
        if (Stopped)
            return;

        if (!any)
            Report(start, "structure", "An object must have content: leave the property out instead.");
        var missing = def.Mandatory & ~(seen | seenElements);
        for (var ordinal = 0; missing != 0; ordinal++, missing >>= 1)
            if ((missing & 1) != 0)
                Report(start, "required", $"{def.Name}.{def.Elements[ordinal]} is mandatory and absent.", def.Elements[ordinal], rule: "min-cardinality");

        Close(index, (int)reader.TokenStartIndex + 1);
    }

    private void Value(ref Utf8JsonReader reader, JsonProperty property, bool isElement)
    {
        if (!property.IsList)
        {
            if (reader.TokenType == JsonTokenType.StartArray)
            {
                Report(reader.TokenStartIndex, "structure", $"'{FhirNames.Name(property.NameId)}' does not repeat: give the value without [ ].", rule: "max-cardinality");
                reader.Skip();
                return;
            }

            Item(ref reader, property, isElement, inList: false);
            return;
        }

        if (reader.TokenType != JsonTokenType.StartArray)
        {
            Report(reader.TokenStartIndex, "structure", $"'{FhirNames.Name(property.NameId)}' repeats: give an array, even for one value.", rule: "wrong-type");
            reader.Skip();
            return;
        }

        var at = reader.TokenStartIndex;
        var count = 0;
        while (!Stopped && reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            pathIndexes[depth] = count++;
            Item(ref reader, property, isElement, inList: true);
        }

        if (count == 0)
            Report(at, "structure", "An array must have content: leave the property out instead.");
    }

    private void Item(ref Utf8JsonReader reader, JsonProperty property, bool isElement, bool inList)
    {
        var type = property.Type;
        if (reader.TokenType == JsonTokenType.Null)
        {
            if (inList && type is { IsPrimitive: true })
                Close(Tree.Add(new() { Name = property.NameId, Type = type.Id, Start = (int)reader.TokenStartIndex, Kind = NodeKind.Null }), (int)reader.TokenStartIndex);
            else
                Report(reader.TokenStartIndex, "structure", "null is allowed only to keep a place in a list of primitives.");
            return;
        }

        if (isElement || type is not { IsPrimitive: true })
        {
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                Report(reader.TokenStartIndex, "structure", $"Expected an object ({type?.Name ?? "a resource"}), found {Kind(reader.TokenType)}.", rule: "wrong-type");
                reader.Skip();
            }
            else if (isElement)
            {
                Object(ref reader, property.NameId, FhirSchema.PrimitiveElement, NodeKind.PrimitiveElement);
            }
            else if (type is null)
            {
                Resource(ref reader, property.NameId);
            }
            else
            {
                Object(ref reader, property.NameId, type, NodeKind.Object);
            }

            return;
        }

        Primitive(ref reader, property, type);
    }

    private void Primitive(ref Utf8JsonReader reader, JsonProperty property, FhirTypeDef type)
    {
        var (kind, expected) = type.Primitive switch
        {
            PrimitiveKind.Boolean => (reader.TokenType == JsonTokenType.True ? NodeKind.True : NodeKind.False, reader.TokenType is JsonTokenType.True or JsonTokenType.False),
            PrimitiveKind.Decimal or PrimitiveKind.Integer or PrimitiveKind.PositiveInt or PrimitiveKind.UnsignedInt =>
                (NodeKind.Number, reader.TokenType == JsonTokenType.Number),
            _ => (NodeKind.Text, reader.TokenType == JsonTokenType.String),
        };

        if (!expected)
        {
            Report(reader.TokenStartIndex, "value", $"{type.Name} is written as {Written(type.Primitive)}, found {Kind(reader.TokenType)}.", rule: "wrong-type");
            reader.Skip();
            return;
        }

        var start = (int)reader.TokenStartIndex + (kind == NodeKind.Text ? 1 : 0);
        var value = reader.ValueSpan;
        var index = Tree.Add(new() { Name = property.NameId, Type = type.Id, Start = start, Kind = kind });
        Close(index, start + value.Length);

        if (reader.ValueIsEscaped)
        {
            if (!TryUnescape(ref reader, out var plain))
                return;
            value = plain;
        }

        if (PrimitiveFormat.Fault(type.Primitive, value) is { } fault)
            Report(reader.TokenStartIndex, "value", $"{fault} Found '{Short(Encoding.UTF8.GetString(value))}'.", rule: "bad-literal");
        else if (property.Codes is { } codes && codes.Find(value) is null)
            Report(reader.TokenStartIndex, "code-invalid", $"'{Short(Encoding.UTF8.GetString(value))}' is not a code of {property.Binding}.{AllowedCodes(codes)}", rule: "binding-required");
    }

    /// <summary>Escapes resolved; false, and a fault, for half of a surrogate pair, which is no character.</summary>
    private bool TryUnescape(ref Utf8JsonReader reader, out byte[] text)
    {
        try
        {
            text = Encoding.UTF8.GetBytes(reader.GetString()!);
            return true;
        }
        catch (InvalidOperationException)
        {
            text = [];
            Report(reader.TokenStartIndex, "value", "A \\u escape gives half of a surrogate pair: characters beyond U+FFFF take two escapes.");
            return false;
        }
    }

    private void Close(int index, int end)
    {
        ref var node = ref Tree.Nodes[index];
        node.End = end;
        node.Next = Tree.Count;
    }

    private void Report(long offset, string code, string text, string? child = null, string rule = "malformed")
    {
        var before = source.Span[..(int)Math.Min(offset, source.Length)];
        var line = before.Count((byte)'\n') + 1;
        var column = before.Length - (before.LastIndexOf((byte)'\n') + 1) + 1;
        issues.Add(new(code, Where() + (child is null ? "" : $".{child}"), line, column, text, rule));
        if (issues.Count >= MaxIssues)
            Stopped = true;
    }

    private string Where()
    {
        if (Tree.Count == 0)
            return "Resource";

        var path = new StringBuilder(Tree.Root.Type.Name);
        for (var i = 0; i <= depth && i < pathNames.Length; i++)
        {
            if (pathNames[i] == 0)
                break;
            path.Append('.').Append(FhirNames.Name(pathNames[i]));
            if (pathIndexes[i] >= 0)
                path.Append('[').Append(pathIndexes[i]).Append(']');
        }

        return path.ToString();
    }

    private static string Short(string value) => value.Length <= 60 ? value : value[..60] + "…";

    private static string Kind(JsonTokenType token) => token switch
    {
        JsonTokenType.StartObject => "an object",
        JsonTokenType.StartArray => "an array",
        JsonTokenType.String => "a string",
        JsonTokenType.Number => "a number",
        JsonTokenType.True or JsonTokenType.False => "a boolean",
        _ => "null",
    };

    private static string Written(PrimitiveKind kind) => kind switch
    {
        PrimitiveKind.Boolean => "true or false without quotes",
        PrimitiveKind.Decimal or PrimitiveKind.Integer or PrimitiveKind.PositiveInt or PrimitiveKind.UnsignedInt => "a number without quotes",
        _ => "a string in quotes",
    };

    private static string AllowedCodes(Utf8Table<string> codes)
    {
        var all = codes.Entries.Select(e => e.Key).Order(StringComparer.Ordinal).ToArray();
        return all.Length is 0 or > 16 ? "" : $" Allowed: {string.Join(", ", all)}.";
    }

    private static string Nearest(string wrong, IEnumerable<string> known) =>
        NearestName.Of(wrong, known) is { } near ? $" Did you mean '{near}'?" : "";
}
