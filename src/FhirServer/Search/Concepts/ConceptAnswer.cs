namespace FhirEmr.FhirServer.Search.Concepts;

/// <summary>Which codes a question about concepts comes to, or why it cannot be said.</summary>
internal abstract record ConceptAnswer
{
    private ConceptAnswer()
    {
    }

    public sealed record Found(ConceptSet Set) : ConceptAnswer;

    /// <param name="Code">FHIR <c>issue-type</c>: not-found, not-supported, too-costly.</param>
    public sealed record Unknown(string Code, string Text) : ConceptAnswer;
}
