using FhirEmr.FhirServer.Resources;

namespace FhirEmr.FhirServer.Validation.FhirPath;

/// <summary>What an expression may ask for beside the element it runs on.</summary>
internal sealed class PathContext
{
    /// <summary>Enough to look at every element of a large resource some times; a wilder expression is given up.</summary>
    private const int MaxSteps = 2_000_000;

    private int steps;

    /// <summary>The innermost resource.</summary>
    public required PathValue Resource { get; init; }

    /// <summary>The container of a contained resource, else the resource itself.</summary>
    public required PathValue Root { get; init; }

    /// <summary>The element an expression runs on.</summary>
    public PathValue Context { get; set; }

    /// <summary>What <c>resolve()</c> finds: contained, in the Bundle, or nothing.</summary>
    public required Func<string, FhirNode?> Resolve { get; init; }

    /// <summary>Whether a code, Coding, CodeableConcept or Quantity is in a value set; null when that cannot be decided.</summary>
    public required Func<FhirNode, string, bool?> MemberOf { get; init; }

    public required Func<FhirNode, string, bool?> ConformsTo { get; init; }

    public required DateTimeOffset Now { get; init; }

    public void Step()
    {
        if (++steps > MaxSteps)
            throw new PathException("it takes too many steps on this resource");
    }

    public void Restart() => steps = 0;
}

/// <summary>An expression that cannot be evaluated on what it is given.</summary>
internal sealed class PathException(string message) : Exception(message);
