using FhirEmr.FhirServer.CdsHooks;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Tests.CdsHooks;

public sealed class OrderSignTests
{
    [Fact]
    public void An_answer_about_several_coverages_speaks_for_each_alone()
    {
        var code = new Coding("http://www.ama-assn.org/go/cpt", "70551");
        var answer = new CoverageEligibilityResponse { Insurance = [Said("first", code, excluded: true), Said("second", code, excluded: false)] };

        Assert.True(OrderSign.Items(answer, new Coverage { Id = "first" }, code).Single().Excluded);
        Assert.False(OrderSign.Items(answer, new Coverage { Id = "second" }, code).Single().Excluded);
        Assert.Empty(OrderSign.Items(answer, new Coverage { Id = "third" }, code));
        Assert.Empty(OrderSign.Items(null, new Coverage { Id = "first" }, code));
    }

    private static CoverageEligibilityResponse.InsuranceComponent Said(string coverage, Coding code, bool excluded) =>
        new() { Coverage = new ResourceReference($"Coverage/{coverage}"), Item = [new() { ProductOrService = new CodeableConcept { Coding = [code] }, Excluded = excluded }] };
}
