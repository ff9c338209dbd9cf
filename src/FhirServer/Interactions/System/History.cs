
using System.Globalization;
using System.Text;
using FhirEmr.FhirServer.Interactions.Writing;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Search.Indexing;
using FhirEmr.FhirServer.Search.Query;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Query;

namespace FhirEmr.FhirServer.Interactions.System;

/// <summary>FHIR <c>history</c> of a resource, a type or the whole store, newest first.</summary>
/// <remarks>
/// http.html#history. Parameters <c>_count</c>, <c>_since</c>, <c>_at</c> (an instant, or a day, month or year: what was current then); days are
/// the practice's, as in a search. Deletions are entries without a resource.
/// Of the whole store also <c>_after</c>, a feed: oldest first, in the order of commits, each version once and none left out, from where another page ended.
/// </remarks>
internal sealed class History(IResourceStore store, TimeProvider clock, WriteClock writes, PageTokens tokens, SearchLimits limits, TimeZoneInfo zone)
{
    private const int MaxCount = 1000;

    private static readonly string[] Known = ["_count", "_since", "_at", "_after", "_format", "_pretty", "_elements", "_summary"];

    /// <summary>Stands for the place before the first version.</summary>
    private const string Beginning = "0";

    /// <summary>Who follows the feed may be away for long.</summary>
    private static readonly TimeSpan FeedLifetime = TimeSpan.FromDays(3650);

    public async Task<FhirReply> HandleAsync(FhirRequest request, CancellationToken ct)
    {
        var asked = request.Query.Where(p => Known.Contains(p.Key)).ToArray();
        var self = QueryString.Format(asked);
        var scope = $"{request.Caller.Name}\nhistory/{request.Target.Type}/{request.Target.Id}\n{self}";
        var (count, since, at, atEnd, after) = (50, (DateTimeOffset?)null, (DateTimeOffset?)null, (DateTimeOffset?)null, (HistoryPosition?)null);
        string? feed = null;
        foreach (var (name, value) in request.Query)
        {
            switch (name)
            {
                case "_count" when int.TryParse(value, out var number) && number >= 0:
                    count = Math.Min(number, MaxCount);
                    break;
                case "_since" when Instant(value) is { } instant:
                    since = instant;
                    break;
                case "_at" when Instant(value) is { } instant:
                    (at, atEnd) = (instant, PeriodEnd(value));
                    break;
                case "_page":
                    var token = tokens.Read(value, scope);
                    if (token.IsExpired)
                        return FhirReply.Refuse(FhirFault.Of(FaultKind.Expired, "The page token has expired: start again without _page."));
                    if (token.Content is not { } position || Position(position) is not { } parsed)
                        return Refuse($"The page token is not one of this history: start again without _page.");
                    after = parsed;
                    break;
                case "_after" when request.Target is { Type: null, Id: null }:
                    feed = value;
                    break;
                case "_after":
                    return Refuse("_after is of the history of everything: GET [base]/_history?_after=.");
                case "_format" or "_pretty" or "_elements" or "_summary":
                    break;
                case "_count" or "_since" or "_at":
                    return Refuse($"{name}={value} cannot be read: _count takes a number, _since and _at an instant such as 2026-01-31T08:00:00Z.");
                case var _ when request.Prefer.Lenient:
                    break; // the self link is without it
                default:
                    return Refuse($"History has no parameter '{name}': it takes _count, _since, _at{(request.Target is { Type: null, Id: null } ? ", _after" : "")}, _elements and _summary.");
            }
        }

        var (subset, fault) = SubsetChoice.Read(request);
        if (fault is not null)
            return FhirReply.Refuse(fault);

        if (feed is not null)
            return since is null && at is null && after is null ? await FollowAsync(request, feed, count, subset, ct) : Refuse("_after goes with _count, _elements and _summary only: it says itself from where on.");

        var target = request.Target;

        // What is committed behind the head is in the feed from there on; the head before the horizon, and so all up to it is in this history: on both perhaps, on neither never.
        var head = after is null && target is { Type: null, Id: null } ? await store.FeedHeadAsync(request.Caller.Access, ct) : (FeedPosition?)null;

        // Of several resources the later may commit first, and who goes on from the instant of the later would miss the earlier.
        var horizon = after is null && target.Id is null ? new HistoryHorizon(await writes.HorizonAsync(ct), head?.Sequence ?? 0) : null;
        var page = await store.HistoryAsync(new(target.Type, target.Id, count, since, at, after) { AtEnd = atEnd, UpTo = horizon, MaxBytes = limits.MaxPageBytes }, request.Caller.Access, ct);
        if (target.Id is not null && page.Versions.Count == 0 && after is null && since is null && at is null && count > 0)
            return FhirReply.Refuse(FhirFault.NotFound(target.Key));

        using var bundle = new BundleWriter("history", clock.GetUtcNow(), page.Total);
        var path = string.Join('/', new[] { request.BaseUrl, target.Type, target.Id, "_history" }.Where(p => p is not null));
        string? next = null;
        if (page.Next is { } end)
        {
            var follow = tokens.Write(string.Create(CultureInfo.InvariantCulture, $"{end.LastUpdated}.{end.Sid}.{end.Version}.{end.Sequence}.{end.Horizon?.Instant ?? 0}.{end.Horizon?.Head ?? 0}"), scope);
            next = $"{path}?{QueryString.Format([.. asked, new("_page", follow)])}";
        }

        bundle.Links(("self", asked.Length == 0 ? path : $"{path}?{self}"), ("next", next), ("feed", head is { } from ? FeedLink(request, from, []) : null));
        return Answer(bundle, request, page.Versions, subset);
    }

