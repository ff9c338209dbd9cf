using System.Collections.Concurrent;
using System.Net.Http.Headers;
using FhirEmr.Conformance.Tests.Hosting;

namespace FhirEmr.Conformance.Tests.Durability;

/// <summary>Several clients that post one bundle after another and remember what was acknowledged.</summary>
internal sealed class BundleClients
{
    private const int Clients = 3;
    private readonly ConcurrentDictionary<KnownBundle, bool> sent = new();
    private int last = -1;

    public int Acknowledged => sent.Count(s => s.Value);

    public int Sent => sent.Count;

    /// <summary>Posts until told to stop, or until the server is gone.</summary>
    public Task RunAsync(ServerProcess server, CancellationToken stop) => Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => Task.Run(async () =>
    {
        while (!stop.IsCancellationRequested)
        {
            var bundle = KnownBundle.Create(Interlocked.Increment(ref last));
            sent[bundle] = false;
            try
            {
                sent[bundle] = await PostAsync(server, bundle);
            }
            catch (Exception e) when (e is HttpRequestException or IOException or TaskCanceledException)
            {
                return; // killed under our hands: this bundle was not acknowledged
            }
        }
    })));

    public async Task CheckAsync(ServerProcess server)
    {
        foreach (var (bundle, isAcknowledged) in sent)
            await bundle.CheckAsync(server, isAcknowledged);
    }

    private static async Task<bool> PostAsync(ServerProcess server, KnownBundle bundle)
    {
        using var content = new ByteArrayContent(bundle.Json);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/fhir+json");
        using var response = await server.Http.PostAsync(server.BaseUrl, content);
        var body = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode || (int)response.StatusCode is 409 or 503, $"{response.StatusCode}: {body}");
        return response.IsSuccessStatusCode;
    }
}
