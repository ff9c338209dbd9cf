using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Scrubbing;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge;

/// <summary>A claim that is to be made, with what of the visit it bills and what the rules find.</summary>
internal sealed record ClaimDraft(Claim Claim, VisitShare Share, IReadOnlyList<ScrubFinding> Findings);
