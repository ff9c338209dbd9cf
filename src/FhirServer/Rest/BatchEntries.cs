using System.Buffers;
using System.Text.Json;
using FhirEmr.FhirServer.Resources;

namespace FhirEmr.FhirServer.Rest;

/// <summary>A batch in which some resources are no FHIR: their entries are refused, the others are done all the same (http.html#brules).</summary>
internal static class BatchEntries
{
    private static readonly JsonReaderOptions Options = new() { MaxDepth = FhirJsonParse.MaxDepth };

    /// <summary>What is wrong with which entry, and the Bundle with an empty resource in the place of each of those; null when it is no batch, or wrong by itself.</summary>
    public static IReadOnlyDictionary<int, FhirFault>? Read(ReadOnlyMemory<byte> json, out FhirNode bundle)
    {
        bundle = default;
        try
        {
            if (Resources(json.Span) is not { } resources)
                return null;
            var faults = new Dictionary<int, FhirFault>();
            var readable = new ArrayBufferWriter<byte>(json.Length);
            var copied = 0;
            foreach (var (entry, place) in resources)
            {
                FhirJsonReader.Read(json[place], out var issues);
                if (issues.Count == 0)
                    continue;
                faults[entry] = FhirFault.Structure(issues.Select(i => Within(json.Span[..place.Start.Value], i))).InEntry(entry);
                readable.Write(json.Span[copied..place.Start.Value]);
                readable.Write("""{"resourceType":"Parameters"}"""u8);
                copied = place.End.Value;
            }

            readable.Write(json.Span[copied..]);
            if (faults.Count == 0 || FhirJsonReader.Read(readable.WrittenMemory, out var others) is not { } tree || others.Count > 0)
                return null;
            bundle = tree.Root;
            return faults;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null; // no JSON: there are no entries to tell apart
        }
    }

    /// <summary>Where each entry's resource stands; null when it is no batch.</summary>
    private static List<(int Entry, Range Place)>? Resources(ReadOnlySpan<byte> json)
    {
        var (isBundle, isBatch, entry) = (false, false, 0);
        var found = new List<(int, Range)>();
        var reader = new Utf8JsonReader(json, Options);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            return null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString();
            reader.Read();
            isBundle |= name == "resourceType" && reader.TokenType == JsonTokenType.String && reader.ValueTextEquals("Bundle"u8);
            isBatch |= name == "type" && reader.TokenType == JsonTokenType.String && reader.ValueTextEquals("batch"u8);
            if (name != "entry" || reader.TokenType != JsonTokenType.StartArray)
            {
                reader.Skip();
                continue;
            }

            for (; reader.Read() && reader.TokenType == JsonTokenType.StartObject; entry++)
                while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
                {
                    var isResource = reader.ValueTextEquals("resource"u8);
                    reader.Read();
                    var start = (int)reader.TokenStartIndex;
                    reader.Skip();
                    if (isResource)
                        found.Add((entry, start..(int)reader.BytesConsumed));
                }

            if (reader.TokenType != JsonTokenType.EndArray)
                return null;
        }

        return isBundle && isBatch ? found : null;
    }

    /// <summary>Lines and columns are those of what was sent.</summary>
    private static StructureIssue Within(ReadOnlySpan<byte> before, StructureIssue issue) => issue with
    {
        Line = issue.Line + before.Count((byte)'\n'),
        Column = issue.Line > 1 ? issue.Column : issue.Column + before.Length - (before.LastIndexOf((byte)'\n') + 1),
    };
}
