namespace FhirEmr.BillingBridge.Documents;

/// <summary>What of a visit one payer is asked for first; a visit that is not split has one.</summary>
/// <param name="Sources">The claim and whom it names.</param>
/// <param name="Lines">Its services.</param>
/// <param name="Diagnoses">What the letters of its services stand for.</param>
/// <param name="PaidUsd">Paid by the patient at the visit.</param>
internal sealed record SuperbillPart(PaperSources Sources, IReadOnlyList<SuperbillLine> Lines, IReadOnlyList<(string Code, string? Words)> Diagnoses, decimal PaidUsd);
