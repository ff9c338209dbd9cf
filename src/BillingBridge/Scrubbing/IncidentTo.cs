using FhirEmr.BillingBridge.Ports;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Scrubbing;

/// <summary>Services that somebody did whose own number is not on the claim (42 CFR 410.26).</summary>
internal static class IncidentTo
{
    /// <summary>The nurse practitioner or assistant who wrote the note of a visit billed under a physician; null when nobody did.</summary>
    public static Practitioner? AuthorOf(ClaimGraph claim) => claim.Rendering is not { } rendering || IsHelper(claim, rendering) ? null
        : claim.Notes().SelectMany(n => n.Author)
            .Select(a => claim.Chart.Find<Practitioner>(a)).OfType<Practitioner>()
            .FirstOrDefault(p => p.Id != rendering.Id && IsHelper(claim, p));

    /// <summary>Whether it is worth asking if the physician was there: somebody else is the author of a note.</summary>
    public static bool MayBe(EncounterChart chart, string rendering) => chart.OfType<Composition>()
        .Any(n => n.Encounter?.Reference == $"Encounter/{chart.Encounter.Id}" && n.Author.Exists(a => a.Reference != rendering));

    private static bool IsHelper(ClaimGraph claim, Practitioner person) => Trainees.Taxonomies(claim, person).Any(t => t.StartsWith("363", StringComparison.Ordinal));
}
