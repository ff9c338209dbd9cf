
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
/// </remarks>
internal sealed class History(IResourceStore store, TimeProvider clock, WriteClock writes, PageTokens tokens, SearchLimits limits, TimeZoneInfo zone)
{
    private const int MaxCount = 1000;

    private static readonly string[] Known = ["_count", "_since", "_at", "_format", "_pretty", "_elements", "_summary"];

    public async Task<FhirReply> HandleAsync(FhirRequest request, CancellationToken ct)
    {
        var asked = request.Query.Where(p => Known.Contains(p.Key)).ToArray();
        var self = QueryString.Format(asked);
        var scope = $"{request.Caller.Name}\nhistory/{request.Target.Type}/{request.Target.Id}\n{self}";
        var (count, since, at, atEnd, after) = (50, (DateTimeOffset?)null, (DateTimeOffset?)null, (DateTimeOffset?)null, (HistoryPosition?)null);
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
                case "_format" or "_pretty" or "_elements" or "_summary":
                    break;
                case "_count" or "_since" or "_at":
                    return Refuse($"{name}={value} cannot be read: _count takes a number, _since and _at an instant such as 2026-01-31T08:00:00Z.");
                case var _ when request.Prefer.Lenient:
                    break; // the self link is without it
                default:
                    return Refuse($"History has no parameter '{name}': it takes _count, _since, _at, _elements and _summary.");
            }
        }

        var (subset, fault) = SubsetChoice.Read(request);
        if (fault is not null)
            return FhirReply.Refuse(fault);

        var target = request.Target;
        // Of several resources the later may commit first, and a follower would miss the earlier. The whole store is read by commit order instead.
        var horizon = after is null && target is { Type: not null, Id: null } ? await writes.HorizonAsync(ct) : (long?)null;
        var page = await store.HistoryAsync(new(target.Type, target.Id, count, since, at, after) { AtEnd = atEnd, UpTo = horizon, MaxBytes = limits.MaxPageBytes }, request.Caller.Access, ct);
        if (target.Id is not null && page.Versions.Count == 0 && after is null && since is null && at is null && count > 0)
            return FhirReply.Refuse(FhirFault.NotFound(target.Key));

        using var bundle = new BundleWriter("history", clock.GetUtcNow(), page.Total);
        var path = string.Join('/', new[] { request.BaseUrl, target.Type, target.Id, "_history" }.Where(p => p is not null));
        string? next = null;
        if (page.Next is { } end)
        {
            var follow = tokens.Write(string.Create(CultureInfo.InvariantCulture, $"{end.LastUpdated}.{end.Sid}.{end.Version}.{end.Sequence}"), scope);
            next = $"{path}?{QueryString.Format([.. asked, new("_page", follow)])}";
        }

        bundle.Links(("self", asked.Length == 0 ? path : $"{path}?{self}"), ("next", next));
        if (subset is not null)
            foreach (var partly in page.Versions)
                request.Caller.Trail?.Saw(partly.Key, partly.Json.Span);
        foreach (var version in page.Versions)
            bundle.Entry($"{request.BaseUrl}/{version.Key}", version.IsDeleted ? version.Json : FhirFormats.Shown(version.Json, subset),
                request: new(version.Method, version.Method == "POST" ? version.Key.Type : version.Key.ToString()),
                response: new(version.IsDeleted ? 204 : version.Version == 1 || version.Method == "POST" ? 201 : 200,
                    version.IsDeleted ? null : $"{version.Key}/_history/{version.Version}", version.Version, version.LastUpdated, default));
        return new FhirReply(200) { Body = bundle.Finish() };
    }

    private static HistoryPosition? Position(string text)
    {
        var parts = text.Split('.');
        return parts.Length == 4 && long.TryParse(parts[0], out var updated) && long.TryParse(parts[1], out var sid) && int.TryParse(parts[2], out var version)
            && long.TryParse(parts[3], out var sequence)
            ? new(updated, sid, version) { Sequence = sequence }
            : null;
    }

    private DateTimeOffset? Instant(string value) => Date(value) is { } date ? At(DateRange.Covering(date, zone).Lo) : null;

    /// <summary>A date without a time is a period: its end. A time is an instant.</summary>
    private DateTimeOffset? PeriodEnd(string value) => Date(value) is { HasTime: false } date ? At(DateRange.Covering(date, zone).Hi) : null;

    private static FhirDate? Date(string value) => FhirDate.TryParse(Encoding.UTF8.GetBytes(value.Replace(' ', '+')), out var date) ? date : null;

    /// <summary>The first and last days of the calendar may lie outside it in UTC.</summary>
    private static DateTimeOffset At(long milliseconds) =>
        DateTimeOffset.FromUnixTimeMilliseconds(Math.Clamp(milliseconds, DateTimeOffset.MinValue.ToUnixTimeMilliseconds(), DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()));

    private static FhirReply Refuse(string text) => FhirReply.Refuse(FhirFault.Of(FaultKind.Invalid, text));
}
