using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Indexing;
using FhirEmr.FhirServer.Search.Indexing.Extraction;

namespace FhirEmr.FhirServer.Search.Query.Unindexed;

/// <summary>Extracts one parameter's rows from a body and compares the criterion with them: the answer the index will give.</summary>
internal sealed class RowTest(SearchExpression criterion, ResourceIndexer indexer, ExtractionPlan plan, PrivateIndex numbers) : IBodyTest
{
    public bool Matches(FhirNode resource) => RowMatcher.Matches(criterion, indexer.Index(resource, plan, numbers), resource.TextOf("id") ?? "");
}
