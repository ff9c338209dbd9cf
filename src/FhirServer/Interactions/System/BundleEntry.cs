using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Search.Query;

namespace FhirEmr.FhirServer.Interactions.System;

/// <summary>One entry of a batch or transaction as a request of its own.</summary>
/// <remarks>http.html#transaction; https://hl7.org/fhir/R4/bundle.html (Bundle.entry.request).</remarks>
internal sealed record BundleEntry(int Index, string? FullUrl, FhirRequest? Request, FhirFault? Fault)
{
    private static readonly int EntryName = FhirNames.Id("entry");

    /// <summary>All entries in order; those that cannot be understood carry their fault.</summary>
    public static IReadOnlyList<BundleEntry> ReadAll(FhirRequest bundle)
    {
        var entries = new List<BundleEntry>();
        foreach (var child in bundle.Body.Children)
            if (child.NameId == EntryName)
                entries.Add(Read(child, entries.Count, bundle));
        return entries;
    }

    private static BundleEntry Read(FhirNode entry, int index, FhirRequest bundle)
    {
        var fullUrl = entry.TextOf("fullUrl");
        if (bundle.EntryFaults.TryGetValue(index, out var unreadable))
            return new(index, fullUrl, null, unreadable);
        var request = entry.Child("request");
        if (!request.Exists)
            return Wrong(index, fullUrl, "has no request: say method and url.", $"Bundle.entry[{index}].request");

        var (method, url) = (request.TextOf("method")!, request.TextOf("url")!);
        var relative = url.StartsWith(bundle.BaseUrl + "/", StringComparison.Ordinal) ? url[(bundle.BaseUrl.Length + 1)..] : url.TrimStart('/');
        var mark = relative.IndexOf('?', StringComparison.Ordinal);
        var path = mark < 0 ? relative : relative[..mark];
        if (FhirTarget.Parse(path, out var fault) is not { } target)
            return new(index, fullUrl, null, fault!.InEntry(index) with { });

        if (!Modified(request.TextOf("ifModifiedSince"), out var modified))
            return Wrong(index, fullUrl, "has an ifModifiedSince that is no instant.", $"Bundle.entry[{index}].request.ifModifiedSince");

        return new(index, fullUrl, new FhirRequest(method, target, bundle.Caller)
        {
            Query = QueryString.Parse(mark < 0 ? null : relative[(mark + 1)..]),
            Headers = new(request.TextOf("ifMatch"), request.TextOf("ifNoneMatch"), modified, request.TextOf("ifNoneExist")),
            Prefer = bundle.Prefer,
            Body = entry.Child("resource"),
            BaseUrl = bundle.BaseUrl,
            IsReadOnly = bundle.IsReadOnly,
            Entry = index,
        }, null);
    }

    private static bool Modified(string? text, out DateTimeOffset? instant)
    {
        instant = null;
        if (text is null)
            return true;
        if (!DateTimeOffset.TryParse(text, global::System.Globalization.CultureInfo.InvariantCulture, out var parsed))
            return false;
        instant = parsed;
        return true;
    }

    private static BundleEntry Wrong(int index, string? fullUrl, string what, string expression) =>
        new(index, fullUrl, null, FhirFault.Of(FaultKind.Invalid, $"Entry {index} {what}", expression));

    /// <summary>Adds the answer to this entry: what a HEAD asked for has no body, a refusal or a wanted OperationOutcome stands in the response.</summary>
    public void Answer(BundleWriter bundle, FhirReply reply, string baseUrl)
    {
        var writes = Request?.Method is "POST" or "PUT" or "PATCH" or "DELETE";
        var isOutcome = reply.Fault is not null || (writes && Request!.Target is { Operation: null, IsSearch: false } && Request.Prefer.Return == "OperationOutcome");
        var isHead = Request?.Method == "HEAD";
        bundle.Entry(
            null,
            isOutcome || isHead || reply.Body is not null ? default : reply.Json,
            parts: isOutcome || isHead ? null : reply.Body,
            response: new(reply.Status, reply.Location is null ? null : $"{baseUrl}/{reply.Location}", reply.Version, reply.LastModified, isOutcome && !isHead ? reply.Json : default));
    }
}
