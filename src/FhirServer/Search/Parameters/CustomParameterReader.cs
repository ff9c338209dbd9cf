using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Indexing.Extraction;
using Hl7.Fhir.Model;
using Hl7.Fhir.Utility;

namespace FhirEmr.FhirServer.Search.Parameters;

/// <summary>Reads a SearchParameter resource (searchparameter.html) and says what keeps it from working here.</summary>
internal sealed class CustomParameterReader(SearchParameters parameters)
{
    private const int MaxCode = 60, MaxExpression = 4000;

    /// <summary>Functions whose work no count of steps bounds, or that need more than the resource itself.</summary>
    private static readonly string[] Unbounded = ["matches", "matchesFull", "replaceMatches", "repeatAll", "memberOf", "conformsTo", "htmlChecks", "trace"];

    /// <summary>What it defines, on each of its base types; null and a fault when it cannot be used, null without one when it defines nothing here.</summary>
    public CustomDefinition? Read(FhirNode resource, out (string Text, string Expression)? fault)
    {
        fault = null;
        if (resource.TextOf("status") != "active")
            return null; // drafts and retired ones are kept, and mean nothing to a search

        var code = resource.TextOf("code") ?? "";
        if (!IsCode(code))
            return Fail(out fault, "code", $"'{code}' cannot be a parameter of a URL: a code is 1 to {MaxCode} letters, digits and '-', beginning with a letter.");
        var kind = EnumUtility.ParseLiteral<SearchParamType>(resource.TextOf("type") ?? "");
        if (kind is null || !ParameterFit.Kinds.Contains(kind.Value))
            return Fail(out fault, "type", $"A custom parameter cannot be of type '{resource.TextOf("type")}' here; it may be {string.Join(", ", ParameterFit.Kinds.Select(k => k.ToString().ToLowerInvariant()))}.");

        var expression = resource.TextOf("expression") ?? "";
        if (expression.Length is 0 or > MaxExpression)
            return Fail(out fault, "expression", $"An active search parameter needs a FHIRPath expression of at most {MaxExpression} characters to index by; an xpath is not looked at.");
        if (SyntaxFault(expression) is { } syntax)
            return Fail(out fault, "expression", syntax);

        var url = resource.TextOf("url") ?? "";
        var bases = Bases(resource);
        if (bases.Count == 0)
            return Fail(out fault, "base", "None of its base types is a resource type.");
        foreach (var type in bases)
        {
            if (parameters.FindOwn(type, code) is { } own)
            {
                if (own.Url.Length > 0 && own.Url == url)
                    return null; // the specification's own definition: it is in force already
                return Fail(out fault, "code", $"{type} has a search parameter '{code}' already ({own.Url}): choose another code.");
            }

            if (TypeFault(type, code, kind.Value, expression) is { } misfit)
                return Fail(out fault, "expression", misfit);
        }

        var targets = new List<string>();
        foreach (var child in resource.Children)
            if (child.NameId == FhirNames.Id("target") && child.Text is var target && ResourceTypes.Exists(target))
                targets.Add(target);
        return new(code, kind.Value, expression, bases, targets, url);
    }

    private static List<string> Bases(FhirNode resource)
    {
        var bases = new List<string>();
        foreach (var child in resource.Children)
            if (child.NameId == FhirNames.Id("base"))
                bases.AddRange(child.Text is "Resource" or "DomainResource" ? ResourceTypes.All : ResourceTypes.Exists(child.Text) ? [child.Text] : []);
        return [.. bases.Distinct()];
    }

    private static bool IsCode(string code) =>
        code.Length is > 0 and <= MaxCode && char.IsAsciiLetter(code[0]) && code.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');

    private static string? SyntaxFault(string expression)
    {
        try
        {
            _ = FhirPathFallback.Compile(expression);
        }
        catch (Exception e) when (e is FormatException or InvalidOperationException or ArgumentException)
        {
            return $"The expression is no FHIRPath: {e.Message}";
        }

        if (Unbounded.FirstOrDefault(f => expression.Contains(f + "(", StringComparison.Ordinal)) is { } function)
            return $"The function {function}() cannot be used in a search parameter here: its work cannot be bounded, or it looks beyond the resource.";
        return null;
    }

    /// <summary>What the model tells about where the expression leads; an expression beyond plain paths shows on the resources only.</summary>
    private static string? TypeFault(string type, string code, SearchParamType kind, string expression)
    {
        var probe = new SearchParam(1, type, code, kind, expression, [], "");
        if (PathParser.Parse(expression) is not { } branches)
            return null;
        if (!branches.Any(b => b.Root is null or "Resource" or "DomainResource" || b.Root == type))
            return $"No part of the expression begins with {type}, which is one of the base types.";
        if (!new ExtractionCompiler(type, new()).TryAdd(probe, 0, branches, [], out var datatypes))
            return null;
        if (datatypes.Count == 0)
            return $"The expression leads to no element of {type}: {Wrong(type, branches)}";
        if (datatypes.Any(t => ParameterFit.Fits(kind, t)))
            return null;
        var found = datatypes.First();
        return $"The expression finds {found} in {type}, which a {kind.ToString().ToLowerInvariant()} parameter cannot be indexed by. "
            + (ParameterFit.KindsFor(found).ToArray() is { Length: > 0 } fitting ? $"For {found} the type is {string.Join(" or ", fitting)}." : "Go on to an element inside it.");
    }

    private static string Wrong(string type, IReadOnlyList<PathBranch> branches)
    {
        var elements = FhirSchema.Resource(type)!.Elements;
        var first = branches.SelectMany(b => b.Steps.Take(1)).OfType<PathStep.Child>().FirstOrDefault(c => !elements.Contains(c.Name));
        if (first is null)
            return "look at its path.";
        var near = NearestName.Of(first.Name, elements);
        return $"{type} has no '{first.Name}'." + (near is null ? "" : $" Did you mean '{near}'?");
    }

    private static CustomDefinition? Fail(out (string, string)? fault, string element, string text)
    {
        fault = (text, "SearchParameter." + element);
        return null;
    }
}

/// <summary>What an active SearchParameter defines; equal ones have the same <see cref="Fingerprint"/>.</summary>
internal sealed record CustomDefinition(
    string Code, SearchParamType Kind, string Expression, IReadOnlyList<string> Bases, IReadOnlyList<string> Targets, string Url)
{
    /// <summary>Changes with everything that rows depend on.</summary>
    public string Fingerprint => Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(
        string.Join('\n', [Code, Kind.ToString(), Expression, string.Join(',', Bases), string.Join(',', Targets)]))).AsSpan(0, 12));
}
