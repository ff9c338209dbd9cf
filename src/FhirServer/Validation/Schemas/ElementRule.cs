using FhirEmr.FhirServer.Resources;

namespace FhirEmr.FhirServer.Validation.Schemas;

/// <summary>What a snapshot says of one element.</summary>
internal sealed class ElementRule
{
    private int[] childNames = [];

    public required Schema Schema { get; init; }

    /// <summary>Id in the snapshot, for messages and contentReference.</summary>
    public required string Id { get; init; }

    /// <summary>Element name without [x].</summary>
    public required string Name { get; init; }

    public required int NameId { get; init; }

    public string? SliceName { get; init; }

    public required bool IsChoice { get; init; }

    public required int Min { get; init; }

    public required int Max { get; init; }

    /// <summary>Whether the base type lets it repeat.</summary>
    public required bool IsList { get; init; }

    public required TypeRule[] Types { get; init; }

    public required Invariant[] Invariants { get; init; }

    public FhirNode Fixed { get; init; }

    public FhirNode Pattern { get; init; }

    public FhirNode MinValue { get; init; }

    public FhirNode MaxValue { get; init; }

    public int? MaxLength { get; init; }

    public BindingRule? Binding { get; init; }

    public bool IsModifier { get; init; }

    /// <summary><c>#Questionnaire.item</c>: the element whose children these are.</summary>
    public string? ContentReference { get; init; }

    public ElementRule? Content { get; set; }

    public SlicingRule? Slicing { get; set; }

    public ElementRule[] Children { get; private set; } = [];

    /// <summary>Children that must be there.</summary>
    public ElementRule[] Required { get; private set; } = [];

    /// <summary>Whether something here, or below, tells a value apart from others: what slices are known by.</summary>
    public bool IsTelling => Fixed.Exists || Pattern.Exists || Binding is { Strength: BindingStrength.Required };

    public ElementRule? Child(int nameId)
    {
        var at = Array.IndexOf(childNames, nameId);
        return at < 0 ? null : Children[at];
    }

    public void SetChildren(List<ElementRule> children)
    {
        Children = [.. children];
        childNames = [.. children.Select(c => c.NameId)];
        Required = [.. children.Where(c => c.Min > 0)];
    }

    public override string ToString() => Id;
}

/// <summary>A type an element may have.</summary>
/// <param name="Code">Type name; <c>System.String</c> and its like for what has no FHIR type.</param>
internal sealed record TypeRule(string Code, string[] Profiles, string[] TargetProfiles, string[] Aggregation, string? Versioning)
{
    public bool IsSystem => Code.StartsWith("http://hl7.org/fhirpath/", StringComparison.Ordinal);
}

internal enum BindingStrength
{
    Example,
    Preferred,
    Extensible,
    Required,
}

/// <param name="MaxValueSet">What even an extensible binding must not leave (elementdefinition-maxValueSet).</param>
internal sealed record BindingRule(BindingStrength Strength, string ValueSet, string? MaxValueSet);

internal enum SlicingRules
{
    Closed,
    Open,
    OpenAtEnd,
}

/// <summary>How the occurrences of an element are told apart.</summary>
internal sealed class SlicingRule(Discriminator[] discriminators, bool isOrdered, SlicingRules rules)
{
    public Discriminator[] Discriminators { get; } = discriminators;

    public bool IsOrdered { get; } = isOrdered;

    public SlicingRules Rules { get; } = rules;

    public List<ElementRule> Slices { get; } = [];

    /// <summary>Slices by the URL that tells them apart, when every one has just that: extensions.</summary>
    public Dictionary<string, ElementRule>? ByUrl { get; set; }
}

internal sealed record Discriminator(string Kind, DiscriminatorStep[] Path);

/// <summary>A step of a discriminator's path.</summary>
/// <param name="Kind">child, extension, resolve, ofType.</param>
internal sealed record DiscriminatorStep(string Kind, string Name, int NameId)
{
    /// <exception cref="FormatException">The path uses what profiling.html#discriminator does not allow.</exception>
    public static DiscriminatorStep[] Parse(string path)
    {
        var steps = new List<DiscriminatorStep>();
        for (var rest = path.Trim(); rest.Length > 0;)
        {
            var open = rest.IndexOf('(', StringComparison.Ordinal);
            var dot = rest.IndexOf('.', StringComparison.Ordinal);
            if (open >= 0 && (dot < 0 || open < dot))
            {
                var close = rest.IndexOf(')', StringComparison.Ordinal);
                var (name, argument) = (rest[..open], close < 0 ? throw new FormatException($"{path} is no discriminator.") : rest[(open + 1)..close].Trim('\'', '"', ' '));
                steps.Add(name is "extension" or "resolve" or "ofType" ? new(name, argument, FhirNames.Id("extension")) : throw new FormatException($"{name}() has no place in a discriminator."));
                rest = rest[(close + 1)..].TrimStart('.');
                continue;
            }

            var child = dot < 0 ? rest : rest[..dot];
            if (child != "$this")
                steps.Add(new("child", child.Replace("[x]", "", StringComparison.Ordinal), FhirNames.Id(child.Replace("[x]", "", StringComparison.Ordinal))));
            rest = dot < 0 ? "" : rest[(dot + 1)..];
        }

        return [.. steps];
    }
}
