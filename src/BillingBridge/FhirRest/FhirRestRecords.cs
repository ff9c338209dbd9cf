using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using FhirEmr.BillingBridge.Ports;
using Hl7.Fhir.Model;
using Hl7.Fhir.Serialization;

namespace FhirEmr.BillingBridge.FhirRest;

/// <summary>Billing's way to anybody's FHIR R4 server: read, search with paging, transaction, over HTTP (http.html).</summary>
/// <remarks>
/// References to the server's own base become relative ones, as the port has them. Requests that only read are repeated when the network or the server
/// fails; a transaction never is, because whether it happened is not known: what bills is idempotent and finds out.
/// </remarks>
public sealed class FhirRestRecords : IFhirRecords
{
    private const string Json = "application/fhir+json";

    /// <summary>Servers and proxies take addresses of about this length; longer searches are posted (search.html#3.1.0).</summary>
    private const int LongestAddress = 1_800;

    private static readonly JsonSerializerOptions Format = new JsonSerializerOptions { MaxDepth = 128 }.ForFhir(ModelInfo.ModelInspector).UsingMode(DeserializationMode.Ostrich);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(30);

    private readonly HttpClient _http;
    private readonly FhirRestOptions _options;
    private readonly TimeProvider _time;
    private readonly string _base;
    private readonly Regex _ownReference;

    /// <param name="http">Follows no redirects; its handler decides which addresses may be reached.</param>
    /// <param name="options">Which server.</param>
    /// <param name="time">For the pauses between attempts.</param>
    /// <exception cref="ArgumentException">The options cannot be used.</exception>
    public FhirRestRecords(HttpClient http, FhirRestOptions options, TimeProvider time)
    {
        if (options.Fault() is { } fault)
            throw new ArgumentException(fault, nameof(options));
        (_http, _options, _time) = (http, options, time);
        _base = options.BaseUrl.AbsoluteUri.TrimEnd('/');
        _ownReference = new Regex($"(\"reference\"\\s*:\\s*\"){Regex.Escape(_base)}/", RegexOptions.CultureInvariant);
    }

    /// <inheritdoc/>
    public Task<EncounterChart?> ReadChartAsync(string encounterId, CancellationToken ct) => new ChartReader(this, ReadReferenceAsync).ReadAsync(encounterId, ct);

    /// <inheritdoc/>
    public async Task<T?> ReadAsync<T>(string id, CancellationToken ct)
        where T : Resource => IsId(id) ? await ReadAsync(ModelInfo.GetFhirTypeNameForType(typeof(T))!, id, ct) as T : null;

    /// <inheritdoc/>
    public async IAsyncEnumerable<T> SearchAsync<T>(string query, [EnumeratorCancellation] CancellationToken ct)
        where T : Resource
    {
        var type = ModelInfo.GetFhirTypeNameForType(typeof(T))!;
        if (!query.Split('&').Any(p => p.StartsWith("_count=", StringComparison.Ordinal)))
            query += string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{(query.Length > 0 ? "&" : "")}_count={_options.PageSize}");

        var first = $"{_base}/{type}?{query}";
        var (status, body) = first.Length <= LongestAddress ? await ReadAsync(() => Get(first), ct) : await ReadAsync(() => Post($"{_base}/{type}/_search", query), ct);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        while (true)
        {
            if (status is not HttpStatusCode.OK || body is null)
                throw new FhirRestException($"Billing's search {type}?{query.Split('&')[0].Split('=')[0]}=... was refused by {_options.BaseUrl.Host}: {(int)status}{Why(body)}");
            if (Parse(body) is not Bundle bundle)
                throw new FhirRestException($"{_options.BaseUrl.Host} answers a search for {type} with something else than a Bundle.");
            foreach (var entry in bundle.Entry)
                if (entry.Search?.Mode is Bundle.SearchEntryMode.Match or null && entry.Resource is T match)
                    yield return match;
            if (bundle.NextLink is not { } link)
                yield break;
            var next = Own(link);
            if (!seen.Add(next))
                throw new FhirRestException($"{_options.BaseUrl.Host} leads from a page of {type} to the same page again.");
            (status, body) = await ReadAsync(() => Get(next), ct);
        }
    }

