using FhirEmr.FhirServer.Search.Indexing;
using FhirEmr.FhirServer.Search.Parameters;

namespace FhirEmr.FhirServer.Search.Query.Unindexed;

/// <summary>Searches by a custom parameter while its rows are still being written.</summary>
internal static class UnindexedParameter
{
    /// <summary>The criterion as a test of bodies, with a warning that says how long it will be one; null and a fault when rows alone cannot tell.</summary>
    public static SearchExpression.Body? Test(
        SearchParam param, SearchExpression criterion, ResourceIndexer indexer, PrivateIndex numbers, string given, SearchFaults faults)
    {
        if (!RowMatcher.Understands(criterion))
        {
            faults.Refuse("too-costly", given, CannotYet(param, "be searched with this modifier"));
            return null;
        }

        faults.Warn(given, $"'{param.Code}' is being indexed ({param.Custom!.State.Percent} %): until that is done each {param.Type} that the other criteria leave is read. The answer is complete.");
        return new(new RowTest(criterion, indexer, indexer.PlanFor(param), numbers)) { Parameter = given };
    }

    /// <summary>The sentence for what needs all rows.</summary>
    public static string CannotYet(SearchParam param, string what) =>
        $"'{param.Code}' of {param.Type} is still being indexed ({param.Custom?.State.Percent} %): it cannot {what} until that is done. GET [base]/SearchParameter/{param.Custom?.Id}/$reindex tells how far it is.";
}
