using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace FhirEmr.Bench.Load;

internal readonly record struct Answer(HttpStatusCode Status, byte[] Body, string? Location, TimeSpan Elapsed)
{
    public bool IsSuccess => (int)Status is >= 200 and < 300;

    /// <summary>Status and the start of the body, for error lists.</summary>
    public override string ToString() => $"{(int)Status} {Encoding.UTF8.GetString(Body.AsSpan(0, Math.Min(Body.Length, 400)))}";
}

/// <summary>FHIR over HTTP with reused connections; the time runs until the last byte of the body is here.</summary>
internal sealed class FhirClient : IDisposable
{
    private static readonly MediaTypeHeaderValue FhirJson = new("application/fhir+json") { CharSet = "utf-8" };

    private readonly HttpClient _http;
    private readonly Uri _base;

    public FhirClient(Uri fhirBase, string? bearer, int connections)
    {
        _base = new Uri(fhirBase.AbsoluteUri.TrimEnd('/') + "/");
        _http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = connections, UseCookies = false }) { Timeout = TimeSpan.FromMinutes(5) };
        _http.DefaultRequestHeaders.Accept.ParseAdd("application/fhir+json");
        if (bearer is not null)
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", bearer);
    }

    public Task<Answer> GetAsync(string relative, CancellationToken ct) => SendAsync(HttpMethod.Get, relative, null, ct);

    public Task<Answer> PostAsync(string relative, byte[] body, CancellationToken ct) => SendAsync(HttpMethod.Post, relative, body, ct);

    public Task<Answer> PutAsync(string relative, byte[] body, CancellationToken ct) => SendAsync(HttpMethod.Put, relative, body, ct);

    public Task<Answer> DeleteAsync(string relative, CancellationToken ct) => SendAsync(HttpMethod.Delete, relative, null, ct);

    public void Dispose() => _http.Dispose();

    private async Task<Answer> SendAsync(HttpMethod method, string relative, byte[]? body, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(method, relative.Length == 0 ? _base : new Uri(_base, relative));
        if (body is not null)
        {
            request.Content = new ByteArrayContent(body) { Headers = { ContentType = FhirJson } };
            request.Headers.TryAddWithoutValidation("Prefer", "return=minimal"); // what a loader asks for
        }

        var start = Stopwatch.GetTimestamp();
        using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct);
        var bytes = await response.Content.ReadAsByteArrayAsync(ct);
        return new Answer(response.StatusCode, bytes, response.Headers.Location?.OriginalString, Stopwatch.GetElapsedTime(start));
    }
}
