using FhirEmr.FhirServer.Interactions.Past;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Search.Query;
using FhirEmr.FhirServer.Search.Query.Contained;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Query;
using FhirEmr.FhirServer.Storage.Reindex;

namespace FhirEmr.FhirServer.Interactions.Type;

/// <summary>FHIR <c>search-type</c> and <c>search-system</c>, in a compartment or not, by GET or POST.</summary>
/// <remarks>
/// https://hl7.org/fhir/R4/search.html. The self link says what was really applied; pages are keyset positions in encrypted tokens, so they
/// neither skip nor repeat while others write. When a page includes more than it can carry, its next links bring the rest before they go on. A page
/// of large resources ends before its count is reached.
/// </remarks>
internal sealed class SearchType(IResourceStore store, SearchParser parser, PageTokens tokens, IPast past, IndexCurrency currency, SearchLimits limits, TimeProvider clock)
{
    public async Task<FhirReply> HandleAsync(FhirRequest request, CancellationToken ct)
    {
        var target = request.Target;
        var (wanted, unreadable) = AsOf.Read(request);
        if (unreadable is not null)
            return FhirReply.Refuse(unreadable);
        DateTimeOffset? instant = wanted is { } then ? await past.SettleAsync(then, ct) : null;
        var asked = request.Query.Where(p => p.Key is not ("_page" or AsOf.Name)).ToArray();
        var handling = request.Prefer.Lenient ? SearchHandling.Lenient : SearchHandling.Strict;
        var parse = await (instant is { } moment ? past.ParserAt(moment, request.Caller.Access) : parser).ParseAsync(new SearchScope(target.Type, target.Compartment?.Focus), asked, handling, request.BaseUrl, ct);
        if (parse is not SearchParse.Parsed parsed)
            return FhirReply.Refuse(SearchRefusal.Of(parse));

        // Types that are named are refused; of those that are not, the closed ones are passed over.
        if (request.Query.Any(p => p.Key == "_type") && parsed.Query.Types.FirstOrDefault(t => !request.Caller.Access.CanSearch(t)) is { } closed)
            return FhirReply.Refuse(FhirFault.Of(FaultKind.Forbidden, $"You may not search {closed}."));

        IReadOnlyList<KeyValuePair<string, string>> applied = instant is { } at ? [.. parsed.Applied, new(AsOf.Name, FhirInstant.Format(at))] : parsed.Applied;
        var self = QueryString.Format(applied);
        var scope = $"{request.Caller.Name}\n{target.SearchPath}\n{self}";
        var query = parsed.Query with { MaxBytes = limits.MaxPageBytes };
        if (request.Query.FirstOrDefault(p => p.Key == "_page").Value is { } follow)
        {
            var token = tokens.Read(follow, scope);
            if (token.IsExpired)
                return FhirReply.Refuse(FhirFault.Of(FaultKind.Expired, "The page token has expired. Start the search again without _page."));
            if (token.Content is not { } content || PageContent.Apply(content, query) is not { } positioned)
                return FhirReply.Refuse(FhirFault.Of(FaultKind.Invalid,
                    "The page token does not belong to this search. Follow the next link of the page before it, unchanged, or start again without _page.", code: "value"));
            query = positioned;
        }

        var page = instant is { } of
            ? await past.SearchAsync(query, of, request.Caller.Access, ct)
            : await store.SearchAsync(query, request.Caller.Access, ct);
        return new FhirReply(200) { Body = Write(request, parsed with { Applied = applied }, query, page, instant, self, scope) };
    }

    private ReplyBody Write(
        FhirRequest request, SearchParse.Parsed parsed, SearchQuery query, SearchPage page, DateTimeOffset? instant, string self, string scope)
    {
        using var bundle = new BundleWriter("searchset", clock.GetUtcNow(), page.Total);
        var path = request.Target.SearchPath is { Length: > 0 } below ? $"{request.BaseUrl}/{below}" : request.BaseUrl;
        var next = page switch
        {
            { Rest: { } rest } => PageContent.Write(query.After, rest),
            { Next: { } position } => PageContent.Write(position),
            _ => null,
        };
        bundle.Links(("self", self.Length == 0 ? path : $"{path}?{self}"), ("next", next is null ? null
            : $"{path}?{QueryString.Format([.. parsed.Applied, new("_page", tokens.Write(next, scope))])}"));

        var subset = SubsetChoice.Of(parsed.Controls.Summary, parsed.Controls.Elements);
        if (subset is not null || parsed.Contained is not null)
            foreach (var partly in page.Matches.Concat(page.Included))
                request.Caller.Trail?.Saw(partly.Key, partly.Json.Span);
        foreach (var match in page.Matches)
            Match(bundle, request.BaseUrl, match, parsed.Contained, subset);
        foreach (var included in page.Included)
            bundle.Entry($"{request.BaseUrl}/{included.Key}", FhirFormats.Shown(included.Json, subset), "include");
        IReadOnlyList<(string Code, string Text)> warnings = [.. parsed.Warnings.Select(w => (w.Code, w.Text))];
        if (instant is { } shown)
            warnings = [.. warnings, ("informational", $"This is the record as it was at {FhirInstant.Format(shown)}.")];
        if (currency.WarningFor(query) is { } incomplete)
            warnings = [.. warnings, ("incomplete", incomplete)];
        if (page.LiesDeeper)
            warnings = [.. warnings, SearchWarnings.LiesDeeper(query)];
        if (warnings.Count > 0)
            bundle.Entry(null, SearchWarnings.Outcome(warnings), "outcome");
        return bundle.Finish();
    }

    /// <summary>The match, or the contained resources in it that match: those are addressed by the resource around them (search.html#contained).</summary>
    private static void Match(BundleWriter bundle, string baseUrl, StoredResource match, ContainedMatch? contained, SubsetChoice? subset)
    {
        var url = $"{baseUrl}/{match.Key}";
        if (contained is null || FhirJsonReader.Read(match.Json, out _) is not { } tree)
        {
            bundle.Entry(url, FhirFormats.Shown(match.Json, subset), "match");
            return;
        }

        if (contained.IsItself(tree.Root))
            bundle.Entry(url, FhirFormats.Shown(match.Json, subset), "match");
        foreach (var inside in contained.In(tree.Root))
            bundle.Entry($"{url}#{inside.TextOf("id")}", FhirFormats.Shown(match.Json[inside.Start..inside.End], subset), "match");
    }
}