    private async Task<FhirReply> FollowAsync(FhirRequest request, string token, int count, SubsetChoice? subset, CancellationToken ct)
    {
        var begin = token == Beginning ? FeedPosition.Start : Begin(tokens.Read(token, FeedScope(request)).Content);
        if (begin is not { } from)
            return Refuse("The token of _after is not one of this feed and caller: take the link 'feed' of _history, or _after=0 for all from the beginning.");
        if (await store.FollowAsync(from, count, limits.MaxPageBytes, request.Caller.Access, ct) is not { } page)
            return FhirReply.Refuse(FhirFault.Of(FaultKind.Expired, "The record was put back to a time before this place of the feed: begin anew with the link 'feed' of _history, or with _after=0."));
        using var bundle = new BundleWriter("history", clock.GetUtcNow(), null);
        bundle.Links(
            ("self", $"{request.BaseUrl}/_history?{QueryString.Format([.. request.Query.Where(p => Known.Contains(p.Key))])}"),
            ("next", FeedLink(request, page.End, request.Query.Where(p => p.Key != "_after" && Known.Contains(p.Key)))));
        return Answer(bundle, request, page.Versions, subset);
    }

    private string FeedLink(FhirRequest request, FeedPosition position, IEnumerable<KeyValuePair<string, string>> asked)
    {
        var token = tokens.Write(string.Create(CultureInfo.InvariantCulture, $"{position.Sequence}.{position.Sid}.{position.Version}"), FeedScope(request), FeedLifetime);
        return $"{request.BaseUrl}/_history?{QueryString.Format([.. asked, new("_after", token)])}";
    }

    private static FhirReply Answer(BundleWriter bundle, FhirRequest request, IReadOnlyList<StoredResource> versions, SubsetChoice? subset)
    {
        if (subset is not null)
            foreach (var partly in versions)
                request.Caller.Trail?.Saw(partly.Key, partly.Json.Span);
        foreach (var version in versions)
            bundle.Entry($"{request.BaseUrl}/{version.Key}", version.IsDeleted ? version.Json : FhirFormats.Shown(version.Json, subset),
                request: new(version.Method, version.Method == "POST" ? version.Key.Type : version.Key.ToString()),
                response: new(version.IsDeleted ? 204 : version.Version == 1 || version.Method == "POST" ? 201 : 200,
                    version.IsDeleted ? null : $"{version.Key}/_history/{version.Version}", version.Version, version.LastUpdated, default));
        return new FhirReply(200) { Body = bundle.Finish() };
    }

    private static string FeedScope(FhirRequest request) => $"{request.Caller.Name}\nhistory feed";

    private static HistoryPosition? Position(string text) => Numbers(text) is [var updated, var sid, var version, var sequence, var instant, var head]
        ? new(updated, sid, (int)version) { Sequence = sequence, Horizon = instant > 0 ? new(instant, head) : null }
        : null;

    private static FeedPosition? Begin(string? text) => text is not null && Numbers(text) is [var sequence, var sid, var version] ? new(sequence, sid, (int)version) : null;

    private static long[] Numbers(string text) => Array.ConvertAll(text.Split('.'), n => long.Parse(n, CultureInfo.InvariantCulture)); // only the server itself writes them

    private DateTimeOffset? Instant(string value) => Date(value) is { } date ? At(DateRange.Covering(date, zone).Lo) : null;

    /// <summary>A date without a time is a period: its end. A time is an instant.</summary>
    private DateTimeOffset? PeriodEnd(string value) => Date(value) is { HasTime: false } date ? At(DateRange.Covering(date, zone).Hi) : null;

    private static FhirDate? Date(string value) => FhirDate.TryParse(Encoding.UTF8.GetBytes(value.Replace(' ', '+')), out var date) ? date : null;

    /// <summary>The first and last days of the calendar may lie outside it in UTC.</summary>
    private static DateTimeOffset At(long milliseconds) =>
        DateTimeOffset.FromUnixTimeMilliseconds(Math.Clamp(milliseconds, DateTimeOffset.MinValue.ToUnixTimeMilliseconds(), DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()));

    private static FhirReply Refuse(string text) => FhirReply.Refuse(FhirFault.Of(FaultKind.Invalid, text));
}
