using GraphQLParser.AST;

namespace FhirEmr.FhirServer.Operations.GraphQl;

/// <summary>The query cannot be answered: nothing of it is, and the answer carries one error with its place.</summary>
/// <param name="code">FHIR issue type: invalid, not-supported, not-found, too-costly, value.</param>
internal sealed class GraphQlException(string message, ASTNode? at = null, string code = "invalid", int status = 400, IReadOnlyList<object>? path = null) : Exception(message)
{
    public int Status => status;

    public string Code => code;

    /// <summary>Where in the query text; null when no single place is at fault.</summary>
    public int? Position { get; init; } = at?.Location.Start;

    /// <summary>Response keys and list positions from the root to the field at fault.</summary>
    public IReadOnlyList<object>? Path => path;
}
