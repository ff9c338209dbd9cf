using FhirEmr.BillingBridge.Charges;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Claims;

/// <summary>What of a visit one first payer is asked for; a claim is made for each (billing spec 1.5).</summary>
/// <param name="First">The first payer's coverage; null when nobody insures these services.</param>
/// <param name="Account">The account that says so; null when the patient's coverages do, in their order.</param>
/// <param name="Charges">Its lines and the diagnoses they point at; what could not be coded is with the visit's own share alone.</param>
public sealed record VisitShare(Coverage? First, Account? Account, ChargeSheet Charges)
{
    /// <summary>What the visit's own coverages are for.</summary>
    public bool IsOfVisit { get; init; } = true;
}
