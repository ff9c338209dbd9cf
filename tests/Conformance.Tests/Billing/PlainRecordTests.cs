using FhirEmr.Conformance.Tests.Hosting;
using FhirEmr.FhirServer.Demo;
using Hl7.Fhir.Model;

namespace FhirEmr.Conformance.Tests.Billing;

/// <summary>A record as Synthea writes it, honest but not billable: the scrubber catches exactly what it lacks.</summary>
public sealed class PlainRecordTests(SqliteBilling server) : OnServer(server), IClassFixture<SqliteBilling>
{
    private static readonly PracticeGenerator Generator = new(80, new DateOnly(2026, 1, 1));

    [Fact]
    public async Task It_is_held_for_its_coverage_and_its_providers_and_for_nothing_else()
    {
        await server.StoreFeesAsync(new DateOnly(1990, 1, 1));
        var held = new HashSet<string>();
        foreach (var (encounter, day) in await LoadAsync(Generator.Patient(2)))
        {
            var reply = await server.ClaimAsync(encounter, day.AddDays(2));
            Assert.Equal("scrub-failed", reply.Stage());
            Assert.Contains("COV-001", reply.HeldBy());
            Assert.Contains("PRV-001", reply.HeldBy());
            held.UnionWith(reply.HeldBy());
        }

        // LAB-001 and PRV-006: the laboratory certificate and the NPI of who ordered are identities too.
        Assert.Equal(["COV-001", "LAB-001", "PRV-001", "PRV-002", "PRV-003", "PRV-004", "PRV-006"], held.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task As_demo_practice_most_of_it_is_clean()
    {
        await server.StoreFeesAsync(new DateOnly(1990, 1, 1));
        var encounters = await LoadAsync(DemoIdentities.Apply(Generator.Patient(3)));
        var ready = 0;
        foreach (var (encounter, day) in encounters)
            if ((await server.ClaimAsync(encounter, day.AddDays(2))) is { Status: 200 } reply && reply.Stage() == "ready")
                ready++;

        Assert.True(ready >= 0.6 * encounters.Count, $"{ready} of {encounters.Count} are clean.");
    }

    /// <summary>Stores the record under the ids it has; its finished encounters of the last two years, oldest first.</summary>
    private async Task<IReadOnlyList<(string Id, DateOnly Day)>> LoadAsync(Bundle record)
    {
        foreach (var entry in record.Entry)
            entry.Request = new() { Method = Bundle.HTTPVerb.PUT, Url = $"{entry.Resource!.TypeName}/{entry.Resource.Id}" };
        await server.PostBundleAsync(record);
        return [.. record.Entry.Select(e => e.Resource).OfType<Encounter>()
            .Select(e => (e.Id!, DateOnly.ParseExact(e.Period!.Start![..10], "yyyy-MM-dd"))).Where(e => e.Item2.Year >= 2024).OrderBy(e => e.Item2)];
    }
}
