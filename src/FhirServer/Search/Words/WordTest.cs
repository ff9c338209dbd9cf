using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Parameters;
using FhirEmr.FhirServer.Search.Query;

namespace FhirEmr.FhirServer.Search.Words;

/// <summary>Looks for words in a body: in its narrative, or in all of it.</summary>
internal sealed class WordTest(SearchParam param, WordQuery query, bool narrativeOnly) : IBodyTest
{
    public IEnumerable<SearchParam> Parameters => [param];

    public bool Matches(FhirNode resource) =>
        query.Matches(narrativeOnly ? [ResourceWords.Narrative(resource)] : ResourceWords.All(resource));
}
