namespace FhirEmr.Terminology.Index;

/// <summary>One code as a loader read it, before it is packed into a <see cref="ConceptTable"/>.</summary>
/// <param name="Code">Matching form: upper case, no dot, no blanks.</param>
/// <param name="Display">Long title; empty when the release has none.</param>
/// <param name="ShortTitle">Empty when the release has none or it equals the long one.</param>
/// <param name="Properties">Release columns worth keeping; keys and values hold no line breaks.</param>
internal sealed record ConceptRow(
    string Code, string Display, string ShortTitle, bool IsBillable, DateOnly? ValidFrom = null, DateOnly? ValidTo = null,
    IReadOnlyDictionary<string, string>? Properties = null)
{
    /// <summary>Codes it stands below, where the release lists them.</summary>
    public IReadOnlyList<string> Parents { get; init; } = [];

    /// <summary>Its other names, found by searches as the title is.</summary>
    public IReadOnlyList<string> Synonyms { get; init; } = [];

    /// <summary>It is still a code, but not to be used any more.</summary>
    public bool IsInactive { get; init; }
}
