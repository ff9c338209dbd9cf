using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Query;

namespace FhirEmr.FhirServer.Search.Words;

/// <summary>Looks for words in a body: in its narrative, or in all of it.</summary>
internal sealed class WordTest(WordQuery query, bool narrativeOnly) : IBodyTest
{
    public bool Matches(FhirNode resource) =>
        query.Matches(narrativeOnly ? [ResourceWords.Narrative(resource)] : ResourceWords.All(resource));
}
