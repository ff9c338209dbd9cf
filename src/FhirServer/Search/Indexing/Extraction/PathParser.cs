using System.Text.RegularExpressions;

namespace FhirEmr.FhirServer.Search.Indexing.Extraction;

/// <summary>Reads the part of FHIRPath that search parameters are written in: paths, unions, type tests and a few filters.</summary>
/// <remarks>Everything else is not an error: the caller then asks the SDK's FHIRPath (<see cref="FhirPathFallback"/>).</remarks>
internal sealed partial class PathParser
{
    private readonly List<string> tokens;
    private int at;

    private PathParser(string expression) => tokens = [.. Token().Matches(expression).Select(m => m.Value)];

    private string? Peek => at < tokens.Count ? tokens[at] : null;

    /// <summary>The branches of the union; null when the expression is outside the subset.</summary>
    public static IReadOnlyList<PathBranch>? Parse(string expression)
    {
        if (PresenceFlag().Match(expression) is { Success: true } flag)
        {
            var names = flag.Groups[1].Value.Split('.');
            return [new(names[0], [.. names[1..].Select(n => new PathStep.Child(n))], IsPresenceFlag: true)];
        }

        var parser = new PathParser(expression);
        var branches = parser.Union();
        return parser.Peek is null ? branches : null;
    }

    private List<PathBranch>? Union()
    {
        var all = new List<PathBranch>();
        do
        {
            if (Term() is not { } branches)
                return null;
            all.AddRange(branches);
        }
        while (Take("|"));

        return all;
    }

    private List<PathBranch>? Term()
    {
        if (Primary() is not { } branches)
            return null;

        while (true)
        {
            if (Take("as"))
            {
                if (Name() is not { } type)
                    return null;
                branches = Append(branches, new PathStep.OfType(type));
            }
            else if (Take("["))
            {
                if (!Take("0") || !Take("]"))
                    return null;
                branches = Append(branches, new PathStep.First());
            }
            else if (Take("."))
            {
                if (Member() is not { } step)
                    return null;
                branches = step.Aggregate(branches, Append);
            }
            else
            {
                return branches;
            }
        }
    }

    private List<PathBranch>? Primary()
    {
        if (Take("("))
            return Union() is { } inner && Take(")") ? inner : null;
        if (Name() is not { } name)
            return null;
        return char.IsAsciiLetterUpper(name[0]) ? [new(name, [])] : Peek == "(" ? null : [new(null, [new PathStep.Child(name)])];
    }

    private PathStep[]? Member()
    {
        if (Name() is not { } name)
            return null;
        if (!Take("("))
            return [new PathStep.Child(name)];

        PathStep[]? steps = name switch
        {
            "as" or "ofType" => Name() is { } type ? [new PathStep.OfType(type)] : null,
            "first" => [new PathStep.First()],
            "extension" => Text() is { } url ? [new PathStep.Child("extension"), new PathStep.Where("url", url)] : null,
            "where" => Criterion() is { } where ? [where] : null,
            _ => null,
        };
        return Take(")") ? steps : null;
    }

    private PathStep? Criterion()
    {
        if (Name() is not { } name)
            return null;
        if (name == "resolve")
            return Take("(") && Take(")") && Take("is") && Name() is { } type ? new PathStep.WhereResolves(type) : null;
        return Take("=") && Text() is { } text ? new PathStep.Where(name, text) : null;
    }

    private string? Name() => Peek is { } token && char.IsAsciiLetter(token[0]) ? tokens[at++] : null;

    private string? Text() => Peek is ['\'', .., '\''] token && !token.Contains('\\') ? tokens[at++][1..^1] : null;

    private bool Take(string token)
    {
        if (Peek != token)
            return false;
        at++;
        return true;
    }

    private static List<PathBranch> Append(List<PathBranch> branches, PathStep step) =>
        branches.ConvertAll(b => b with { Steps = [.. b.Steps, step] });

    [GeneratedRegex(@"[A-Za-z_]\w*|'(?:[^'\\]|\\.)*'|\d+|!=|\S")]
    private static partial Regex Token();

    [GeneratedRegex(@"^\s*([A-Z]\w*(?:\.\w+)+)\.exists\(\)\s+and\s+\1\s*!=\s*false\s*$")]
    private static partial Regex PresenceFlag();
}
