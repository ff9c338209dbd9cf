using System.Globalization;
using System.Text.Json;
using FhirEmr.FhirServer.Interactions.Type;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Search.Query;
using FhirEmr.FhirServer.Security.Audit;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Query;

namespace FhirEmr.FhirServer.Interactions.Auditing;

/// <summary>The audit as AuditEvent resources, for who holds <c>audit.read</c>: the server's own rows and those that clients have stored, in one answer.</summary>
/// <remarks>
/// Both are merged by when they were recorded. A row of the server has an id that begins with <c>log-</c> and is changed by nobody (security.md S-52).
/// A search by what the log does not know finds only what clients have stored, as on any other type.
/// </remarks>
internal sealed class AuditEvents(
    AuditLog log, AuditArchive archive, IResourceStore store, SearchParser parser, PageTokens tokens, TimeProvider clock, TimeZoneInfo zone)
{
    public const string Right = "audit.read";

    public bool Takes(FhirRequest request) => request.Target switch
    {
        { Id: { } id } when AuditNumbers.IsId(id) => true,
        { Id: null, IsHistory: false, Compartment: null } when request.Method is "GET" or "HEAD" || (request.Method == "POST" && request.Target.IsSearch) =>
            log.IsEnabled && request.Caller.Access.Holds(Right) && AuditSearchInput.Understands(request.Query),
        _ => false,
    };

    public Task<FhirReply> HandleAsync(FhirRequest request, CancellationToken ct) => request.Target.Id is null ? SearchAsync(request, ct) : ReadAsync(request);

    private async Task<FhirReply> ReadAsync(FhirRequest request)
    {
        var target = request.Target;
        if (request.Method is not ("GET" or "HEAD"))
            return FhirReply.Refuse(FhirFault.Of(FaultKind.MethodNotAllowed, $"{target.Key} is a row of the server's own audit: nobody changes or removes it, and ids like it are the server's."));
        if (!log.IsEnabled || !request.Caller.Access.Holds(Right) || AuditNumbers.Parse(target.Id!) is not { } number || target.Version is not (null or 1)
            || await archive.ReadAsync(number) is not { } record)
            return FhirReply.Refuse(FhirFault.NotFound(target.Key));
        return new(200) { Json = AuditEventWriter.Write(new(number, record)), Version = 1, LastModified = AuditNumbers.TimeOf(number) };
    }

    private async Task<FhirReply> SearchAsync(FhirRequest request, CancellationToken ct)
    {
        var asked = request.Query.Where(p => p.Key != "_page").ToArray();
        var (input, fault) = AuditSearchInput.Read(asked, request.BaseUrl, zone, log.HashOf);
        if (fault is not null)
            return FhirReply.Refuse(fault);
        var self = QueryString.Format(asked);
        var scope = $"{request.Caller.Name}\naudit\n{self}";
        var place = Place.Start;
        if (request.Query.FirstOrDefault(p => p.Key == "_page").Value is { } follow)
        {
            var token = tokens.Read(follow, scope);
            if (token.IsExpired)
                return FhirReply.Refuse(FhirFault.Of(FaultKind.Expired, "The page token has expired. Start the search again without _page."));
            if (token.Content is not { } content)
                return FhirReply.Refuse(FhirFault.Of(FaultKind.Invalid, "The page token does not belong to this search. Start again without _page.", code: "value"));
            place = JsonSerializer.Deserialize<Place>(content)!;
        }

        // What clients have stored is asked for by the same parameters, in the same order.
        var posted = await parser.ParseAsync(new SearchScope("AuditEvent"),
            [.. asked.Where(p => p.Key is not ("_sort" or "_count" or "_total" or "_summary")), new("_sort", input!.Query.IsAscending ? "date" : "-date")], SearchHandling.Strict, request.BaseUrl, ct);
        var query = (posted as SearchParse.Parsed)?.Query; // an agent by client id is no reference: none of what they have stored has it
        return input.OnlyCount ? await CountAsync(request, input, query, self, ct) : await PageAsync(request, input, query, place, self, scope, ct);
    }

    private async Task<FhirReply> CountAsync(FhirRequest request, AuditSearchInput input, SearchQuery? posted, string self, CancellationToken ct)
    {
        using var bundle = new BundleWriter("searchset", clock.GetUtcNow(), await TotalAsync(request, input, posted, ct));
        bundle.Links(("self", $"{request.BaseUrl}/AuditEvent?{self}"));
        return new(200) { Body = bundle.Finish() };
    }

    private async Task<long> TotalAsync(FhirRequest request, AuditSearchInput input, SearchQuery? posted, CancellationToken ct)
    {
        var others = posted is null ? null : await store.SearchAsync(posted with { Count = 0, Total = TotalMode.Accurate, Sort = [] }, request.Caller.Access, ct);
        return (others?.Total ?? 0) + (IsOther(input) ? 0 : input.Number is { } number ? (await archive.ReadAsync(number) is null ? 0 : 1) : await archive.CountAsync(input.Query));
    }

    private async Task<FhirReply> PageAsync(FhirRequest request, AuditSearchInput input, SearchQuery? posted, Place place, string self, string scope, CancellationToken ct)
    {
        var query = input.Query with
        {
            Until = place.After is { } below && !input.Query.IsAscending ? Math.Min(below, input.Query.Until) : input.Query.Until,
            From = place.After is { } above && input.Query.IsAscending ? Math.Max(above + 1, input.Query.From) : input.Query.From,
        };
        var own = IsOther(input) ? [] : await OwnAsync(input, query);
        var page = place.IsDone || posted is null ? null : await store.SearchAsync(place.Posted is { } from && PageContent.Apply(from, posted) is { } positioned
            ? positioned with { Count = input.Count + 1 } : posted with { Count = input.Count + 1 }, request.Caller.Access, ct);
        var others = page is null ? [] : page.Matches.Skip(place.Skip).Select(m => (Time: RecordedOf(m.Json.Span, m.LastUpdated), Match: m)).ToList();

        using var bundle = new BundleWriter("searchset", clock.GetUtcNow(), input.Counts ? await TotalAsync(request, input, posted, ct) : null);
        var shown = new List<Action>();
        var (i, j) = (0, 0);
        while (shown.Count < input.Count && (i < own.Count || j < others.Count))
        {
            var isOwn = j == others.Count || (i < own.Count && (input.Query.IsAscending
                ? AuditNumbers.TimeOf(own[i].Number) <= others[j].Time : AuditNumbers.TimeOf(own[i].Number) >= others[j].Time));
            if (isOwn)
            {
                var row = own[i++];
                shown.Add(() => bundle.Entry($"{request.BaseUrl}/AuditEvent/{AuditNumbers.IdOf(row.Number)}", AuditEventWriter.Write(row), "match"));
            }
            else
            {
                var match = others[j++].Match;
                shown.Add(() => bundle.Entry($"{request.BaseUrl}/{match.Key}", match.Json, "match"));
            }
        }

        string? next = null;
        if (i < own.Count || j < others.Count || page is { Next: not null })
        {
            var isThrough = page is not null && j == others.Count;
            var then = new Place(
                i > 0 ? own[i - 1].Number : place.After,
                isThrough && page!.Next is { } position ? PageContent.Write(position) : place.Posted,
                isThrough ? 0 : place.Skip + j,
                place.IsDone || (isThrough && page!.Next is null));
            next = $"{request.BaseUrl}/AuditEvent?{QueryString.Format([.. QueryString.Parse(self), new("_page", tokens.Write(JsonSerializer.Serialize(then), scope))])}";
        }

        bundle.Links(("self", self.Length == 0 ? $"{request.BaseUrl}/AuditEvent" : $"{request.BaseUrl}/AuditEvent?{self}"), ("next", next));
        foreach (var entry in shown)
            entry();
        return new(200) { Body = bundle.Finish() };
    }

    /// <summary>By a source that is not the log's, or an id that no row of it has, there is nothing of it to find.</summary>
    private static bool IsOther(AuditSearchInput input) => input.Number == -1;

    private async Task<List<AuditFound>> OwnAsync(AuditSearchInput input, AuditQuery query)
    {
        if (input.Number is not { } number)
            return await archive.SearchAsync(query, input.Count + 1);
        return number >= query.From && number < query.Until && await archive.ReadAsync(number) is { } record ? [new(number, record)] : [];
    }

    /// <summary>AuditEvent.recorded of what a client has stored.</summary>
    private static DateTimeOffset RecordedOf(ReadOnlySpan<byte> json, DateTimeOffset otherwise)
    {
        var reader = new Utf8JsonReader(json);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isRecorded = reader.ValueTextEquals("recorded"u8);
            reader.Read();
            if (isRecorded)
                return DateTimeOffset.TryParse(reader.GetString(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : otherwise;
            reader.Skip();
        }

        return otherwise;
    }

    /// <summary>Where a page of the merged answer begins: behind a row of the log, and at so many of a page of what clients have stored.</summary>
    private sealed record Place(long? After, string? Posted, int Skip, bool IsDone)
    {
        public static Place Start { get; } = new(null, null, 0, false);
    }
}
