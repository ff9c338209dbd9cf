using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using FhirEmr.FhirServer.Resources;

namespace FhirEmr.FhirServer.Interactions.Patching;

/// <summary>JSON that can be changed and keeps what is not changed byte for byte: numbers, escapes and the order of members stay as written.</summary>
internal abstract class JsonValue
{
    private static readonly JsonReaderOptions Options = new() { MaxDepth = FhirJsonParse.MaxDepth + 8 };

    /// <summary>Levels of objects and lists, this one included; 0 for a scalar.</summary>
    public abstract int Height { get; }

    /// <exception cref="JsonException">The text is not JSON.</exception>
    public static JsonValue Parse(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, Options);
        reader.Read();
        var value = Read(ref reader, json);
        reader.Read(); // anything after the value is an error the reader itself reports
        return value;
    }

    public byte[] ToBytes()
    {
        var output = new ArrayBufferWriter<byte>(1024);
        WriteTo(output);
        return output.WrittenSpan.ToArray();
    }

    public abstract JsonValue Clone();

    public abstract void WriteTo(ArrayBufferWriter<byte> output);

    private static JsonValue Read(ref Utf8JsonReader reader, ReadOnlySpan<byte> json)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                var members = new JsonMembers();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
                {
                    var name = reader.GetString()!;
                    reader.Read();
                    members.Items.Add(new(name, Read(ref reader, json)));
                }

                return members;
            case JsonTokenType.StartArray:
                var list = new JsonItems();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                    list.Items.Add(Read(ref reader, json));
                return list;
            default:
                return new JsonScalar(reader.TokenType, json[(int)reader.TokenStartIndex..(int)reader.BytesConsumed].ToArray());
        }
    }
}

/// <summary>A text, number, true, false or null as written.</summary>
internal sealed class JsonScalar(JsonTokenType kind, byte[] raw) : JsonValue
{
    public static JsonScalar Null { get; } = new(JsonTokenType.Null, "null"u8.ToArray());

    public JsonTokenType Kind => kind;

    public ReadOnlySpan<byte> Raw => raw;

    public override int Height => 0;

    /// <summary>The text with escapes resolved; null for what is no text.</summary>
    public string? Text => kind == JsonTokenType.String ? FhirNode.Unescaped(raw.AsSpan(1, raw.Length - 2)) : null;

    public override JsonValue Clone() => this; // never changed

    public override void WriteTo(ArrayBufferWriter<byte> output) => output.Write(raw);
}

internal sealed class JsonItems : JsonValue
{
    public List<JsonValue> Items { get; } = [];

    public override int Height => 1 + (Items.Count == 0 ? 0 : Items.Max(i => i.Height));

    public override JsonValue Clone()
    {
        var copy = new JsonItems();
        foreach (var item in Items)
            copy.Items.Add(item.Clone());
        return copy;
    }

    public override void WriteTo(ArrayBufferWriter<byte> output)
    {
        output.Write("["u8);
        for (var i = 0; i < Items.Count; i++)
        {
            if (i > 0)
                output.Write(","u8);
            Items[i].WriteTo(output);
        }

        output.Write("]"u8);
    }
}

/// <summary>An object: members in the order written.</summary>
internal sealed class JsonMembers : JsonValue
{
    public List<KeyValuePair<string, JsonValue>> Items { get; } = [];

    public override int Height => 1 + (Items.Count == 0 ? 0 : Items.Max(i => i.Value.Height));

    public JsonValue? this[string name] => IndexOf(name) is >= 0 and var at ? Items[at].Value : null;

    public string? TextOf(string name) => (this[name] as JsonScalar)?.Text;

    public int IndexOf(string name) => Items.FindIndex(i => i.Key == name);

    /// <summary>Replaces the member where it stands, or adds it at the end.</summary>
    public void Set(string name, JsonValue value)
    {
        if (IndexOf(name) is >= 0 and var at)
            Items[at] = new(name, value);
        else
            Items.Add(new(name, value));
    }

    public bool Remove(string name) => Items.RemoveAll(i => i.Key == name) > 0;

    public override JsonValue Clone()
    {
        var copy = new JsonMembers();
        foreach (var (name, value) in Items)
            copy.Items.Add(new(name, value.Clone()));
        return copy;
    }

    public override void WriteTo(ArrayBufferWriter<byte> output)
    {
        output.Write("{"u8);
        for (var i = 0; i < Items.Count; i++)
        {
            if (i > 0)
                output.Write(","u8);
            output.Write("\""u8);
            output.Write(JsonEncodedText.Encode(Items[i].Key, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).EncodedUtf8Bytes);
            output.Write("\":"u8);
            Items[i].Value.WriteTo(output);
        }

        output.Write("}"u8);
    }

    /// <summary>Drops objects and lists that lost all they had: FHIR has no empty ones (json.html).</summary>
    public void Prune() => Items.RemoveAll(i => IsEmpty(i.Value));

    private static bool IsEmpty(JsonValue value)
    {
        switch (value)
        {
            case JsonMembers members:
                members.Prune();
                return members.Items.Count == 0;
            case JsonItems list:
                list.Items.RemoveAll(IsEmpty);
                return list.Items.Count == 0;
            default:
                return false;
        }
    }
}
