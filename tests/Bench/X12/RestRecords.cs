using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using FhirEmr.BillingBridge.Ports;
using Hl7.Fhir.Model;
using Hl7.Fhir.Serialization;

namespace FhirEmr.Bench.X12;

/// <summary>The few FHIR interactions that posting needs, over HTTP to the measured server.</summary>
internal sealed class RestRecords : IFhirRecords, IDisposable
{
    private static readonly JsonSerializerOptions Json = new JsonSerializerOptions().ForFhir(ModelInfo.ModelInspector);
    private readonly HttpClient _http;
    private readonly string _base;

    public RestRecords(Uri fhir, string? bearer)
    {
        _base = fhir.AbsoluteUri.TrimEnd('/');
        _http = new HttpClient { Timeout = TimeSpan.FromMinutes(10) };
        if (bearer is not null)
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", bearer);
    }

    public void Dispose() => _http.Dispose();

    /// <summary>Puts resources under their ids, in one transaction.</summary>
    public async Task PutAsync(IReadOnlyList<Resource> resources, CancellationToken ct)
    {
        var bundle = new Bundle { Type = Bundle.BundleType.Transaction };
        foreach (var resource in resources)
        {
            bundle.Entry.Add(new Bundle.EntryComponent
            {
                Resource = resource,
                Request = new Bundle.RequestComponent { Method = Bundle.HTTPVerb.PUT, Url = $"{resource.TypeName}/{resource.Id}" },
            });
        }

        if (await CommitAsync(bundle, ct) is not CommitOutcome.Committed)
            throw new BenchException("The server does not take the invented claims.");
    }

    public Task<EncounterChart?> ReadChartAsync(string encounterId, CancellationToken ct) => throw new NotSupportedException();

    public async Task<T?> ReadAsync<T>(string id, CancellationToken ct)
        where T : Resource => await GetAsync($"{_base}/{ModelInfo.GetFhirTypeNameForType(typeof(T))}/{id}", ct) as T;

    public async IAsyncEnumerable<T> SearchAsync<T>(string query, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct)
        where T : Resource
    {
        var next = $"{_base}/{ModelInfo.GetFhirTypeNameForType(typeof(T))}?{query}";
        while (next is not null && await GetAsync(next, ct) is Bundle page)
        {
            foreach (var match in page.Entry.Select(e => e.Resource).OfType<T>())
                yield return match;
            next = page.NextLink?.OriginalString;
        }
    }

    public async Task<CommitOutcome> CommitAsync(Bundle transaction, CancellationToken ct)
    {
        using var body = new StringContent(JsonSerializer.Serialize(transaction, Json), new MediaTypeHeaderValue("application/fhir+json"));
        using var answer = await _http.PostAsync(_base, body, ct);
        var text = await answer.Content.ReadAsByteArrayAsync(ct);
        return answer.StatusCode switch
        {
            HttpStatusCode.OK => new CommitOutcome.Committed(JsonSerializer.Deserialize<Bundle>(text, Json)!),
            HttpStatusCode.Conflict or HttpStatusCode.PreconditionFailed => new CommitOutcome.Conflict(JsonSerializer.Deserialize<OperationOutcome>(text, Json)!),
            _ => new CommitOutcome.Refused(JsonSerializer.Deserialize<OperationOutcome>(text, Json)!),
        };
    }

    private async Task<Resource?> GetAsync(string url, CancellationToken ct)
    {
        using var answer = await _http.GetAsync(url, ct);
        if (answer.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Gone)
            return null;
        if (!answer.IsSuccessStatusCode)
            throw new BenchException($"GET {url}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync(ct)}");
        return JsonSerializer.Deserialize<Resource>(await answer.Content.ReadAsByteArrayAsync(ct), Json);
    }
}
