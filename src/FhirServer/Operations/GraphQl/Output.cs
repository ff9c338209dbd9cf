using System.Text.Json;
using FhirEmr.FhirServer.Resources;

namespace FhirEmr.FhirServer.Operations.GraphQl;

/// <summary>A value of the answer: an element as stored, a text or number of ours, or an object.</summary>
internal abstract record OutValue
{
    /// <summary>A primitive, byte for byte as in the resource.</summary>
    public sealed record Stored(FhirNode Node) : OutValue;

    public sealed record Text(string Value) : OutValue;

    public sealed record Number(long Value) : OutValue;

    public sealed record Truth(bool Value) : OutValue;

    public sealed record Null : OutValue;

    public sealed record Object : OutValue
    {
        public List<OutField> Fields { get; } = [];
    }
}

/// <summary>A field of the answer with what directives do to it when it is written.</summary>
/// <param name="IsList">Whether the element repeats.</param>
/// <param name="TypeName">FHIR type of the values, which must be one where several fields flow together.</param>
internal sealed record OutField(string Key, bool IsList, string TypeName)
{
    public bool IsFlat { get; init; }

    public bool IsSingleton { get; init; }

    /// <summary>What is appended to the name of each item; null without @slice.</summary>
    public List<string>? Slices { get; init; }

    /// <summary>Answered in a later round; without items then the field is left out.</summary>
    public List<OutValue> Items { get; } = [];

    /// <summary>Shown as an empty list, or null, where nothing was found: searches and reads of the root.</summary>
    public bool ShowsEmpty { get; init; }
}

/// <summary>Writes an answer; flattens and slices on the way (graphql.html#flattening).</summary>
internal static class OutputWriter
{
    public static void Write(Utf8JsonWriter json, OutValue value)
    {
        switch (value)
        {
            case OutValue.Stored { Node: { Kind: NodeKind.Text } text }:
                json.WriteRawValue([(byte)'"', .. text.Raw, (byte)'"'], skipInputValidation: true);
                break;
            case OutValue.Stored { Node: var node }:
                json.WriteRawValue(node.Raw, skipInputValidation: true);
                break;
            case OutValue.Text text:
                json.WriteStringValue(text.Value);
                break;
            case OutValue.Number number:
                json.WriteNumberValue(number.Value);
                break;
            case OutValue.Truth truth:
                json.WriteBooleanValue(truth.Value);
                break;
            case OutValue.Null:
                json.WriteNullValue();
                break;
            case OutValue.Object o:
                WriteObject(json, o);
                break;
        }
    }

    private static void WriteObject(Utf8JsonWriter json, OutValue.Object o)
    {
        var properties = new List<Property>();
        Collect(o, "", isInList: false, isFlattened: false, properties);
        json.WriteStartObject();
        foreach (var property in properties)
        {
            json.WritePropertyName(property.Name);
            if (property.IsList)
            {
                json.WriteStartArray();
                foreach (var item in property.Values)
                    Write(json, item);
                json.WriteEndArray();
            }
            else
            {
                Write(json, property.Values is [var one, ..] ? one : new OutValue.Null());
            }
        }

        json.WriteEndObject();
    }

    private static void Collect(OutValue.Object o, string suffix, bool isInList, bool isFlattened, List<Property> into)
    {
        foreach (var field in o.Fields)
        {
            if (field.IsFlat)
            {
                for (var i = 0; i < field.Items.Count; i++)
                    if (field.Items[i] is OutValue.Object inner)
                        Collect(inner, suffix + Suffix(field, i), isInList || field.IsList, isFlattened: true, into);
                    else
                        throw new GraphQlException($"@flatten on '{field.Key}': a single value has no children to take its place.");
                continue;
            }

            if (field.Slices is null)
            {
                if (field.Items.Count > 0 || field.ShowsEmpty)
                    Add(into, field, field.Key + suffix, field.Items, field.IsList || isInList, isFlattened);
                continue;
            }

            for (var i = 0; i < field.Items.Count; i++)
                Add(into, field, field.Key + suffix + Suffix(field, i), [field.Items[i]], field.IsList || isInList, isFlattened);
        }
    }

    private static string Suffix(OutField field, int i) => field.Slices is { } slices && slices[i].Length > 0 ? "." + slices[i] : "";

    private static void Add(List<Property> into, OutField field, string name, List<OutValue> values, bool isList, bool isFlattened)
    {
        var isSingle = field.IsSingleton || !isList;
        var known = into.Find(p => p.Name == name);
        if (known is null)
        {
            into.Add(known = new(name, field.TypeName, !isSingle));
        }
        else if (!isFlattened && !isList)
        {
            return; // the same field asked for twice, as resource(type:) is
        }
        else if (known.TypeName != field.TypeName)
        {
            throw new GraphQlException($"'{name}' would collect values of {known.TypeName} and of {field.TypeName}: give one of them another name (graphql.html#flattening).");
        }

        known.Values.AddRange(values);
        if (field.IsSingleton && known.Values.Count > 1)
            throw new GraphQlException($"@singleton on '{name}': there are {known.Values.Count} values. Leave it out, or take the @first.");
    }

    private sealed record Property(string Name, string TypeName, bool IsList)
    {
        public List<OutValue> Values { get; } = [];
    }
}
