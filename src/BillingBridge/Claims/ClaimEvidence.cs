using FhirEmr.BillingBridge.Ports;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Claims;

/// <summary>Pins a claim to the exact versions of the chart it was decided on, so that they can be shown when the claim is questioned.</summary>
/// <remarks>
/// Written down here because only here it is known: the chart may change between being read and the claim being stored. A URI and not a
/// reference: what it names is history, which nothing can delete from under it, and it must not hold back the deletion of anything.
/// </remarks>
internal static class ClaimEvidence
{
    /// <summary>Replaces what an earlier run wrote down. Other visits, other claims and plain measurements decide nothing and are left out.</summary>
    public static void Pin(this Claim claim, EncounterChart chart)
    {
        claim.RemoveExtension(BillingUrls.EvidenceExtension);
        foreach (var version in new Resource[] { chart.Encounter, chart.Patient }
            .Concat(chart.Related.Where(r => r is not (Encounter or Claim or Observation)).OrderBy(r => r.TypeName, StringComparer.Ordinal).ThenBy(r => r.Id, StringComparer.Ordinal)))
            if (version.Meta?.VersionId is { Length: > 0 } number)
                claim.AddExtension(BillingUrls.EvidenceExtension, new FhirUri($"{version.TypeName}/{version.Id}/_history/{number}"));
    }
}
