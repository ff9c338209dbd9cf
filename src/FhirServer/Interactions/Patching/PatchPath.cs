using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using Hl7.Fhir.FhirPath;
using Hl7.Fhir.Model;
using Hl7.FhirPath;
using Hl7.FhirPath.Expressions;

namespace FhirEmr.FhirServer.Interactions.Patching;

/// <summary>The path of an operation: FHIRPath that selects elements, nothing that computes, follows references or could run away.</summary>
internal sealed class PatchPath
{
    private const int MostCharacters = 500;
    private const int MostBrackets = 8;
    private const int MostCalls = 24;

    private static readonly FhirPathCompiler Compiler = new(new SymbolTable().AddStandardFP().AddFhirExtensions());

    private readonly string text;
    private readonly CompiledExpression compiled;

    private PatchPath(string text, CompiledExpression compiled) => (this.text, this.compiled) = (text, compiled);

    public static (PatchPath? Path, string? Why) Parse(string text)
    {
        if (text.Length > MostCharacters || Nesting(text) > MostBrackets)
            return (null, $"its path is too long or nested too deep: {MostCharacters} characters and {MostBrackets} brackets at most.");
        try
        {
            var expression = Compiler.Parse(text);
            return PathFunctions.Refuse(expression, MostCalls) is { } why ? (null, why) : (new(text, Compiler.Compile(expression)), null);
        }
        catch (Exception e) when (e is FormatException or ArgumentException or InvalidOperationException or OverflowException)
        {
            return (null, $"'{text}' is no FHIRPath: {e.Message}");
        }
    }

    /// <summary>The elements found, as places in the JSON; null with the reason when the path finds something else.</summary>
    public (IReadOnlyList<ElementPlace>? Places, string? Why) Find(JsonMembers resource, byte[] bytes)
    {
        PocoNode root;
        List<PocoNode> found;
        try
        {
            root = FhirFormats.Parse(bytes).ToPocoNode();
            found = [.. compiled([root], new FhirEvaluationContext())];
        }
        catch (Exception e) when (e is FormatException or InvalidOperationException or ArgumentException or NotSupportedException or Hl7.Fhir.Serialization.DeserializationFailedException)
        {
            return (null, $"the path cannot be followed in this resource: {e.Message}");
        }

        var places = new List<ElementPlace>(found.Count);
        foreach (var node in found)
        {
            if (Locate(resource, root, node) is not { } place)
                return (null, "the path gives a computed value; it must select elements of the resource.");
            places.Add(place);
        }

        return (places, null);
    }

    public override string ToString() => text;

    private static ElementPlace? Locate(JsonMembers resource, PocoNode root, PocoNode node)
    {
        var steps = new Stack<PocoNode>();
        var at = node;
        for (; at.Parent is not null; at = at.Parent)
            steps.Push(at);
        if (!ReferenceEquals(at.Poco, root.Poco))
            return null;

        var place = new ElementPlace(resource);
        while (steps.TryPop(out var step))
        {
            if (place.Content() is not var (members, type) || ElementPlace.Child(members, type, step.Name, step.Index) is not { } child)
                return null;
            place = child;
        }

        return place;
    }

    private static int Nesting(string text)
    {
        var (depth, most) = (0, 0);
        foreach (var c in text)
            if (c is '(' or '[' or '{')
                most = Math.Max(most, ++depth);
            else if (c is ')' or ']' or '}')
                depth--;
        return most;
    }
}
