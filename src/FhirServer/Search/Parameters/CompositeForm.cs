namespace FhirEmr.FhirServer.Search.Parameters;

/// <summary>How one composite parameter of one resource type is answered (search.html#composite).</summary>
/// <remarks>
/// A composite says that its parts belong together. Where the element around them stands once in a resource, that is nothing but all of its
/// parts' own parameters; where it repeats (<c>Observation.component</c>, <c>useContext</c>) each repetition gets rows of its own.
/// </remarks>
/// <param name="Components">Parameters that read the parts of a value, in order.</param>
/// <param name="Whole">The parameters that must all match, each for its part; null when the parts repeat.</param>
/// <param name="Rows">The parameter under whose number the repetitions are kept; null when there are none.</param>
/// <param name="Layout">What such a row holds.</param>
/// <param name="Expressions">FHIRPath of each part, from the repeating element; empty when there are no rows of its own.</param>
internal sealed record CompositeForm(
    IReadOnlyList<SearchParam> Components, IReadOnlyList<SearchParam>? Whole, SearchParam? Rows, CompositeLayout Layout, IReadOnlyList<string> Expressions);

/// <summary>Which parts of a repetition its row holds.</summary>
internal enum CompositeLayout
{
    None,

    /// <summary>A token and a second token, quantity or reference.</summary>
    TokenAndValue,

    /// <summary>Two whole numbers, as the last parts; a part before them stands once in the resource and is asked by itself.</summary>
    TwoIntegers,
}
