using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using FhirEmr.FhirServer.Resources;
using Hl7.Fhir.Model;
using Hl7.Fhir.Serialization;

namespace FhirEmr.FhirServer.Rest;

/// <summary>JSON and XML at the edges. Stored bytes are JSON; only XML, subsets and pretty printing go through the SDK's model.</summary>
internal static class FhirFormats
{
    public const string JsonMediaType = "application/fhir+json";
    public const string XmlMediaType = "application/fhir+xml";

    /// <summary>Deep enough for all that is read, with a Bundle around it; a level of XML may be two of JSON.</summary>
    private const int MaxDepth = (2 * FhirJsonParse.MaxDepth) + 16;

    private static readonly JsonSerializerOptions Json = new JsonSerializerOptions { MaxDepth = MaxDepth }.ForFhir(ModelInfo.ModelInspector).UsingMode(DeserializationMode.Ostrich);
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, MaxDepth = MaxDepth, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly BaseFhirXmlSerializer XmlWriter = new(ModelInfo.ModelInspector);
    private static readonly BaseFhirXmlDeserializer XmlReader = new(ModelInfo.ModelInspector, new DeserializerSettings().UsingMode(DeserializationMode.Ostrich));

    public static byte[] ToJson(Resource resource) => JsonSerializer.SerializeToUtf8Bytes<Resource>(resource, Json);

    public static Resource Parse(ReadOnlySpan<byte> json) => JsonSerializer.Deserialize<Resource>(json, Json)!;

    public static T Parse<T>(ReadOnlySpan<byte> json)
        where T : Resource => (T)Parse(json);

    /// <summary>The resource as chosen: as stored when nothing was.</summary>
    public static ReadOnlyMemory<byte> Shown(ReadOnlyMemory<byte> json, SubsetChoice? choice) => choice is null ? json : Subset(json, choice);

    /// <summary>What the SDK adds to every part by itself, in the code system of STU 3.</summary>
    private static ReadOnlySpan<byte> OldTag => """,{"system":"http://hl7.org/fhir/v3/ObservationValue","code":"SUBSETTED"}"""u8;

    /// <summary>Part of a resource, tagged SUBSETTED (search.html#summary, #elements).</summary>
    public static byte[] Subset(ReadOnlyMemory<byte> json, SubsetChoice choice)
    {
        var filter = choice.Elements.Count > 0
            ? SerializationFilter.ForElements([.. choice.Elements, "id", "meta"])
            : choice.Summary switch
            {
                "text" => SerializationFilter.ForText(),
                "data" => SerializationFilter.ForData(),
                _ => SerializationFilter.ForSummary(),
            };
        var options = new JsonSerializerOptions { MaxDepth = MaxDepth }.ForFhir(ModelInfo.ModelInspector, new FhirJsonConverterOptions { SummaryFilterFactory = () => filter });
        var resource = Parse(json.Span);
        resource.Meta ??= new Meta();
        if (!resource.Meta.Tag.Exists(t => t.Code == "SUBSETTED")) // the caller may have been shown a part already
            resource.Meta.Tag.Add(new Coding("http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "SUBSETTED"));
        var shown = JsonSerializer.SerializeToUtf8Bytes<Resource>(resource, options);
        var old = shown.AsSpan().IndexOf(OldTag);
        return old < 0 ? shown : [.. shown.AsSpan(0, old), .. shown.AsSpan(old + OldTag.Length)];
    }

    public static byte[] Pretty(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxDepth });
        using var document = JsonDocument.ParseValue(ref reader);
        return JsonSerializer.SerializeToUtf8Bytes(document.RootElement, Indented);
    }

    public static byte[] ToXml(ReadOnlySpan<byte> json, bool pretty)
    {
        using var buffer = new MemoryStream();
        using (var writer = System.Xml.XmlWriter.Create(buffer, new() { Encoding = new UTF8Encoding(false), Indent = pretty }))
            XmlWriter.Serialize(Parse(json), writer);
        return buffer.ToArray();
    }
}
