using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using FhirEmr.Bench.Spawn;

namespace FhirEmr.Bench.Load;

/// <summary>A request that is answered later: begun, asked after, answered.</summary>
internal static class AsyncRequest
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50);

    public static HttpClient Client(Stage stage)
    {
        var http = new HttpClient { Timeout = TimeSpan.FromMinutes(5) };
        http.DefaultRequestHeaders.Authorization = stage.Bearer is null ? null : new AuthenticationHeaderValue("Bearer", stage.Bearer);
        return http;
    }

    /// <returns>What it ends with, as JSON.</returns>
    public static async Task<JsonNode> RunAsync(HttpClient http, HttpMethod method, string address, HttpContent? body, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(method, address) { Content = body };
        request.Headers.TryAddWithoutValidation("Prefer", "respond-async");
        using var accepted = await http.SendAsync(request, ct);
        var status = accepted.Content.Headers.ContentLocation ?? throw new BenchException($"{address} answered {(int)accepted.StatusCode}: {await accepted.Content.ReadAsStringAsync(ct)}");
        while (true)
        {
            using var answer = await http.GetAsync(status, ct);
            if ((int)answer.StatusCode == 200)
                return JsonNode.Parse(await answer.Content.ReadAsStringAsync(ct))!;
            if ((int)answer.StatusCode != 202)
                throw new BenchException($"{status} answered {(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync(ct)}");
            await Task.Delay(Poll, ct);
        }
    }
}
