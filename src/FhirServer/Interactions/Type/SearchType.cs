using System.Globalization;
using FhirEmr.FhirServer.Interactions.Past;
using FhirEmr.FhirServer.Interactions.Writing;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Search.Query;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Query;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Interactions.Type;

/// <summary>FHIR <c>search-type</c>, by GET or POST.</summary>
/// <remarks>
/// https://hl7.org/fhir/R4/search.html. The self link says what was really applied; pages are keyset positions in signed tokens, so they
/// neither skip nor repeat while others write.
/// </remarks>
internal sealed class SearchType(IResourceStore store, SearchParser parser, PageTokens tokens, IPast past, TimeProvider clock)
{
    public async Task<FhirReply> HandleAsync(FhirRequest request, CancellationToken ct)
    {
        var type = request.Target.Type!;
        var (instant, unreadable) = AsOf.Read(request);
        if (unreadable is not null)
            return FhirReply.Refuse(unreadable);
        var asked = request.Query.Where(p => p.Key is not ("_page" or AsOf.Name)).ToArray();
        var handling = request.Prefer.Lenient ? SearchHandling.Lenient : SearchHandling.Strict;
        var parse = await parser.ParseAsync(type, asked, handling, request.BaseUrl, ct);
        if (parse is not SearchParse.Parsed parsed)
            return FhirReply.Refuse(SearchRefusal.Of(parse));

        IReadOnlyList<KeyValuePair<string, string>> applied = instant is { } at ? [.. parsed.Applied, new(AsOf.Name, FhirInstant.Format(at))] : parsed.Applied;
        var self = QueryString.Format(applied);
        var scope = $"{request.Caller.Name}\n{type}\n{self}";
        var query = parsed.Query;
        if (request.Query.FirstOrDefault(p => p.Key == "_page").Value is { } token)
        {
            if (tokens.Read(token, scope) is not { } content || PageContent.Read(content) is not { } position)
                return FhirReply.Refuse(FhirFault.Of(FaultKind.Expired, "The page token does not belong to this search. Follow the next link of the page before it, unchanged, or start again without _page."));
            query = query with { After = position };
        }

        var (page, refused) = instant is { } then
            ? await past.SearchAsync(query, then, request.Caller.Access, ct)
            : (await store.SearchAsync(query, request.Caller.Access, ct), null);
        if (page is null)
            return FhirReply.Refuse(refused!);
        using var bundle = new BundleWriter("searchset", clock.GetUtcNow(), page.Total);
        var path = $"{request.BaseUrl}/{type}";
        bundle.Links(("self", self.Length == 0 ? path : $"{path}?{self}"), ("next", page.Next is null ? null
            : $"{path}?{QueryString.Format([.. applied, new("_page", tokens.Write(PageContent.Write(page.Next), scope))])}"));

        var subset = SubsetOf(parsed.Controls);
        foreach (var match in page.Matches)
            bundle.Entry($"{request.BaseUrl}/{match.Key}", subset is null ? match.Json : FhirFormats.Subset(match.Json, subset), "match");
        foreach (var included in page.Included)
            bundle.Entry($"{request.BaseUrl}/{included.Key}", included.Json, "include");

        IReadOnlyList<string> warnings = [.. parsed.Warnings.Select(w => w.Text)];
        if (instant is { } shown)
            warnings = [.. warnings, $"This is the record as it was at {FhirInstant.Format(shown)}."];
        if (page.IsIncludedCut)
            warnings = [.. warnings, "More resources are included than one page carries; the rest can be read by their references."];
        if (warnings.Count > 0)
            bundle.Entry(null, Warnings(warnings), "outcome");
        return new FhirReply(200) { Body = bundle.Finish() };
    }

    private static SubsetChoice? SubsetOf(ResultControls controls) =>
        controls.Elements.Count > 0 || controls.Summary is "true" or "text" or "data" ? new(controls.Summary, controls.Elements) : null;

    private static byte[] Warnings(IReadOnlyList<string> texts)
    {
        var outcome = new OperationOutcome();
        outcome.Issue.AddRange(texts.Select(t => new FaultIssue("not-supported", t).ToComponent("not-supported", OperationOutcome.IssueSeverity.Warning)));
        return FhirFormats.ToJson(outcome);
    }
}

/// <summary>A page position as text: the surrogate key, then each sort value with a letter for its kind.</summary>
internal static class PageContent
{
    private const char Separator = '\u001F';

    public static string Write(PagePosition position) => string.Join(Separator,
        [position.Sid.ToString(CultureInfo.InvariantCulture), .. position.Values.Select(v => v switch
        {
            null => "0",
            long number => "n" + number.ToString(CultureInfo.InvariantCulture),
            var text => "s" + text,
        })]);

    public static PagePosition? Read(string text)
    {
        var parts = text.Split(Separator);
        if (!long.TryParse(parts[0], CultureInfo.InvariantCulture, out var sid))
            return null;
        return new([.. parts.Skip(1).Select(p => p switch
        {
            ['n', .. var number] => (object?)long.Parse(number, CultureInfo.InvariantCulture),
            ['s', .. var value] => value,
            _ => null,
        })], sid);
    }
}
