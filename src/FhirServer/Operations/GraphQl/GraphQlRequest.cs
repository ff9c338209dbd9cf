using System.Text;
using System.Text.Json;
using FhirEmr.FhirServer.Rest;

namespace FhirEmr.FhirServer.Operations.GraphQl;

/// <summary>A query as it arrives: in the address, as the body, or in a JSON body (graphql.org/learn/serving-over-http).</summary>
internal sealed record GraphQlRequest(string Query, string? OperationName, IReadOnlyDictionary<string, JsonElement> Variables)
{
    private static readonly Dictionary<string, JsonElement> NoVariables = [];

    /// <exception cref="GraphQlException">There is no query, or the body cannot be read.</exception>
    public static GraphQlRequest Read(FhirRequest request)
    {
        var (query, name, variables) = (Parameter("query"), Parameter("operationName"), Parameter("variables"));
        if (request.Content is { IsEmpty: false } content)
        {
            if (RequestBody.MediaType(request.ContentType) is "application/json" or "text/json" or "application/fhir+json" or "")
                return OfJson(content, query);
            if (RequestBody.MediaType(request.ContentType) is not ("application/graphql" or "text/plain"))
                throw new GraphQlException($"Content-Type '{RequestBody.MediaType(request.ContentType)}' holds no query: send application/json with query, variables and operationName, or application/graphql.", code: "not-supported", status: 415);
            query = Encoding.UTF8.GetString(content.Span);
        }

        if (string.IsNullOrWhiteSpace(query))
            throw new GraphQlException("There is no query: give it as the parameter 'query', or as the body.", code: "required");
        return new(query, name, variables is null ? NoVariables : Variable(variables));

        string? Parameter(string wanted) => request.Query.FirstOrDefault(p => p.Key == wanted).Value;
    }

    private static GraphQlRequest OfJson(ReadOnlyMemory<byte> body, string? queryInAddress)
    {
        try
        {
            using var document = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = 32 });
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object)
                throw new GraphQlException("The body must be a JSON object with query, variables and operationName.");
            var query = Text("query") ?? queryInAddress;
            if (string.IsNullOrWhiteSpace(query))
                throw new GraphQlException("The body has no 'query', a string with the GraphQL text.", code: "required");
            var variables = root.TryGetProperty("variables", out var given) && given.ValueKind == JsonValueKind.Object ? Variable(given) : NoVariables;
            return new(query, Text("operationName"), variables);

            string? Text(string name) => root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        }
        catch (JsonException e)
        {
            throw new GraphQlException($"The body is not well-formed JSON: {e.Message}", code: "structure");
        }
    }

    private static Dictionary<string, JsonElement> Variable(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 32 });
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? Variable(document.RootElement)
                : throw new GraphQlException("The parameter 'variables' must be a JSON object.", code: "structure");
        }
        catch (JsonException e)
        {
            throw new GraphQlException($"The parameter 'variables' is not well-formed JSON: {e.Message}", code: "structure");
        }
    }

    private static Dictionary<string, JsonElement> Variable(JsonElement variables) =>
        variables.EnumerateObject().GroupBy(p => p.Name).ToDictionary(p => p.Key, p => p.Last().Value.Clone(), StringComparer.Ordinal);
}
