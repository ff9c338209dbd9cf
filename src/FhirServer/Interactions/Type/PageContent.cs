using System.Text.Json.Nodes;
using FhirEmr.FhirServer.Search.Query;

namespace FhirEmr.FhirServer.Interactions.Type;

/// <summary>Where a page begins, as the text inside its token: a position, or where the rest of what a page includes begins.</summary>
internal static class PageContent
{
    public static string Write(PagePosition next) => Of(next).ToJsonString();

    /// <param name="after">Where the page itself began; null for the first.</param>
    public static string Write(PagePosition? after, IncludePosition rest) =>
        new JsonArray(after is null ? null : Of(after), Of(rest.Last), rest.Sid, rest.IsLastPage).ToJsonString();

    /// <summary>The query set to that place; null when the text says none.</summary>
    public static SearchQuery? Apply(string content, SearchQuery query) => JsonNode.Parse(content) switch
    {
        JsonArray { Count: 4 } rest when rest[1] is JsonArray last && Fits(last, query) && (rest[0] is null || (rest[0] is JsonArray after && Fits(after, query))) => query with
        {
            After = rest[0] is JsonArray start ? Position(start) : null,
            Rest = new(Position(last), rest[2]!.GetValue<long>(), rest[3]!.GetValue<bool>()),
        },
        JsonArray position when position.Count > 0 && position[0] is JsonValue && Fits(position, query) => query with { After = Position(position) },
        _ => null,
    };

    private static bool Fits(JsonArray position, SearchQuery query) => position.Count == query.Sort.Count + 1;

    private static JsonArray Of(PagePosition position) =>
        new([JsonValue.Create(position.Sid), .. position.Values.Select(v => v switch
        {
            null => (JsonNode?)null,
            long number => JsonValue.Create(number),
            var text => JsonValue.Create((string)text),
        })]);

    private static PagePosition Position(JsonArray array) => new(
        [.. array.Skip(1).Select(v => v is null ? (object?)null : v.AsValue().TryGetValue<long>(out var number) ? number : v.GetValue<string>())],
        array[0]!.GetValue<long>());
}
