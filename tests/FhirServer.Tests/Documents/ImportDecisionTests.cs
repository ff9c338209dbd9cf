using FhirEmr.FhirServer.Operations.Documents;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Storage;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Tests.Documents;

/// <summary>What an import does with a resource that it has met before.</summary>
public sealed class ImportDecisionTests
{
    private const string Confidentiality = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality";

    [Theory]
    [InlineData(null, null, "Unchanged", null)]
    [InlineData(null, "R", "Updated", "R")]
    [InlineData("R", "V", "Updated", "V")]
    [InlineData("R", null, "Unchanged", null)]
    [InlineData("V", "R", "Unchanged", null)]
    [InlineData("R", "R", "Unchanged", null)]
    [InlineData("U", "R", "Updated", "R")]
    [InlineData("N", "V", "Updated", "V")]
    public void What_is_said_again_more_confidentially_is_labelled(string? here, string? told, string taken, string? written)
    {
        foreach (var make in (Func<string?, Resource>[])[Fact, Paper])
        {
            var decision = ImportDecision.One(make(told), Stored(make(here)), "2025-03-01T10:00:00Z", isPaper: false);

            Assert.Equal(taken, decision.Taken.ToString());
            if (written is not null)
                Assert.Equal(written, Assert.Single(decision.Written.Meta!.Security).Code);
        }
    }

    [Fact]
    public void Other_labels_and_the_mark_stay_beside_one_that_rises()
    {
        var here = Fact("N");
        here.Meta!.Security.Add(new("http://terminology.hl7.org/CodeSystem/v3-ActCode", "PSY"));
        var (taken, _, written) = ImportDecision.One(Fact("R"), Stored(here), "2025-02-01T10:00:00Z", isPaper: false); // an older document that says the same

        Assert.Equal(Taken.Updated, taken);
        Assert.Equal(["PSY", "R"], written.Meta!.Security.Select(s => s.Code));
        Assert.Equal("2025-03-01T10:00:00Z", ImportPrint.On(written)!.At);
    }

    private static Observation Fact(string? label) => new() { Id = "o1", Status = ObservationStatus.Final, Code = new() { Text = "Glucose" }, Meta = Label(label) };

    private static Binary Paper(string? label) => new() { Id = "b1", ContentType = "text/plain", Data = [1, 2], Meta = Label(label) };

    private static Meta Label(string? code) => new() { Security = code is null ? [] : [new(Confidentiality, code)] };

    private static CurrentState Stored(Resource resource)
    {
        if (resource is not Binary)
            new ImportPrint(ImportPrint.Of(resource), "2025-03-01T10:00:00Z").Put(resource);
        return new(1, 1, false, 0, 0, FhirFormats.ToJson(resource));
    }
}
