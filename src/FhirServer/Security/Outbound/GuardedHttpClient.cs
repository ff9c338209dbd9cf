using System.Net;

namespace FhirEmr.FhirServer.Security.Outbound;

/// <summary>
/// The one way out over HTTP: names are resolved once, the address is judged and then used, nothing is followed, and answers are small and soon (security S-76).
/// </summary>
internal sealed class GuardedHttpClient : IDisposable
{
    private const int MostBytes = 1024 * 1024;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LookUp = TimeSpan.FromSeconds(2);

    private readonly bool allowLoopback;
    private readonly AddressGuard guard;
    private readonly HttpClient http;

    public GuardedHttpClient(OutboundOptions options)
    {
        allowLoopback = options.AllowLoopback;
        guard = new(options);
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

    /// <summary>
    /// The same, with a look at where the name leads now; one that leads nowhere is no fault, since it may tomorrow. The connection judges again, whatever was said here.
    /// </summary>
    public async Task<string?> FaultAsync(Uri address, CancellationToken ct)
    {
        if (Fault(address) is { } fault)
            return fault;
        try
        {
            var found = IPAddress.TryParse(address.Host.Trim('[', ']'), out var literal) ? [literal] : await Dns.GetHostAddressesAsync(address.Host, ct).WaitAsync(LookUp, ct);
            return found.All(guard.MayReach) ? null : "The name leads to an address that this server does not go to.";
        }
        catch (Exception e) when (e is System.Net.Sockets.SocketException or TimeoutException)
        {
            return null;
        }
        catch (ArgumentException)
        {
            return "It is not the name of a host.";
        }
    }

    /// <summary>Sends it once; what is answered beside the status is not read.</summary>
    /// <returns>The status, whatever it is: redirects are not followed.</returns>
    /// <exception cref="OutboundException">Not reachable, not allowed, or no answer in time.</exception>
    public async Task<int> SendAsync(OutboundMessage message, CancellationToken ct)
    {
        if (Fault(message.Address) is { } fault)
            throw new OutboundException($"{message.Address.GetLeftPart(UriPartial.Authority)}: {fault}");
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(message.Patience < Patience ? message.Patience : Patience);
        try
        {
            using var request = new HttpRequestMessage(message.Method, message.Address);
            if (!message.Body.IsEmpty || message.Method == HttpMethod.Post)
                request.Content = new ReadOnlyMemoryContent(message.Body);
            if (message.ContentType is not null && request.Content is not null)
                request.Content.Headers.TryAddWithoutValidation("Content-Type", message.ContentType);
            foreach (var (name, value) in message.Headers)
                request.Headers.TryAddWithoutValidation(name, value);
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
            return (int)response.StatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or IOException || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            throw new OutboundException($"{message.Address.GetLeftPart(UriPartial.Authority)} {(e is HttpRequestException or IOException ? "could not be reached" : "did not answer in time")}.", e);
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
