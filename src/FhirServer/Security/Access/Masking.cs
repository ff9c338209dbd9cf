using System.Buffers;
using System.Text;
using System.Text.Json;
using FhirEmr.FhirServer.Resources;

namespace FhirEmr.FhirServer.Security.Access;

/// <summary>Leaves the elements out that a caller may not see, in resources and in those contained in them, and tags what is left as a part.</summary>
/// <remarks>
/// Always tagged where the type has masks, whether or not there was anything to leave out: the tag must not tell. A tagged body cannot come back as an
/// update (search.html#summary), so what was left out is not lost.
/// </remarks>
internal static class Masking
{
    private const int MaxDepth = (2 * FhirJsonParse.MaxDepth) + 16;

    private static ReadOnlySpan<byte> Tag => "{\"system\":\"http://terminology.hl7.org/CodeSystem/v3-ObservationValue\",\"code\":\"SUBSETTED\"}"u8;

    public static StoredResource Shown(this AccessPlan access, StoredResource resource, Interaction interaction) =>
        resource.IsDeleted || resource.Json.IsEmpty || !access.HasMasks ? resource : resource with { Json = access.Shown(resource.Key.Type, resource.Json, interaction) };

    /// <param name="type">Its type; null when only the body tells.</param>
    public static ReadOnlyMemory<byte> Shown(this AccessPlan access, string? type, ReadOnlyMemory<byte> json, Interaction interaction)
    {
        if (!access.HasMasks || json.IsEmpty || (type is not null && access.Withheld(type, interaction).Count == 0 && json.Span.IndexOf("\"contained\""u8) < 0))
            return json;
        return Without(json.Span, access, interaction, isRoot: true) ?? json;
    }

    /// <summary>The object without what is withheld; null when that is all of it.</summary>
    private static byte[]? Without(ReadOnlySpan<byte> json, AccessPlan access, Interaction interaction, bool isRoot)
    {
        var type = TypeOf(json);
        var withheld = access.Withheld(type, interaction);
        var (parts, meta, isChanged) = (new List<byte[]>(), -1, isRoot && withheld.Count > 0);
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxDepth });
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var (start, name) = ((int)reader.TokenStartIndex, reader.GetString()!);
            reader.Read();
            var value = (int)reader.TokenStartIndex;
            reader.Skip();
            var end = (int)reader.BytesConsumed;
            if (withheld.Contains(ElementOf(type, name)))
            {
                isChanged = true;
                continue;
            }

            if (name == "meta")
                meta = parts.Count;
            if (name == "contained" && Contained(json[value..end], access, interaction) is { } contained)
            {
                parts.Add([.. json[start..value], .. contained]);
                isChanged = true;
            }
            else
            {
                parts.Add(json[start..end].ToArray());
            }
        }

        if (!isChanged)
            return null;
        if (isRoot && withheld.Count > 0)
        {
            if (meta >= 0)
                parts[meta] = Tagged(parts[meta]);
            else
                parts.Insert(Math.Min(1, parts.Count), [.. "\"meta\":{\"tag\":["u8, .. Tag, .. "]}"u8]);
        }

        return Join((byte)'{', parts, (byte)'}');
    }

    /// <summary>The list of contained resources, each with the masks of its own type; null when none has any.</summary>
    private static byte[]? Contained(ReadOnlySpan<byte> list, AccessPlan access, Interaction interaction)
    {
        var (items, isChanged) = (new List<byte[]>(), false);
        var reader = new Utf8JsonReader(list, new JsonReaderOptions { MaxDepth = MaxDepth });
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
        {
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            var item = list[start..(int)reader.BytesConsumed];
            var masked = Without(item, access, interaction, isRoot: false);
            isChanged |= masked is not null;
            items.Add(masked ?? item.ToArray());
        }

        return isChanged ? Join((byte)'[', items, (byte)']') : null;
    }

    /// <summary><c>"meta":{…}</c> with the tag among its tags.</summary>
    private static byte[] Tagged(byte[] meta)
    {
        if (meta.AsSpan().IndexOf("\"SUBSETTED\""u8) >= 0)
            return meta;
        var open = meta.AsSpan().IndexOf((byte)'{');
        var reader = new Utf8JsonReader(meta.AsSpan(open), new JsonReaderOptions { MaxDepth = MaxDepth });
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isTag = reader.ValueTextEquals("tag"u8);
            reader.Read();
            reader.Skip();
            if (isTag)
            {
                var close = open + (int)reader.BytesConsumed - 1;
                return [.. meta[..close], (byte)',', .. Tag, .. meta[close..]];
            }
        }

        return [.. meta[..^1], .. (meta[^2] == '{' ? ""u8 : ","u8), .. "\"tag\":["u8, .. Tag, .. "]}"u8];
    }

    private static string ElementOf(string type, string property)
    {
        var plain = property.TrimStart('_'); // id and extensions of a primitive go with it
        return FhirSchema.Resource(type)?.Properties.Find(Encoding.UTF8.GetBytes(plain)) is { } known ? FhirNames.Name(known.NameId) : plain;
    }

    private static string TypeOf(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxDepth });
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isType = reader.ValueTextEquals("resourceType"u8);
            reader.Read();
            if (isType)
                return reader.GetString() ?? "";
            reader.Skip();
        }

        return "";
    }

    private static byte[] Join(byte open, List<byte[]> parts, byte close)
    {
        var buffer = new ArrayBufferWriter<byte>(parts.Sum(p => p.Length + 1) + 2);
        buffer.Write([open]);
        for (var i = 0; i < parts.Count; i++)
        {
            if (i > 0)
                buffer.Write(","u8);
            buffer.Write(parts[i]);
        }

        buffer.Write([close]);
        return buffer.WrittenSpan.ToArray();
    }
}
