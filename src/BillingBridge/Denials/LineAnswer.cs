namespace FhirEmr.BillingBridge.Denials;

/// <summary>What a payer answered to one line, or to a claim without lines.</summary>
/// <param name="Item">Claim.item.sequence; null for the claim as a whole.</param>
/// <param name="PaidUsd">Paid by the payer.</param>
/// <param name="PatientUsd">Left to the patient under the plan: allowed, so not denied.</param>
/// <param name="DeniedUsd">Still or again denied.</param>
public sealed record LineAnswer(int? Item, decimal PaidUsd, decimal PatientUsd, decimal DeniedUsd);
