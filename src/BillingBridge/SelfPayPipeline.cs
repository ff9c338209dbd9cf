using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Ledger;
using FhirEmr.BillingBridge.Ports;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge;

/// <summary>Ready claims that no payer is asked for → charged to the patient, for the next statement. One commit each; again it finds none.</summary>
public sealed class SelfPayPipeline(IFhirRecords records, TimeProvider time)
{
    // What a payer, a file to it or its authorisation needs; that the charge itself is right is asked of every claim.
    private static readonly string[] OfPayers = ["COV-", "COB-", "PAY-", "AUT-", "X12-", "DAT-003", "DAT-004"];

    /// <summary>Whether a scrub rule is about payers, and so holds no claim of a patient who pays.</summary>
    internal static bool IsOfPayers(string ruleId) => OfPayers.Any(r => ruleId.StartsWith(r, StringComparison.Ordinal));

    /// <summary>Charges them, and puts money these patients paid before onto what they owe now.</summary>
    /// <returns>Ids of the claims.</returns>
    public async Task<IReadOnlyList<string>> RunAsync(CancellationToken ct)
    {
        var charged = new List<Claim>();
        foreach (var claim in await records.SearchAsync<Claim>($"claim-stage={ClaimStage.Ready}", ct).ToListAsync(ct))
        {
            if (claim.Stage() != ClaimStage.Ready || !claim.IsSelfPay())
                continue;
            var now = time.GetUtcNow();
            var walk = new StageWalk(claim, BillingAgent.Reference, now);
            walk.MoveTo(ClaimStage.PatientBalance, "No payer is asked: the patient is billed");
            var transaction = new FhirTransaction();
            if (ClaimCharges.Charge(claim, DateOnly.FromDateTime(now.DateTime)) is { } charge)
                transaction.Enter(charge);
            else
                walk.MoveTo(ClaimStage.Closed, "Nothing is charged");
            transaction.Write(walk);
            switch (await records.CommitAsync(transaction.Bundle, ct))
            {
                case CommitOutcome.Committed:
                    charged.Add(claim);
                    break;
                case CommitOutcome.Refused refused:
                    throw new InvalidOperationException($"The FHIR server refuses the charge of Claim/{claim.Id}: {refused.Outcome.Issue.FirstOrDefault()?.Diagnostics}");
                default:
                    break; // somebody changed the claim: the next turn looks again
            }
        }

        foreach (var patient in charged.Select(c => FhirReferences.IdOf(c.Patient?.Reference, "Patient")).OfType<string>().Distinct())
            await new PatientPayments(records, time).ApplyAsync(patient, BillingAgent.Name, ct);
        return [.. charged.Select(c => c.Id!)];
    }
}
