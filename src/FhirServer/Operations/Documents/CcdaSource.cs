using System.Globalization;
using FhirEmr.FhirServer.Documents.Ccda;
using FhirEmr.FhirServer.Documents.Xdm;
using FhirEmr.FhirServer.Interactions.Binaries;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Storage;

namespace FhirEmr.FhirServer.Operations.Documents;

/// <summary>What a call of <c>$import-ccda</c> brings: documents, and how to take them.</summary>
/// <param name="Documents">Each with a name for the report.</param>
/// <param name="Passed">What was in a package and is no CDA document.</param>
internal sealed record CcdaSource(IReadOnlyList<(string Name, ReadOnlyMemory<byte> Xml)> Documents, IReadOnlyList<string> Passed)
{
    /// <summary>The patient that the caller says it is; null to find out.</summary>
    public ResourceKey? Patient { get; init; }

    /// <summary>Somebody has looked at both records: a document that describes another person is taken all the same.</summary>
    public bool IsConfirmed { get; init; }

    public bool IsDryRun { get; init; }
}

/// <summary>Reads the call: a CDA document or an XDM package as the body, or Parameters that carry or name one.</summary>
internal sealed class CcdaSourceReader(IResourceStore store, ContentStore contents)
{
    public async Task<(CcdaSource? Source, FhirFault? Fault)> ReadAsync(FhirRequest request, CancellationToken ct)
    {
        var (given, wrong) = OperationInput.Read(request, "document", "content", "patient", "dryRun", "confirmed");
        if (wrong is not null)
            return (null, wrong);
        foreach (var flag in (string[])["dryRun", "confirmed"])
            if (given[flag] is not (null or "true" or "false"))
                return Wrong($"{flag}={given[flag]} is neither true nor false.");

        ResourceKey? patient = request.Target.Id is null ? null : request.Target.Key;
        if (given["patient"] is { } named)
        {
            if (!ResourceKey.TryParseRelative(Relative(named, request.BaseUrl), out var key, out _) || key.Type != "Patient")
                return Wrong($"patient={named} names no Patient of this server.");
            if (patient is not null && patient != key)
                return Wrong("The address and the parameter patient name two patients.");
            patient = key;
        }

        var (bytes, mediaType, fault) = await BytesAsync(request, given, ct);
        if (fault is not null)
            return (null, fault);
        var (source, unreadable) = Open(bytes, mediaType);
        return source is null ? (null, unreadable) : (source with { Patient = patient, IsDryRun = given["dryRun"] == "true", IsConfirmed = given["confirmed"] == "true" }, null);
    }

    /// <summary>One document, or those of a package.</summary>
    public static (CcdaSource? Source, FhirFault? Fault) Open(ReadOnlyMemory<byte> bytes, string? mediaType)
    {
        if (!XdmPackage.Looks(bytes.Span) && mediaType != "application/zip")
            return (new([("document", bytes)], []), null);
        var (package, why) = XdmPackage.Read(bytes);
        if (package is null)
            return (null, FhirFault.Of(FaultKind.Invalid, why!));
        var isCda = package.Documents.ToLookup(d => d.MediaType is "text/xml" or "application/xml" or Cda.MediaType);
        return isCda[true].Any() ? (new([.. isCda[true].Select(d => (d.Name, d.Content))], [.. isCda[false].Select(d => d.Name)]), null)
            : (null, FhirFault.Of(FaultKind.Unprocessable, "The package has no CDA document."));
    }

    private async Task<(ReadOnlyMemory<byte> Bytes, string? MediaType, FhirFault? Fault)> BytesAsync(FhirRequest request, OperationInput given, CancellationToken ct)
    {
        if (request.Content is { IsEmpty: false } body)
            return (given["document"] ?? given["content"]) is not null
                ? (default, null, FhirFault.Of(FaultKind.Invalid, "The body is the document already: leave document and content out."))
                : (body, RequestBody.MediaType(request.ContentType), null);
        if (given["content"] is { } base64)
        {
            try
            {
                return (Convert.FromBase64String(base64), null, null);
            }
            catch (FormatException)
            {
                return (default, null, FhirFault.Of(FaultKind.Invalid, "The parameter content is no base64.", code: "value"));
            }
        }

        if (given["document"] is not { } reference)
            return (default, null, FhirFault.Of(FaultKind.Invalid,
                "Send the document as the body (application/cda+xml, application/xml, application/zip), or Parameters with content (base64) or document (a reference to a DocumentReference or Binary).", code: "required"));
        if (!ResourceKey.TryParseRelative(Relative(reference, request.BaseUrl), out var key, out _) || key.Type is not ("DocumentReference" or "Binary"))
            return (default, null, FhirFault.Of(FaultKind.Invalid, $"document={reference} names no DocumentReference or Binary of this server.", code: "value"));
        return await StoredAsync(key, request, ct);
    }

    private async Task<(ReadOnlyMemory<byte> Bytes, string? MediaType, FhirFault? Fault)> StoredAsync(ResourceKey key, FhirRequest request, CancellationToken ct)
    {
        if (await store.ReadAsync(key, request.Caller.Access, ct) is not { IsDeleted: false } stored)
            return (default, null, FhirFault.NotFound(key));
        var root = RecordReader.Parsed(stored).Root;
        if (key.Type == "Binary")
            return await contents.WholeAsync(stored.Json, CcdaImport.MaxBytes, request.Caller.Access, ct) switch
            {
                null => (default, null, FhirFault.Of(FaultKind.TooLarge, $"{key} has more than {CcdaImport.MaxBytes.ToString(CultureInfo.InvariantCulture)} bytes, which is the most that a document may have.")),
                [] => (default, null, FhirFault.Of(FaultKind.Unprocessable, $"{key} has no content.")),
                var whole => (whole, RequestBody.MediaType(root.TextOf("contentType")), null),
            };
        foreach (var content in root.Children)
            if (FhirNames.Name(content.NameId) == "content" && content.Child("attachment") is { Exists: true } attachment
                && RequestBody.MediaType(attachment.TextOf("contentType")) is "" or "application/xml" or "text/xml" or "application/zip" or Cda.MediaType)
            {
                if (attachment.TextOf("data") is { } data)
                    return (Convert.FromBase64String(data), RequestBody.MediaType(attachment.TextOf("contentType")), null);
                // Nothing is fetched from elsewhere (S-76).
                if (attachment.TextOf("url") is { } url && ResourceKey.TryParseRelative(Relative(url, request.BaseUrl), out var binary, out _) && binary.Type == "Binary")
                    return await StoredAsync(binary, request, ct);
            }

        return (default, null, FhirFault.Of(FaultKind.Unprocessable, $"{key} has no CDA document that is on this server."));
    }

    private static string Relative(string reference, string baseUrl) =>
        baseUrl.Length > 0 && reference.StartsWith(baseUrl + "/", StringComparison.Ordinal) ? reference[(baseUrl.Length + 1)..] : reference;

    private static (CcdaSource? Source, FhirFault? Fault) Wrong(string text) => (null, FhirFault.Of(FaultKind.Invalid, text, code: "value"));
}
