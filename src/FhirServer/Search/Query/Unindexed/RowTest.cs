using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Indexing;
using FhirEmr.FhirServer.Search.Indexing.Extraction;

namespace FhirEmr.FhirServer.Search.Query.Unindexed;

/// <summary>Extracts one parameter's rows from a body and compares the criterion with them: the answer the index will give.</summary>
internal sealed class RowTest(SearchExpression criterion, ResourceIndexer indexer, ExtractionPlan plan, PrivateIndex numbers) : IBodyTest
{
    public IEnumerable<Parameters.SearchParam> Parameters => ExpressionParameters.Of(criterion);

    public bool Matches(FhirNode resource)
    {
        var rows = indexer.Index(resource, plan, numbers);
        if (plan.HasFailed)
            throw new BodyTestFailedException($"{plan.Params[0]} cannot be answered: its expression fails on some resource. GET [base]/SearchParameter/{plan.Params[0].Custom?.Id}/$reindex says more.");
        return RowMatcher.Matches(criterion, rows, resource.TextOf("id") ?? "");
    }
}

/// <summary>A body could not be tested, so an answer would be incomplete (422, processing).</summary>
internal sealed class BodyTestFailedException(string message) : Exception(message);
