using System.Net;

namespace FhirEmr.FhirServer.Security.Outbound;

/// <summary>
/// The one way out over HTTP: names are resolved once, the address is judged and then used, nothing is followed, and answers are small and soon (security S-76).
/// </summary>
internal sealed class GuardedHttpClient : IDisposable
{
    private const int MostBytes = 1024 * 1024;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly bool allowLoopback;
    private readonly HttpClient http;

    public GuardedHttpClient(OutboundOptions options)
    {
        allowLoopback = options.AllowLoopback;
        http = new HttpClient(GuardedHandler.Create(options))
        {
            Timeout = Patience,
            MaxResponseContentBufferSize = MostBytes,
        };
    }

    /// <summary>Null when the address may be asked, or a sentence. Said when it is registered and again each time.</summary>
    public string? Fault(Uri address)
    {
        if (!address.IsAbsoluteUri || address.Scheme is not ("https" or "http") || address.UserInfo.Length > 0)
            return "It must be an https address without user or password.";
        return address.Scheme == "https" || (allowLoopback && address.IsLoopback) ? null : "It must be https.";
    }

    /// <exception cref="OutboundException">Not reachable, not allowed, or not a plain 200.</exception>
    public async Task<byte[]> GetAsync(Uri address, CancellationToken ct)
    {
        if (Fault(address) is { } fault)
            throw new OutboundException($"{address.GetLeftPart(UriPartial.Path)}: {fault}");
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, address);
            request.Headers.Accept.Add(new("application/json"));
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseContentRead, ct);
            return response.StatusCode == HttpStatusCode.OK
                ? await response.Content.ReadAsByteArrayAsync(ct)
                : throw new OutboundException($"{address.GetLeftPart(UriPartial.Path)} answered {(int)response.StatusCode}.");
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException && !ct.IsCancellationRequested)
        {
            throw new OutboundException($"{address.GetLeftPart(UriPartial.Path)} gave no answer that can be used.", e);
        }
    }

    /// <summary>A large answer as it comes, for those who bound it themselves; who sends nothing for <see cref="Patience"/> is given up.</summary>
    /// <exception cref="OutboundException">Not reachable, not allowed, or not a plain 200.</exception>
    public async Task<Stream> OpenAsync(Uri address, CancellationToken ct)
    {
        var shown = address.GetLeftPart(UriPartial.Path); // behind it may stand what opens it
        if (Fault(address) is { } fault)
            throw new OutboundException($"{shown}: {fault}");
        HttpResponseMessage? response = null;
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, address);
            request.Headers.TryAddWithoutValidation("Accept", "application/fhir+ndjson, application/gzip, */*;q=0.1");
            response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct);
            if (response.StatusCode != HttpStatusCode.OK)
                throw new OutboundException($"{shown} answered {(int)response.StatusCode}.") { IsRefusal = (int)response.StatusCode < 500 };
            return new PatientStream(response, await response.Content.ReadAsStreamAsync(ct), Patience, shown);
        }
        catch (Exception e)
        {
            response?.Dispose();
            if (e is HttpRequestException || (e is OperationCanceledException && !ct.IsCancellationRequested))
                throw new OutboundException($"{shown} gave no answer that can be used.", e);
            throw;
        }
    }

    public void Dispose() => http.Dispose();
}

/// <summary>Another server could not be asked: a sentence, without what it said.</summary>
internal sealed class OutboundException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>It answered, and said no: to ask again at once is of no use.</summary>
    public bool IsRefusal { get; init; }
}
