using System.Text.RegularExpressions;

namespace FhirEmr.FhirServer.Search.Concepts;

/// <summary>One <c>ValueSet.compose.include.filter</c> (valueset-filter-operator).</summary>
internal sealed class ConceptFilter(Hierarchies hierarchies, string system)
{
    private static readonly TimeSpan RegexTimeout = TimeSpan.FromMilliseconds(200);

    public async ValueTask<(SystemCodes? Codes, ConceptAnswer? Fault)> ApplyAsync(string property, string op, string value, CancellationToken ct)
    {
        switch (op)
        {
            case "is-a" or "descendent-of" or "is-not-a" or "generalizes":
                var answer = await hierarchies.AroundAsync(system, value, above: op == "generalizes", withSelf: op != "descendent-of", ct);
                if (answer is not ConceptAnswer.Found found)
                    return (null, answer);
                var codes = found.Set.Systems[system];
                return (op == "is-not-a" ? codes.Not() : codes, null);
            case "in" or "not-in" when property is "code" or "concept":
                var listed = SystemCodes.Of(value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
                return (op == "in" ? listed : listed.Not(), null);
            case "=" when property is "code" or "concept":
                return (SystemCodes.Of([value]), null);
        }

        if (await hierarchies.TreeAsync(system, ct) is not { } tree)
            return (null, new ConceptAnswer.Unknown("not-supported", $"The filter '{property} {op} {value}' needs the concepts of {system}, and no CodeSystem with them is stored here."));

        var values = value.Split(',', StringSplitOptions.TrimEntries);
        Func<string, bool>? test = op switch
        {
            "=" => code => tree.Property(code, property).Contains(value),
            "in" => code => tree.Property(code, property).Any(values.Contains),
            "not-in" => code => !tree.Property(code, property).Any(values.Contains),
            "exists" => code => tree.Property(code, property).Any() == (value == "true"),
            "regex" => Pattern(value) is { } pattern ? code => tree.Property(code, property).Any(pattern.IsMatch) : null,
            _ => null,
        };
        if (test is null)
            return (null, new ConceptAnswer.Unknown("not-supported", $"The filter '{property} {op} {value}' on {system} cannot be evaluated."));
        try
        {
            return (SystemCodes.Of(tree.Codes.Where(test)), null);
        }
        catch (RegexMatchTimeoutException)
        {
            return (null, new ConceptAnswer.Unknown("too-costly", $"The pattern '{value}' takes too long on the codes of {system}."));
        }
    }

    /// <summary>A pattern matches the whole value (valueset.html#regex); null when it is none.</summary>
    private static Regex? Pattern(string value)
    {
        try
        {
            return new Regex($"^(?:{value})\\z", RegexOptions.CultureInvariant, RegexTimeout);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }
}
