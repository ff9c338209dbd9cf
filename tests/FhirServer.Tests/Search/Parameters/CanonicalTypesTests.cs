using FhirEmr.FhirServer.Search.Parameters;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Tests.Search.Parameters;

public sealed class CanonicalTypesTests
{
    [Fact]
    public void They_are_those_that_R4_lets_one_find_by_a_URL_of_their_own()
    {
        // What a device or a subscription calls its url is where it can be reached.
        var found = ModelInfo.SearchParameters.Where(p => p is { Code: "url", Type: SearchParamType.Uri }).Select(p => p.Resource!).Except(["Device", "Subscription"]);

        Assert.Equal(found.Distinct().Order(StringComparer.Ordinal), CanonicalTypes.All.Order(StringComparer.Ordinal));
    }
}
