using System.Reflection;
using System.Text;
using FhirEmr.FhirServer.Operations.Matching;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Storage;

namespace FhirEmr.FhirServer.Tests.Operations.Matching;

/// <summary>When a number is somebody else's, whatever it leads to.</summary>
public sealed class PatientCandidatesTests
{
    private const string Ann = """ "name":[{"family":"Kowalski","given":["Ann"]}],"birthDate":"1984-03-12" """;

    [Fact]
    public async Task Of_a_record_whose_survivor_cannot_be_read_nobody_survives()
    {
        var merged = Stored("old", """ "link":[{"type":"replaced-by","other":{"reference":"Patient/new"}}] """);
        var store = DispatchProxy.Create<IResourceStore, OneSurvivor>();
        Assert.Null(await PatientCandidates.SurvivorAsync(store, merged, null!, CancellationToken.None));

        ((OneSurvivor)(object)store).Survivor = Stored("new", Ann);
        Assert.Equal("new", (await PatientCandidates.SurvivorAsync(store, merged, null!, CancellationToken.None))?.Key.Id);
        ((OneSurvivor)(object)store).Survivor = Stored("new", Ann) with { IsDeleted = true };
        Assert.Null(await PatientCandidates.SurvivorAsync(store, merged, null!, CancellationToken.None));
    }

    private static StoredResource Stored(string id, string elements) => new(1, new("Patient", id), 1, DateTimeOffset.UnixEpoch, false, "PUT", Encoding.UTF8.GetBytes($$"""{"resourceType":"Patient",{{elements}}}"""));

    /// <summary>A store in which a caller sees one record or none.</summary>
    public class OneSurvivor : DispatchProxy
    {
        internal StoredResource? Survivor { get; set; }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => new ValueTask<StoredResource?>(Survivor);
    }

    [Theory]
    [InlineData(Ann, null)]
    [InlineData(""" "identifier":[{"system":"urn:clinic","value":"M-100"}] """, null)]
    [InlineData(""" "birthDate":"1984-03" """, null)]
    [InlineData(""" "birthDate":"1984-03-13" """, "birth date")]
    [InlineData(""" "name":[{"family":"Kowalski","given":["Robert"]}] """, "given name")]
    [InlineData(""" "name":[{"family":"Kowalski","given":["Robert"]}],"birthDate":"1984-03-12" """, "given name")]
    [InlineData(""" "name":[{"family":"Brown","given":["Ann"]}],"birthDate":"1984-03-12" """, null)] // married
    [InlineData(""" "name":[{"family":"Brown","given":["Ann"]}] """, "family name")]
    [InlineData(""" "name":[{"family":"Brown"}] """, "family name")]
    public void Birth_date_and_names_speak_against_a_number(string asked, string? why)
    {
        var said = PatientCandidates.Contradiction(Traits(asked), Traits(Ann));

        if (why is null)
            Assert.Null(said);
        else
            Assert.Contains(why, said, StringComparison.Ordinal);
    }

    private static PatientTraits Traits(string elements) => PatientTraits.Of(FhirJsonReader.Read(Encoding.UTF8.GetBytes($$"""{"resourceType":"Patient",{{elements}}}"""), out _)!.Root);
}
