using FhirEmr.Terminology.ValueSets;

namespace FhirEmr.FhirServer.Search.Concepts;

/// <summary>Which codes a question about concepts comes to, or why it cannot be said.</summary>
internal abstract record ConceptAnswer
{
    private ConceptAnswer()
    {
    }

    public sealed record Found(IReadOnlyDictionary<string, SystemCodes> Systems) : ConceptAnswer
    {
        /// <summary>How many codes are listed, be it to be in or out.</summary>
        public int Count => Systems.Values.Sum(s => s.Codes.Count);
    }

    /// <param name="Code">FHIR <c>issue-type</c>: not-found, not-supported, too-costly.</param>
    public sealed record Unknown(string Code, string Text) : ConceptAnswer;
}
