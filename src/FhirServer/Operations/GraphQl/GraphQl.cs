using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Search.Parameters;
using FhirEmr.FhirServer.Search.Query;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Query;
using GraphQLParser;
using GraphQLParser.AST;
using GraphQLParser.Exceptions;

namespace FhirEmr.FhirServer.Operations.GraphQl;

/// <summary><c>$graphql</c> on the system and on any resource: reads and searches, by GET and POST.</summary>
/// <remarks>
/// graphql.html, operation-resource-graphql. The answer is application/json: <c>data</c> with 200, or <c>errors</c> with their place and an
/// OperationOutcome each. Fields without a value are left out, as the specification's own examples do. Mutations are not offered.
/// </remarks>
internal sealed class GraphQl(IResourceStore store, SearchParser parser, SearchParameters parameters, PageTokens tokens, GraphQlSchema schema)
{
    private const int MaxLength = 64 * 1024;
    private const string Json = "application/json";

    private static readonly ParserOptions Options = new() { Ignore = IgnoreOptions.Comments, MaxDepth = 64 };

    public static IEnumerable<Operation> List(IServiceProvider services)
    {
        const string Definition = "http://hl7.org/fhir/OperationDefinition/Resource-graphql";
        GraphQl Operation() => services.GetRequiredService<GraphQl>();
        yield return new("graphql", Definition, [], false, false, false, (r, ct) => Operation().HandleAsync(r, ct)) { Right = null };
        yield return new("graphql", Definition, ResourceTypes.All, false, true, false, (r, ct) => Operation().HandleAsync(r, ct)) { Right = null };
    }

    public async Task<FhirReply> HandleAsync(FhirRequest request, CancellationToken ct)
    {
        var query = "";
        try
        {
            if (request.Entry is not null)
                throw new GraphQlException("$graphql cannot stand in a batch: its answer is no resource. Call it on its own.", code: "not-supported");
            var asked = GraphQlRequest.Read(request);
            query = asked.Query;
            if (query.Length > MaxLength)
                throw new GraphQlException($"The query is longer than {MaxLength / 1024} KiB: give long values and cursors as variables, which do not count.", code: "too-long");
            var document = Parser.Parse(query, Options);
            var operation = Chosen(document, asked.OperationName);
            var selection = new Selection(document, new Variables(operation, asked.Variables));
            Scope scope = request.Target.Type is { } type ? new Scope.Node(FhirSchema.Resource(type)!) : new Scope.Query();
            new QueryCheck(selection, mayIntrospect: !IsPatient(request.Caller)).Check(operation.SelectionSet, scope);

            var execution = new Execution(store, new Searches(store, parser, parameters, tokens), new Introspection(schema), selection, request);
            return Answer(await execution.RunAsync(operation, ct));
        }
        catch (GraphQlException e)
        {
            return Error(e.Message, e.Code, e.Status, e.Position is { } at ? Location.FromLinearPosition(query, at) : null, e.Path);
        }
        catch (GraphQLMaxDepthExceededException)
        {
            return Error("The query is nested more deeply than any that can be answered.", "too-costly", 400, null, null);
        }
        catch (GraphQLSyntaxErrorException e)
        {
            return Error($"The query cannot be read: {e.Description}", "structure", 400, e.Location, null);
        }
    }

    private static bool IsPatient(Caller caller) =>
        caller.Principal?.FhirUser is { } user && (user.StartsWith("Patient/", StringComparison.Ordinal) || user.StartsWith("RelatedPerson/", StringComparison.Ordinal));

    private static GraphQLOperationDefinition Chosen(GraphQLDocument document, string? name)
    {
        var operations = document.Definitions.OfType<GraphQLOperationDefinition>().ToArray();
        var chosen = string.IsNullOrEmpty(name)
            ? operations is [var only] ? only : throw new GraphQlException(operations.Length == 0 ? "The query has no operation." : "The query has several operations: say which with operationName.")
            : Array.Find(operations, o => o.Name?.StringValue == name)
                ?? throw new GraphQlException($"There is no operation '{name}'; there are {string.Join(", ", operations.Select(o => o.Name?.StringValue ?? "one without a name"))}.");
        return chosen.Operation == OperationType.Query
            ? chosen
            : throw new GraphQlException($"Only queries are answered, no {chosen.Operation.ToString().ToLowerInvariant()}: write through the REST interface.", chosen, "not-supported");
    }

    private static FhirReply Answer(OutValue.Object data)
    {
        var buffer = new ArrayBufferWriter<byte>(4096);
        using var json = new Utf8JsonWriter(buffer, new() { SkipValidation = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        json.WriteStartObject();
        json.WritePropertyName("data");
        OutputWriter.Write(json, data);
        json.WriteEndObject();
        json.Flush();
        return new FhirReply(200) { Json = buffer.WrittenMemory, ContentType = Json };
    }

    private static FhirReply Error(string message, string code, int status, Location? location, IReadOnlyList<object>? path)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using var json = new Utf8JsonWriter(buffer, new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        json.WriteStartObject();
        json.WriteNull("data");
        json.WriteStartArray("errors");
        json.WriteStartObject();
        json.WriteString("message", message);
        if (location is { } at)
        {
            json.WriteStartArray("locations");
            json.WriteStartObject();
            json.WriteNumber("line", at.Line);
            json.WriteNumber("column", at.Column);
            json.WriteEndObject();
            json.WriteEndArray();
        }

        if (path is not null)
        {
            json.WriteStartArray("path");
            foreach (var step in path)
                if (step is int index)
                    json.WriteNumberValue(index);
                else
                    json.WriteStringValue((string)step);
            json.WriteEndArray();
        }

        var fault = FhirFault.Of(FaultKind.Invalid, message, code: code);
        json.WriteStartObject("extensions");
        json.WritePropertyName("resource");
        json.WriteRawValue(FhirFormats.ToJson(fault.ToOutcome()));
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
        json.Flush();
        return new FhirReply(status) { Json = buffer.WrittenMemory, ContentType = Json, Fault = fault };
    }
}
