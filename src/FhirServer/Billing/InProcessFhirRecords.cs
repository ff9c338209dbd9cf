using System.Runtime.CompilerServices;
using FhirEmr.BillingBridge.Ports;
using FhirEmr.FhirServer.Interactions;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Search.Query;
using FhirEmr.FhirServer.Security.Access;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Billing;

/// <summary>Billing's way to this server's own records: through the same door as HTTP, so access, checks, indexing and audit hold.</summary>
internal sealed class InProcessFhirRecords(FhirInteractions interactions) : IFhirRecords
{
    private const int PageSize = 200;

    public async Task<T?> ReadAsync<T>(string id, CancellationToken ct)
        where T : Resource
    {
        var type = ModelInfo.GetFhirTypeNameForType(typeof(T))!;
        return ResourceKey.IsId(id) ? await ReadAsync($"{type}/{id}", ct) as T : null;
    }

    public async IAsyncEnumerable<T> SearchAsync<T>(string query, [EnumeratorCancellation] CancellationToken ct)
        where T : Resource
    {
        var type = ModelInfo.GetFhirTypeNameForType(typeof(T))!;
        var parameters = QueryString.Parse(query).ToList();
        if (!parameters.Exists(p => p.Key == "_count"))
            parameters.Add(new("_count", PageSize.ToString(System.Globalization.CultureInfo.InvariantCulture)));
        await foreach (var (page, reply) in FhirInteractions.PagesAsync(q => interactions.HandleAsync(Get(type, q), ct), parameters))
        {
            if (reply.Fault is { } fault)
                throw new InvalidOperationException($"Billing's search {type}?{query} was refused: {fault.Issues[0].Text}");
            foreach (var match in page.OfType<T>())
                yield return match;
        }
    }

    public async Task<CommitOutcome> CommitAsync(Bundle transaction, CancellationToken ct)
    {
        var tree = FhirJsonReader.Read(FhirFormats.ToJson(transaction), out var issues);
        if (tree is null || issues.Count > 0)
            return new CommitOutcome.Refused(FhirFault.Structure(issues).ToOutcome());

        var reply = await interactions.HandleAsync(new("POST", FhirTarget.Parse("", out _)!, Caller.System) { Body = tree.Root, BaseUrl = "" }, ct);
        return reply.Fault is not { } fault ? new CommitOutcome.Committed(Relative(FhirFormats.Parse<Bundle>(reply.Json.Span)))
            : reply.Status is 409 or 412 ? new CommitOutcome.Conflict(fault.ToOutcome())
            : new CommitOutcome.Refused(fault.ToOutcome());
    }

    /// <summary>There is no address in process that a location could begin with.</summary>
    private static Bundle Relative(Bundle response)
    {
        foreach (var entry in response.Entry)
            if (entry.Response?.Location is { } location)
                entry.Response.Location = location.TrimStart('/');
        return response;
    }

    public Task<EncounterChart?> ReadChartAsync(string encounterId, CancellationToken ct) => new ChartReader(this, ReadAsync).ReadAsync(encounterId, ct);

    private async Task<Resource?> ReadAsync(string reference, CancellationToken ct)
    {
        if (!ResourceKey.TryParseRelative(reference, out var key, out _))
            return null;

        var reply = await interactions.HandleAsync(Get(key.ToString(), []), ct);
        return reply.Status == 200 ? FhirFormats.Parse(reply.Json.Span) : null;
    }

    private static FhirRequest Get(string path, IReadOnlyList<KeyValuePair<string, string>> query) =>
        new("GET", FhirTarget.Parse(path, out _)!, Caller.System) { Query = query, BaseUrl = "" };
}
