using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Ports;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Ledger;

/// <summary>Which claim's money it is.</summary>
/// <remarks>
/// Services are charged once, however many payers are asked in turn: a secondary claim bills what the first one charged, so its money is entered on
/// the first. It names that one by <c>insurance.claimResponse</c>, the earlier payer's answer.
/// </remarks>
internal static class LedgerClaim
{
    public static async Task<Claim> OfAsync(IFhirRecords records, Claim claim, CancellationToken ct)
    {
        var focal = claim.Insurance.Find(i => i.Focal == true)?.Sequence;
        foreach (var earlier in claim.Insurance.Where(i => i.Focal != true && i.Sequence < focal).OrderBy(i => i.Sequence))
        {
            if (FhirReferences.IdOf(earlier.ClaimResponse?.Reference, "ClaimResponse") is { } answer
                && await records.ReadAsync<ClaimResponse>(answer, ct) is { } response
                && FhirReferences.IdOf(response.Request?.Reference, "Claim") is { } first && first != claim.Id
                && await records.ReadAsync<Claim>(first, ct) is { } charged)
                return charged;
        }

        return claim;
    }

    /// <summary>Whether the payer who answered is the last who may pay; then what the patient owes is theirs to pay.</summary>
    /// <param name="claim">The claim that was answered.</param>
    /// <param name="rank">1 primary, 2 secondary, 3 tertiary, as the answer says: a payer may have passed the claim on itself.</param>
    public static bool IsLastPayer(Claim claim, int rank)
    {
        var focal = claim.Insurance.Find(i => i.Focal == true)?.Sequence ?? 1;
        return !claim.Insurance.Exists(i => i.Sequence > Math.Max(focal, rank) && i.Coverage?.Reference is { Length: > 0 });
    }

    /// <summary><c>Patient/id</c> of a claim; null when it names none.</summary>
    public static string? PatientOf(Claim claim) => FhirReferences.IdOf(claim.Patient?.Reference, "Patient") is { } id ? $"Patient/{id}" : null;
}
