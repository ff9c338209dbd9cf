using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Documents;

/// <summary>What an appeal packet is made from.</summary>
/// <param name="Appeal">The appeal Task.</param>
/// <param name="Letter">The letter's text.</param>
/// <param name="Response">The payer's decision; null when it is not here.</param>
/// <param name="Enclosures">Records of the chart, in the order of the letter.</param>
internal sealed record PacketSources(FhirTask Appeal, Claim Claim, string Letter, ClaimResponse? Response, IReadOnlyList<PacketEnclosure> Enclosures);
