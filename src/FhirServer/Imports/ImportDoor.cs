using FhirEmr.FhirServer.Interactions;
using FhirEmr.FhirServer.Interactions.Binaries;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Imports;

/// <summary>The one door, as whoever imports: their rights, validation, indexing and audit hold for every row.</summary>
internal sealed class ImportDoor(Lazy<FhirInteractions> interactions, ContentStore contents)
{
    public async Task<(T? Resource, FhirFault? Fault)> ReadAsync<T>(FhirRequest asked, string path, CancellationToken ct)
        where T : Resource
    {
        var reply = await interactions.Value.HandleAsync(Of(asked, "GET", path, []), ct);
        return reply.Status == 200 ? ((T)FhirFormats.Parse(reply.Json.Span), null)
            : (null, reply.Fault ?? FhirFault.Of(FaultKind.NotFound, $"{path} is not known here."));
    }

    /// <summary>The content of a Binary; that of a large one stands beside the resource.</summary>
    public async Task<(byte[]? Content, FhirFault? Fault)> ContentAsync(FhirRequest asked, string path, CancellationToken ct)
    {
        var reply = await interactions.Value.HandleAsync(Of(asked, "GET", path, []), ct);
        if (reply.Status != 200)
            return (null, reply.Fault ?? FhirFault.Of(FaultKind.NotFound, $"{path} is not known here."));
        return await contents.WholeAsync(reply.Json, Tables.TableLimits.MostBytes, asked.Caller.Access, ct) is { } content ? (content, null)
            : (null, FhirFault.Of(FaultKind.TooLarge, $"{path} has more than {Tables.TableLimits.MostBytes / (1024 * 1024)} MiB, which is the most that is imported at once."));
    }

    /// <summary>All matches of a search, page by page.</summary>
    public async Task<(IReadOnlyList<T> Found, FhirFault? Fault)> SearchAsync<T>(FhirRequest asked, string type, CancellationToken ct, params (string Name, string Value)[] terms)
        where T : Resource
    {
        var found = new List<T>();
        IReadOnlyList<KeyValuePair<string, string>> query = [.. terms.Select(t => new KeyValuePair<string, string>(t.Name, t.Value)), new("_count", "500")];
        await foreach (var (page, reply) in FhirInteractions.PagesAsync(q => interactions.Value.HandleAsync(Of(asked, "GET", type, q), ct), query))
        {
            if (reply.Fault is { } fault)
                return (found, fault);
            found.AddRange(page.OfType<T>());
        }

        return (found, null);
    }

    /// <summary>One transaction, all or nothing; null when it is committed.</summary>
    public Task<FhirFault?> CommitAsync(FhirRequest asked, IEnumerable<Bundle.EntryComponent> entries, CancellationToken ct) => interactions.Value.CommitAsync(asked, entries, ct);

    /// <param name="version">What it goes on top of; 0 for what must not be there yet.</param>
    public static Bundle.EntryComponent Put(Resource resource, int version = 0) => new()
    {
        Resource = resource,
        Request = new() { Method = Bundle.HTTPVerb.PUT, Url = $"{resource.TypeName}/{resource.Id}", IfMatch = version == 0 ? null : $"W/\"{version}\"", IfNoneMatch = version == 0 ? "*" : null },
    };

    public static Bundle.EntryComponent Delete(string url, int version) => new() { Request = new() { Method = Bundle.HTTPVerb.DELETE, Url = url, IfMatch = $"W/\"{version}\"" } };

    /// <summary>What was sent is wrong; everything else is the server's trouble, and the same may work later.</summary>
    public static bool IsRefusal(FhirFault fault) => fault.Status is >= 400 and < 500 && fault.Kind is not (FaultKind.TooManyRequests or FaultKind.Unauthorized);

    private static FhirRequest Of(FhirRequest asked, string method, string path, IReadOnlyList<KeyValuePair<string, string>> query) =>
        new(method, FhirTarget.Parse(path, out _)!, asked.Caller) { Query = query, BaseUrl = asked.BaseUrl, IsReadOnly = asked.IsReadOnly };
}
