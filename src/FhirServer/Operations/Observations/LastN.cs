using System.Globalization;
using FhirEmr.FhirServer.Interactions;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Search.Query;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage;

namespace FhirEmr.FhirServer.Operations.Observations;

/// <summary><c>Observation/$lastn</c>: the newest observations of each test, newest first.</summary>
/// <remarks>
/// observation-operation-lastn.html. Takes <c>max</c> (default 1), a <c>patient</c> or <c>subject</c>, and any search parameter of
/// Observation; of those that shape an answer, the includes. The answer is never paged: <c>max</c> bounds it. Answers 200, 400.
/// </remarks>
internal sealed class LastN(IResourceStore store, SearchParser parser, TimeProvider clock, TimeZoneInfo zone)
{
    private const int PageSize = 1000;

    private static readonly string[] Shapes = ["_sort", "_count", "_total", "_summary", "_elements"];

    public static IEnumerable<Operation> List(IServiceProvider services)
    {
        yield return new("lastn", "http://hl7.org/fhir/OperationDefinition/Observation-lastn", ["Observation"], true, false, false,
            (r, ct) => services.GetRequiredService<LastN>().HandleAsync(r, ct))
        { Right = null };
    }

    public async Task<FhirReply> HandleAsync(FhirRequest request, CancellationToken ct)
    {
        if (Given(request, out var given) is { } fault)
            return FhirReply.Refuse(fault);

        var max = 1;
        if (given.FirstOrDefault(p => p.Key == "max") is { Key: not null } asked && (!int.TryParse(asked.Value, CultureInfo.InvariantCulture, out max) || max < 1))
            return Refuse($"max={asked.Value} cannot be read: write how many observations of each test to answer, from 1.", "value");
        var criteria = given.Where(p => p.Key is not ("max" or "_format" or "_pretty")).ToArray();
        if (criteria.FirstOrDefault(p => Shapes.Contains(p.Key)) is { Key: not null } shape)
            return Refuse($"$lastn does not take {shape.Key}: it answers everything at once, newest first; max says how many of each test.", "not-supported");
        if (!criteria.Any(p => SearchKey.Parse(p.Key).Code is "patient" or "subject"))
            return Refuse("$lastn needs patient or subject: whose observations are meant, as in $lastn?patient=123&category=vital-signs.", "required");

        var parse = await parser.ParseAsync("Observation", criteria, request.Prefer.Lenient ? SearchHandling.Lenient : SearchHandling.Strict, request.BaseUrl, ct);
        if (parse is not SearchParse.Parsed parsed)
            return FhirReply.Refuse(Refusal((SearchParse.Refused)parse));

        var groups = new CodeGroups(zone);
        var query = parsed.Query with { Count = PageSize, Includes = [] };
        for (PagePosition? after = null; ;)
        {
            var page = await store.SearchAsync(query with { After = after }, request.Caller.Access, ct);
            foreach (var match in page.Matches)
                groups.Add(match);
            if ((after = page.Next) is null)
                break;
        }

        var newest = groups.Newest(max);
        var (included, liesDeeper) = await IncludedAsync(newest, parsed.Query, request.Caller.Access, ct);
        using var bundle = new BundleWriter("searchset", clock.GetUtcNow(), newest.Count);
        var self = QueryString.Format(max == 1 ? parsed.Applied : [.. parsed.Applied, new("max", max.ToString(CultureInfo.InvariantCulture))]);
        bundle.Links(("self", $"{request.BaseUrl}/Observation/$lastn?{self}"));
        foreach (var observation in newest)
            bundle.Entry($"{request.BaseUrl}/{observation.Key}", observation.Json, "match");
        foreach (var resource in included)
            bundle.Entry($"{request.BaseUrl}/{resource.Key}", resource.Json, "include");
        if (liesDeeper)
            bundle.Entry(null, SearchWarnings.Outcome([SearchWarnings.LiesDeeper(parsed.Query)]), "outcome");
        return new FhirReply(200) { Body = bundle.Finish() };
    }

    private async Task<(IReadOnlyList<StoredResource> Included, bool LiesDeeper)> IncludedAsync(
        IReadOnlyList<StoredResource> newest, SearchQuery asked, AccessPlan access, CancellationToken ct)
    {
        var (included, seen, liesDeeper) = (new List<StoredResource>(), newest.Select(n => n.Sid).ToHashSet(), false);
        if (asked.Includes.Count == 0)
            return (included, false);
        foreach (var some in newest.Chunk(PageSize))
        {
            var query = new SearchQuery("Observation", new SearchExpression.Ids([.. some.Select(s => s.Key.Id)]))
            {
                Count = PageSize,
                Includes = asked.Includes,
                MaxIterations = asked.MaxIterations,
            };
            for (IncludePosition? rest = null; ;)
            {
                var page = await store.SearchAsync(query with { Rest = rest }, access, ct);
                included.AddRange(page.Included.Where(r => seen.Add(r.Sid)));
                liesDeeper |= page.LiesDeeper;
                if ((rest = page.Rest) is null)
                    break;
            }
        }

        return (included, liesDeeper);
    }

    /// <summary>By GET, by a form, or as a Parameters resource whose parts bear the names of search parameters.</summary>
    private static FhirFault? Given(FhirRequest request, out List<KeyValuePair<string, string>> given)
    {
        given = [.. request.Query];
        if (!request.Body.Exists)
            return null;
        if (request.Body.Type.Name != "Parameters")
            return FhirFault.Of(FaultKind.Invalid, $"$lastn takes a Parameters resource, not a {request.Body.Type.Name}.");
        foreach (var parameter in request.Body.Children)
            if (FhirNames.Name(parameter.NameId) == "parameter" && parameter.TextOf("name") is { } name && parameter.Child("value") is { Exists: true } value)
            {
                if (Value(value) is not { } text)
                    return FhirFault.Of(FaultKind.Invalid, $"'{name}' of $lastn is given as a {value.Type.Name}: give a string as a search would have it, a Coding or a Reference.", code: "value");
                given.Add(new(name, text));
            }

        return null;
    }

    private static string? Value(FhirNode value) => value.Type switch
    {
        { IsPrimitive: true } => value.Text,
        { Name: "Coding" } => $"{value.TextOf("system")}|{value.TextOf("code")}",
        { Name: "Reference" } => value.TextOf("reference"),
        _ => null,
    };

    private static FhirFault Refusal(SearchParse.Refused refused) => new(
        refused.Faults.Any(f => f.Code == "too-costly") ? FaultKind.TooCostly : FaultKind.Invalid,
        [.. refused.Faults.Select(f => new FaultIssue(f.Code, f.Text) { Parameter = f.Parameter })]);

    private static FhirReply Refuse(string text, string code) => FhirReply.Refuse(FhirFault.Of(FaultKind.Invalid, text, code: code));
}
