using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Search.Parameters;
using FhirEmr.FhirServer.Search.Query;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Query;

namespace FhirEmr.FhirServer.Operations.GraphQl;

/// <summary>Runs List and Connection fields: the same search as over REST, in the words of the graph.</summary>
internal sealed class Searches(IResourceStore store, SearchParser parser, SearchParameters parameters, PageTokens tokens)
{
    /// <summary>A List gives all or nothing (graphql.html#searching); longer ones go page by page through a Connection.</summary>
    public const int MaxList = 1000;

    public async Task<FoundPage> RunAsync(PendingSearch search, FhirRequest request, Selection selection, CancellationToken ct)
    {
        var (type, at) = (search.Meaning.Type, search.Field.Field);
        var asked = new SearchArguments(parameters, selection).Read(at, type, search.From);
        var scope = $"{request.Caller.Name}\ngraphql\n{type}";
        var cursor = new Cursor(0, QueryString.Format(asked.Criteria), null);
        if (asked.Cursor is { } token)
            cursor = search.Meaning.IsConnection && Cursor.Read(token, tokens, scope) is { } known
                ? known
                : throw new GraphQlException($"The cursor does not belong to {search.Field.Name}: take it from next or first of an answer, unchanged.", at, "expired", 410, search.Path.Steps);

        var parse = await parser.ParseAsync(type, QueryString.Parse(cursor.Query), SearchHandling.Strict, request.BaseUrl, ct);
        if (parse is not SearchParse.Parsed parsed)
            throw new GraphQlException(string.Join(" ", ((SearchParse.Refused)parse).Faults.Select(f => f.Text)), at, ((SearchParse.Refused)parse).Faults[0].Code, path: search.Path.Steps);

        var wanted = selection.AllFields(search.Field.Below).ConvertAll(f => f.Name);
        var counts = search.Meaning.IsConnection && wanted.Contains("count");
        var query = parsed.Query with
        {
            After = cursor.Position,
            Count = search.Meaning.IsConnection || asked.HasCount ? parsed.Query.Count : MaxList,
            Total = counts ? TotalMode.Accurate : TotalMode.None,
            Includes = [],
        };
        if (search.Field.IsFirst)
            query = query with { Count = 1 };
        SearchPage page;
        try
        {
            page = await store.SearchAsync(query, request.Caller.Access, ct);
        }
        catch (AccessRefusedException refused)
        {
            throw new GraphQlException(refused.Message, at, "forbidden", 403, search.Path.Steps);
        }

        if (!search.Meaning.IsConnection && page.Next is not null && !asked.HasCount && !search.Field.IsFirst)
            throw new GraphQlException($"More than {MaxList} {type} resources match: narrow the search, say how many with _count, or take {type}Connection.", at, "too-costly", path: search.Path.Steps);

        return new(page.Matches, asked.FhirPath, page.Total, cursor.Offset, query.Count, type,
            (cursor with { Offset = 0, Position = null }).Write(tokens, scope),
            page.Next is null ? null : (cursor with { Offset = cursor.Offset + page.Matches.Count, Position = page.Next }).Write(tokens, scope));
    }
}

/// <summary>What a search gave: matches, and the plain fields of a connection around them.</summary>
internal sealed record FoundPage(
    IReadOnlyList<StoredResource> Matches, string? FhirPath, long? Total, int Offset, int PageSize, string Type, string First, string? Next)
{
    /// <summary>Keyset pages lead forward: <c>previous</c> and <c>last</c> have no value.</summary>
    public OutValue? Value(string field) => field switch
    {
        "count" => Total is { } total ? new OutValue.Number(total) : null,
        "offset" => new OutValue.Number(Offset),
        "pagesize" => new OutValue.Number(PageSize),
        "first" => new OutValue.Text(First),
        "next" => Next is null ? new OutValue.Null() : new OutValue.Text(Next),
        "previous" or "last" => new OutValue.Null(),
        "__typename" => new OutValue.Text(Type + "Connection"),
        _ => null,
    };
}
