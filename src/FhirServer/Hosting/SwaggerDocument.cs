using FhirEmr.FhirServer.Operations;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Parameters;
using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace FhirEmr.FhirServer.Hosting;

/// <summary>OpenAPI description of the FHIR API, generated from the same tables as the CapabilityStatement.</summary>
internal sealed class SwaggerDocument(SearchParameters parameters, OperationTable operations) : IDocumentFilter
{
    public void Apply(OpenApiDocument document, DocumentFilterContext context)
    {
        document.Paths.Clear();
        Add(document, "/fhir/metadata", HttpMethod.Get, "System", "What this server offers (CapabilityStatement)");
        Add(document, "/fhir", HttpMethod.Post, "System", "Run a batch or transaction Bundle", hasBody: true);
        Add(document, "/fhir/_history", HttpMethod.Get, "System", "All versions of everything, newest first");
        foreach (var operation in operations.System)
            Add(document, $"/fhir/${operation.Name}", HttpMethod.Post, "System", operation.Name, hasBody: true);

        foreach (var type in ResourceTypes.All)
        {
            var search = parameters.Of(type).Where(p => p.IsSupported).Select(p => new OpenApiParameter
            {
                Name = p.Code,
                In = ParameterLocation.Query,
                Description = $"{p.Kind} parameter",
                Schema = new OpenApiSchema { Type = JsonSchemaType.String },
            }).ToList();
            var (one, all) = ($"/fhir/{type}/{{id}}", $"/fhir/{type}");
            Add(document, all, HttpMethod.Get, type, $"Search {type}", search);
            Add(document, all, HttpMethod.Post, type, $"Create {type}", hasBody: true);
            Add(document, one, HttpMethod.Get, type, $"Read {type}", [Id()]);
            Add(document, one, HttpMethod.Put, type, $"Update {type}, or create it under this id", [Id()], hasBody: true);
            Add(document, one, HttpMethod.Delete, type, $"Delete {type}", [Id()]);
            Add(document, $"{one}/_history", HttpMethod.Get, type, $"Versions of one {type}", [Id()]);
            Add(document, $"{one}/_history/{{vid}}", HttpMethod.Get, type, $"One version of one {type}", [Id(), Path("vid")]);
            Add(document, $"{all}/_history", HttpMethod.Get, type, $"Versions of all {type} resources");
            foreach (var operation in operations.OfType(type))
            {
                if (operation.OnType)
                    Add(document, $"{all}/${operation.Name}", HttpMethod.Post, type, $"${operation.Name}", hasBody: true);
                if (operation.OnInstance)
                    Add(document, $"{one}/${operation.Name}", HttpMethod.Post, type, $"${operation.Name}", [Id()], hasBody: true);
            }
        }
    }

    private static OpenApiParameter Id() => Path("id");

    private static OpenApiParameter Path(string name) => new()
    {
        Name = name,
        In = ParameterLocation.Path,
        Required = true,
        Schema = new OpenApiSchema { Type = JsonSchemaType.String },
    };

    private static void Add(
        OpenApiDocument document, string path, HttpMethod method, string tag, string summary, List<OpenApiParameter>? parameters = null, bool hasBody = false)
    {
        if (!document.Paths.TryGetValue(path, out var item))
            document.Paths.Add(path, item = new OpenApiPathItem { Operations = [] });

        var media = new Dictionary<string, OpenApiMediaType>
        {
            ["application/fhir+json"] = new() { Schema = new OpenApiSchema { Type = JsonSchemaType.Object } },
        };
        item.Operations![method] = new OpenApiOperation
        {
            Summary = summary,
            Tags = new HashSet<OpenApiTagReference> { new(tag, document) },
            Parameters = parameters is null ? [] : [.. parameters],
            RequestBody = hasBody ? new OpenApiRequestBody { Content = media } : null,
            Responses = new OpenApiResponses { ["default"] = new OpenApiResponse { Description = "A FHIR resource, or an OperationOutcome that says what went wrong" } },
        };
    }
}
