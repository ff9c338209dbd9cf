using System.Globalization;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;

namespace FhirEmr.FhirServer.Interactions.Patching;

/// <summary>A patch as sent, in either format, read once and applied to the current version of a resource.</summary>
/// <remarks>http.html#patch. All operations hold or none does; the result passes the same structure check as an update.</remarks>
internal abstract class PatchDocument
{
    public const int MostOperations = 200;

    /// <summary>The formats the CapabilityStatement lists.</summary>
    public static IReadOnlyList<string> Formats { get; } = [PatchFormat.JsonPatch, FhirFormats.JsonMediaType, FhirFormats.XmlMediaType];

    /// <summary>The patch of a request: JSON Patch by its media type, or a Parameters resource; inside a Bundle the first comes as a Binary.</summary>
    public static (PatchDocument? Patch, FhirFault? Fault) Read(FhirRequest request)
    {
        if (request.Content is { } content)
            return JsonPatch.Read(content);
        if (!request.Body.Exists)
            return (null, FhirFault.Of(FaultKind.Invalid, $"A patch needs a body: {PatchFormat.Taken}.", code: "required"));

        switch (request.Body.Type.Name)
        {
            case "Parameters":
                return FhirPathPatch.Read(request.Body);
            case "Binary" when request.Entry is not null:
                return ReadBinary(request.Body);
            default:
                return (null, FhirFault.Of(FaultKind.Invalid,
                    $"A {request.Body.Type.Name} is no patch: send {(request.Entry is null ? PatchFormat.Taken : "a Parameters resource, or a Binary with contentType application/json-patch+json")}."));
        }
    }

    /// <summary>The resource after the patch, ready to be written; the fault names what does not fit.</summary>
    public (FhirNode Resource, FhirFault? Fault) ApplyTo(StoredResource current)
    {
        var (result, fault) = Apply((JsonMembers)JsonValue.Parse(current.Json.Span));
        if (result is null)
            return (default, fault);

        if (Untouchable(result, current) is { } wrong)
            return (default, FhirFault.Of(FaultKind.Unprocessable, wrong.Text, wrong.Expression, "business-rule"));
        result.Prune();
        var tree = FhirJsonReader.Read(result.ToBytes(), out var issues);
        return issues.Count > 0 || tree is null
            ? (default, FhirFault.Structure(issues) with { Kind = FaultKind.Unprocessable })
            : (tree.Root, null);
    }

    /// <summary>Applies all operations to a copy that is nobody else's.</summary>
    protected abstract (JsonMembers? Result, FhirFault? Fault) Apply(JsonMembers resource);

    protected static FhirFault? TooMany(int operations) => operations <= MostOperations ? null
        : FhirFault.Of(FaultKind.Unprocessable, $"The patch has {operations} operations; at most {MostOperations} are taken at once. PUT the resource instead.", code: "too-costly");

    private static (PatchDocument? Patch, FhirFault? Fault) ReadBinary(FhirNode binary)
    {
        var mediaType = RequestBody.MediaType(binary.TextOf("contentType"));
        if (mediaType != PatchFormat.JsonPatch)
            return (null, PatchFormat.Refusal(mediaType) is { } refusal ? refusal with { Kind = FaultKind.Invalid }
                : FhirFault.Of(FaultKind.Invalid, "A FHIRPath Patch stands in the entry as a Parameters resource, not inside a Binary.", "Binary.contentType"));
        if (binary.TextOf("data") is not { } data)
            return (null, FhirFault.Of(FaultKind.Invalid, "The Binary has no data: the JSON Patch goes there in base64.", "Binary.data", "required"));
        try
        {
            return JsonPatch.Read(Convert.FromBase64String(data));
        }
        catch (FormatException)
        {
            return (null, FhirFault.Of(FaultKind.Invalid, "Binary.data is not base64.", "Binary.data", "value"));
        }
    }

    /// <summary>Identity is not content: a patch may test it, not change it.</summary>
    private static (string Text, string Expression)? Untouchable(JsonMembers result, StoredResource current)
    {
        var type = current.Key.Type;
        if (result.TextOf("resourceType") != type)
            return ($"The patch changes resourceType; {current.Key} stays a {type}.", type);
        if (result.TextOf("id") != current.Key.Id)
            return ($"The patch changes the id; it stays '{current.Key.Id}'.", $"{type}.id");
        if (result["meta"] is not JsonMembers meta)
            return null;
        if (meta["versionId"] is { } version && (version as JsonScalar)?.Text != current.Version.ToString(CultureInfo.InvariantCulture))
            return ($"The patch changes meta.versionId: the server numbers versions. Say with If-Match which one to change.", $"{type}.meta.versionId");
        if (meta["lastUpdated"] is { } updated && (updated as JsonScalar)?.Text != FhirInstant.Format(current.LastUpdated))
            return ("The patch changes meta.lastUpdated: the server sets it.", $"{type}.meta.lastUpdated");
        return null;
    }
}