    /// <inheritdoc/>
    public async Task<CommitOutcome> CommitAsync(Bundle transaction, CancellationToken ct)
    {
        var (status, body) = await SendAsync(() => new HttpRequestMessage(HttpMethod.Post, _base)
        {
            Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes<Resource>(transaction, Format)) { Headers = { ContentType = new MediaTypeHeaderValue(Json) } },
        }, ct);
        var answer = body is null ? null : TryParse(body);
        return (int)status switch
        {
            200 or 201 when answer is Bundle response => new CommitOutcome.Committed(Relative(response)),
            409 or 412 => new CommitOutcome.Conflict(Outcome(answer, status)),
            >= 400 and < 500 when IsConflict(answer) => new CommitOutcome.Conflict(Outcome(answer, status)),
            400 or 403 or 404 or 410 or 413 or 415 or 422 => new CommitOutcome.Refused(Outcome(answer, status)),
            401 => throw new FhirRestException($"{_options.BaseUrl.Host} does not know us (401): the token is missing, wrong or out of date."),
            _ => throw new FhirRestException($"{_options.BaseUrl.Host} answered a transaction with {(int)status}: whether it was stored is not known. Repeat the billing; it finds what is there."),
        };
    }

    private async Task<Resource?> ReadReferenceAsync(string reference, CancellationToken ct) =>
        reference.Split('/') is [var type, var id, ..] parts && (parts.Length == 2 || parts is [_, _, "_history", _]) && ModelInfo.IsKnownResource(type) && IsId(id) ? await ReadAsync(type, id, ct) : null;

    private async Task<Resource?> ReadAsync(string type, string id, CancellationToken ct)
    {
        var (status, body) = await ReadAsync(() => Get($"{_base}/{type}/{id}"), ct);
        return status switch
        {
            HttpStatusCode.OK when body is not null => Parse(body),
            HttpStatusCode.NotFound or HttpStatusCode.Gone => null,
            _ => throw new FhirRestException($"{_options.BaseUrl.Host} does not show {type}/{id}: {(int)status}{Why(body)}"),
        };
    }

    // Only for requests that change nothing.
    private async Task<(HttpStatusCode Status, string? Body)> ReadAsync(Func<HttpRequestMessage> make, CancellationToken ct)
    {
        for (var attempt = 1; ; attempt++)
        {
            var pause = _options.FirstDelay * Math.Pow(2, attempt - 1);
            try
            {
                var (status, body, retryAfter) = await SendOnceAsync(make, ct);
                if (attempt >= _options.Attempts || !((int)status >= 500 || status is HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout))
                    return (status, body);
                pause = retryAfter ?? pause;
            }
            catch (FhirRestException) when (attempt < _options.Attempts)
            {
                // Tried again below.
            }

            await Task.Delay(pause < LongestDelay ? pause : LongestDelay, _time, ct);
        }
    }

    private async Task<(HttpStatusCode Status, string? Body)> SendAsync(Func<HttpRequestMessage> make, CancellationToken ct)
    {
        var (status, body, _) = await SendOnceAsync(make, ct);
        return (status, body);
    }

    // A 401 has changed nothing: with another token the request may be sent again.
    private async Task<(HttpStatusCode Status, string? Body, TimeSpan? RetryAfter)> SendOnceAsync(Func<HttpRequestMessage> make, CancellationToken ct)
    {
        try
        {
            string? tried = null;
            while (true)
            {
                using var request = make();
                request.Headers.Accept.ParseAdd(Json);
                var token = _options.Token is { } provider ? await provider(ct) : null;
                if (token is not null)
                    request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
                using var reply = await _http.SendAsync(request, HttpCompletionOption.ResponseContentRead, ct);
                if (reply.StatusCode is HttpStatusCode.Unauthorized && token is not null && tried is null)
                {
                    tried = token;
                    if (_options.Token is { } again && await again(ct) != tried)
                        continue;
                }

                var retry = reply.Headers.RetryAfter;
                return (reply.StatusCode, await reply.Content.ReadAsStringAsync(ct), retry?.Delta ?? (retry?.Date is { } date ? date - _time.GetUtcNow() : null));
            }
        }
        catch (Exception e) when (e is HttpRequestException || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            throw new FhirRestException($"{_options.BaseUrl.Host} {(e is HttpRequestException ? "cannot be reached" : "did not answer in time")}.", e);
        }
    }

    private static HttpRequestMessage Get(string address) => new(HttpMethod.Get, address);

    private static HttpRequestMessage Post(string address, string form)
    {
        var content = new StringContent(form, Encoding.UTF8);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/x-www-form-urlencoded");
        return new HttpRequestMessage(HttpMethod.Post, address) { Content = content };
    }

    // The token goes to the server it was given for and to no other, wherever a page leads.
    private string Own(Uri link)
    {
        var next = link.IsAbsoluteUri ? link : new Uri(new Uri(_base + "/"), link);
        return Uri.Compare(next, _options.BaseUrl, UriComponents.SchemeAndServer, UriFormat.Unescaped, StringComparison.OrdinalIgnoreCase) == 0
            ? next.AbsoluteUri
            : throw new FhirRestException($"{_options.BaseUrl.Host} leads to another server for the next page; it is not followed.");
    }

    private Resource Parse(string body)
    {
        try
        {
            return JsonSerializer.Deserialize<Resource>(_ownReference.Replace(body, "$1"), Format)
                ?? throw new FhirRestException($"{_options.BaseUrl.Host} gives an empty answer.");
        }
        catch (Exception e) when (e is JsonException or DeserializationFailedException or NotSupportedException)
        {
            throw new FhirRestException($"{_options.BaseUrl.Host} gives an answer that is no FHIR R4 JSON.", e);
        }
    }

    private Resource? TryParse(string body)
    {
        try
        {
            return body.Length == 0 ? null : Parse(body);
        }
        catch (FhirRestException)
        {
            return null; // a proxy's page: the status alone tells
        }
    }

    private Bundle Relative(Bundle response)
    {
        foreach (var entry in response.Entry)
        {
            if (entry.Response?.Location is { } location && location.StartsWith(_base + "/", StringComparison.Ordinal))
                entry.Response.Location = location[(_base.Length + 1)..];
        }

        return response;
    }

    private string Why(string? body) => body is not null && TryParse(body) is OperationOutcome { Issue: [{ } issue, ..] } ? $" ({issue.Diagnostics ?? issue.Details?.Text ?? issue.Code?.ToString()})" : ".";

    private static bool IsConflict(Resource? answer) => answer is OperationOutcome outcome && outcome.Issue.Exists(i => i.Code is OperationOutcome.IssueType.Conflict);

    private static OperationOutcome Outcome(Resource? answer, HttpStatusCode status) => answer as OperationOutcome
        ?? OperationOutcome.ForMessage($"The server answered {(int)status} without saying why.", OperationOutcome.IssueType.Processing, OperationOutcome.IssueSeverity.Error);

    private static bool IsId(string id) => id.Length is > 0 and <= 64 && id.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.');
}
