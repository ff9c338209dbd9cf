using FhirEmr.Conformance.Tests.Hosting;
using FhirEmr.FhirServer.Demo;
using FhirEmr.FhirServer.Rest;
using Hl7.Fhir.Model;

namespace FhirEmr.Conformance.Tests.Durability;

/// <summary>A generated record whose every resource has an id we know, so that we can look which of them are there.</summary>
internal sealed record KnownBundle(int Number, byte[] Json, string Patient, IReadOnlyDictionary<string, string[]> Own)
{
    private static readonly PracticeGenerator Generator = new(20260101, new DateOnly(2026, 1, 1));

    public int OwnResources => Own.Values.Sum(ids => ids.Length);

    public static KnownBundle Create(int number)
    {
        var bundle = Generator.Patient(number);
        foreach (var entry in bundle.Entry)
            entry.Request = new() { Method = Bundle.HTTPVerb.PUT, Url = $"{entry.Resource!.TypeName}/{entry.Resource.Id}" };

        // The clinic and its people stand in many bundles; the rest is of this one alone.
        var resources = bundle.Entry.Select(e => e.Resource!).ToArray();
        var own = resources.Where(r => r is not (Organization or Practitioner));
        return new(number, FhirFormats.ToJson(bundle), resources.OfType<Patient>().Single().Id!,
            own.GroupBy(r => r.TypeName).ToDictionary(g => g.Key, g => g.Select(r => r.Id!).ToArray()));
    }

    /// <summary>Whole, or not at all; which one, when it was acknowledged.</summary>
    public async Task CheckAsync(ServerProcess server, bool isAcknowledged)
    {
        var there = 0;
        foreach (var (type, ids) in Own)
            there += await server.CountAsync(type, ids);
        var expected = isAcknowledged || there > 0 ? OwnResources : 0;
        Assert.True(there == expected, $"Bundle {Number} ({(isAcknowledged ? "acknowledged" : "not acknowledged")}): {there} of {OwnResources} resources are there.");

        // The index is whole too.
        foreach (var type in new[] { "Observation", "Encounter", "Claim" })
            Assert.Equal(expected == 0 ? 0 : Own[type].Length, await server.CountAsync($"{type}?patient={Patient}"));
    }
}
