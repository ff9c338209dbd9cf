using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using GraphQLParser.AST;
using Hl7.Fhir.FhirPath;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Operations.GraphQl;

/// <summary>FHIRPath on elements, by the SDK and so on its model: the slow road, for the queries that ask for it.</summary>
internal sealed class ElementPaths
{
    private const int MaxLength = 500;

    private readonly Dictionary<ResourceTree, Resource> models = [];

    /// <summary>Whether the expression, with the element as its context, is true.</summary>
    public bool Holds(FhirNode element, string expression, ASTNode at) => Evaluate(expression, at, () => Model(element)?.IsTrue(expression) == true);

    /// <summary>Result of the expression as a text; empty for none.</summary>
    public string Text(FhirNode element, string expression, ASTNode at)
    {
        if (element.Type.Properties.Find(System.Text.Encoding.UTF8.GetBytes(expression)) is { Type.IsPrimitive: true })
            return element.TextOf(expression) ?? "";
        return Evaluate(expression, at, () => Model(element)?.Scalar(expression)?.ToString() ?? "");
    }

    private Base? Model(FhirNode element)
    {
        if (!models.TryGetValue(element.Tree, out var resource))
            models[element.Tree] = resource = FhirFormats.Parse(element.Tree.Source.Span);
        return element.Index == 0 ? resource : resource.Select(NodePath.Of(element.Tree.Root, element.Index)).FirstOrDefault();
    }

    private static T Evaluate<T>(string expression, ASTNode at, Func<T> evaluate)
    {
        if (expression.Length > MaxLength)
            throw new GraphQlException($"A FHIRPath expression here is at most {MaxLength} characters long.", at, "too-costly");
        try
        {
            return evaluate();
        }
        catch (Exception e) when (e is FormatException or InvalidOperationException or ArgumentException or NotSupportedException or InvalidCastException)
        {
            throw new GraphQlException($"The FHIRPath expression '{expression}' cannot be evaluated: {e.Message}", at, "value");
        }
    }
}
