using FhirEmr.FhirServer.Resources;
using Hl7.FhirPath.Expressions;

namespace FhirEmr.FhirServer.Interactions.Patching;

/// <summary>Which FHIRPath functions the path of a patch may use: those that choose among elements, each at a cost its input bounds.</summary>
/// <remarks>fhirpatch.html: the path stays inside the resource, so no resolve(); nothing that walks everything or runs regular expressions.</remarks>
internal static class PathFunctions
{
    private static readonly HashSet<string> Allowed = new(StringComparer.Ordinal)
    {
        "where", "first", "last", "single", "tail", "skip", "take", "extension", "ofType", "as", "is", "exists", "empty", "not", "hasValue", "count",
        "startsWith", "endsWith", "contains", "lower", "upper", "length", "toString", "toInteger", "today", "now", "getValue",
    };

    /// <summary>Null when the expression may run.</summary>
    public static string? Refuse(Expression expression, int mostCalls)
    {
        var calls = 0;
        return Walk(expression, 0);

        string? Walk(Expression? part, int depth)
        {
            if (part is BracketExpression brackets)
                return Walk(brackets.Operand, depth);
            if (part is not FunctionCallExpression call)
                return null; // a constant, $this, or nothing in front

            var isOperator = call is ChildExpression or IndexerExpression or BinaryExpression or UnaryExpression;
            if (!isOperator && !Allowed.Contains(call.FunctionName))
                return $"its path uses {call.FunctionName}(){(NearestName.Of(call.FunctionName, Allowed) is { } near ? $"; did you mean {near}()?" : $"; a patch may use {string.Join("(), ", Allowed.Order())}().")}";
            if (!isOperator && ++calls > mostCalls)
                return $"its path calls more than {mostCalls} functions.";
            var inside = depth + (call.FunctionName is "where" or "exists" ? 1 : 0);
            if (inside > 2)
                return "its path nests where() more than two deep.";
            if (Walk(call.Focus, depth) is { } why)
                return why;
            foreach (var argument in call.Arguments)
                if (Walk(argument, inside) is { } wrong)
                    return wrong;
            return null;
        }
    }
}
