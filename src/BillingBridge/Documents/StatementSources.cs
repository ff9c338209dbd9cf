using FhirEmr.BillingBridge.Ledger;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Documents;

/// <summary>What a patient statement is made from.</summary>
/// <param name="Patient">Whose account.</param>
/// <param name="Practice">Who sends it.</param>
/// <param name="Claims">The patient's claims.</param>
/// <param name="Responses">The payers' answers to them.</param>
/// <param name="Journal">The patient's journal entries; empty when no ledger is kept, and then the balances are the payers' words alone.</param>
/// <param name="Today">Day of the statement.</param>
internal sealed record StatementSources(
    Patient Patient, Organization? Practice, IReadOnlyList<Claim> Claims, IReadOnlyList<ClaimResponse> Responses, IReadOnlyList<JournalEntry> Journal, DateOnly Today);
