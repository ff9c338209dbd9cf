using System.Runtime.CompilerServices;
using FhirEmr.BillingBridge.Ports;
using FhirEmr.FhirServer.Interactions;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Security.Access;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.CdsHooks;

/// <summary>The record as one question may see it: what the client sent along, and what its user may read here. Each search and read is made once.</summary>
/// <remarks>
/// It goes through the same door as HTTP, so rights, labels and audit hold; billing's deciders work on it as on the whole record. Types the user may not search count as
/// empty and are named in <see cref="Withheld"/>: who concludes from something being absent asks there first.
/// </remarks>
/// <param name="caller">As whom records are read, with a trail of its own each time; null for a client that may read none.</param>
internal sealed class CdsRecords(FhirInteractions interactions, Func<Caller>? caller) : IFhirRecords
{
    private const string PageSize = "200";

    private readonly Dictionary<string, IReadOnlyList<Resource>> searched = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Resource?> read = new(StringComparer.Ordinal);
    private readonly Dictionary<string, EncounterChart?> charts = new(StringComparer.Ordinal);
    private readonly HashSet<string> withheld = new(StringComparer.Ordinal);

    /// <summary>Types that had to be searched and may not be.</summary>
    public IReadOnlySet<string> Withheld => withheld;

    /// <summary>Whether records may be read here at all.</summary>
    public bool CanRead => caller is not null;

    /// <summary>Takes what was sent along in the place of what its template asks for; the fault says what does not fit.</summary>
    public FhirFault? Take(CdsRequest request, CdsService service)
    {
        foreach (var (key, template) in service.Prefetch)
        {
            if (!request.Prefetch.TryGetValue(key, out var sent))
                continue;
            var address = Fill(template, request);
            if (!address.Contains('?', StringComparison.Ordinal))
            {
                if (sent.TypeName + "/" + sent.Id != address)
                    return FhirFault.Of(FaultKind.Invalid, $"'prefetch.{key}' is not the resource its template asks for.");
                read[address] = sent;
                continue;
            }

            if (sent is not Bundle bundle)
                return FhirFault.Of(FaultKind.Invalid, $"'prefetch.{key}' must be the Bundle of a search.");
            if (bundle.NextLink is not null)
                continue; // a part of it is not what was asked for
            var type = address[..address.IndexOf('?', StringComparison.Ordinal)];
            searched[address] = [.. bundle.Entry.Select(e => e.Resource).OfType<Resource>().Where(r => r.TypeName == type)];
        }

        return null;
    }

    /// <summary>A template with the context's values in it.</summary>
    public static string Fill(string template, CdsRequest request) => template
        .Replace("{{context.patientId}}", request.PatientId, StringComparison.Ordinal)
        .Replace("{{context.encounterId}}", request.EncounterId, StringComparison.Ordinal);

    public async Task<T?> ReadAsync<T>(string id, CancellationToken ct)
        where T : Resource
    {
        var type = ModelInfo.GetFhirTypeNameForType(typeof(T))!;
        return ResourceKey.IsId(id) ? await ReadAsync($"{type}/{id}", ct) as T : null;
    }

    public async IAsyncEnumerable<T> SearchAsync<T>(string query, [EnumeratorCancellation] CancellationToken ct)
        where T : Resource
    {
        foreach (var match in (await ListAsync<T>(query, ct)).OfType<T>())
            yield return match;
    }

    /// <summary>All matches of a search of one type, e.g. <c>patient=1</c>; those sent along when that was asked for by these words.</summary>
    public async Task<IReadOnlyList<T>> ListAsync<T>(string query, CancellationToken ct)
        where T : Resource
    {
        var type = ModelInfo.GetFhirTypeNameForType(typeof(T))!;
        var address = $"{type}?{query}";
        if (!searched.TryGetValue(address, out var found))
            searched[address] = found = await FindAsync(type, query, ct);
        return [.. found.OfType<T>()];
    }

    public async Task<EncounterChart?> ReadChartAsync(string encounterId, CancellationToken ct)
    {
        if (!charts.TryGetValue(encounterId, out var chart))
            charts[encounterId] = chart = await new ChartReader(this, ReadAsync).ReadAsync(encounterId, ct);
        return chart;
    }

    /// <summary>Nothing is written in answering a question.</summary>
    public Task<CommitOutcome> CommitAsync(Bundle transaction, CancellationToken ct) => throw new NotSupportedException("Decision support reads only.");

    /// <summary>What an operation answers to the user; null when it is not theirs to call.</summary>
    public async Task<Parameters?> AskAsync(string path, CancellationToken ct) => caller is not null && await GetAsync(path, [], ct) is { Status: 200 } reply
        ? FhirFormats.Parse<Parameters>(reply.Json.Span)
        : null;

    private async Task<Resource?> ReadAsync(string reference, CancellationToken ct)
    {
        if (!ResourceKey.TryParseRelative(reference, out var key, out _))
            return null;
        if (!read.TryGetValue(key.ToString(), out var found))
        {
            var reply = await GetAsync(key.ToString(), [], ct);
            if (reply.Status == 403)
                withheld.Add(key.Type);
            else if (reply.Status is not (200 or 404 or 410))
                throw new CdsDataMissingException($"{key.Type} could not be read"); // what could not be read is not what is not there
            read[key.ToString()] = found = reply.Status == 200 ? FhirFormats.Parse(reply.Json.Span) : null;
        }

        return found;
    }

    private async Task<IReadOnlyList<Resource>> FindAsync(string type, string terms, CancellationToken ct)
    {
        var matches = new List<Resource>();
        var parameters = QueryString.Parse(terms).ToList();
        if (!parameters.Exists(p => p.Key == "_count"))
            parameters.Add(new("_count", PageSize));
        await foreach (var (page, reply) in FhirInteractions.PagesAsync(query => GetAsync(type, query, ct), parameters))
        {
            if (reply.Status == 403)
            {
                withheld.Add(type);
                return [];
            }

            if (reply.Fault is not null)
                throw new CdsDataMissingException($"{type} could not be searched");
            matches.AddRange(page);
        }

        return matches;
    }

    private Task<FhirReply> GetAsync(string path, IReadOnlyList<KeyValuePair<string, string>> query, CancellationToken ct)
    {
        var target = FhirTarget.Parse(path, out _)!;
        if (caller is null)
            throw new CdsDataMissingException($"{target.Type} was not sent along");
        var request = new FhirRequest("GET", target, caller()) { Query = query, BaseUrl = "" };

        // Nobody has asked for what this user may not: it is left out here, and is no refusal in the audit.
        return interactions.Refusal(request) is { } closed ? Task.FromResult(FhirReply.Refuse(closed)) : interactions.HandleAsync(request, ct);
    }
}
