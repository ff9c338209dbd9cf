using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Ledger;
using FhirEmr.BillingBridge.Ports;
using FhirEmr.BillingBridge.Scrubbing;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge;

/// <summary>A claim that was billed to the patient, whose insurance turned up afterwards → the same claim, to the payer.</summary>
/// <remarks>
/// What the patient was charged becomes the payer's to pay, and what was written off is no longer; what the patient paid stays on the claim as a credit of theirs,
/// which the patient's share after the payer's answer uses up, and the rest of which is refunded. One commit; then the claim is scrubbed like any other.
/// </remarks>
public sealed class FoundInsurancePipeline(IFhirRecords records, ClaimPipeline claims, TimeProvider time)
{
    private const string FilingLimitRule = "DAT-003";

    /// <param name="claimId">Logical id.</param>
    /// <param name="reason">Why only now, in a person's words; kept with the claim.</param>
    /// <param name="who">Who says so.</param>
    public async Task<ClaimResult> RunAsync(string claimId, string reason, ResourceReference who, CancellationToken ct)
    {
        if (await records.ReadAsync<Claim>(claimId, ct) is not { } claim)
            return new ClaimResult.NoSuchClaim(claimId);
        if (string.IsNullOrWhiteSpace(reason))
            return Refuse("A reason is needed: say where the insurance came from, and why only now.");
        if (!claim.IsSelfPay())
            return Refuse($"Claim/{claimId} is not billed to the patient: it names its payer already.");
        if (ClaimKey.EncounterId(claim) is not { } encounter || await records.ReadChartAsync(encounter, ct) is not { } chart)
            return Refuse($"Claim/{claimId} names no encounter that is known here, so nothing says who insures the patient.");
        var day = claim.FirstServiceDay();
        if (CoverageOrder.InForce(chart, day, ChargeAccounts.OfClaim(chart, claim)) is not [var first, ..] coverages)
            return Refuse($"No coverage of the patient is in force on {DateOfService.Text(day)}: enter the Coverage that was found, with its period.");

        var now = time.GetUtcNow();
        var walk = new StageWalk(claim, who, now);
        if (claim.Stage() != ClaimStage.Draft && walk.MoveTo(ClaimStage.Draft, $"Insurance was found: {reason.Trim()}") is { } refusal)
            return new ClaimResult.Refused(refusal);
        walk.Change(c => Insure(c, chart, coverages, first, DateOnly.FromDateTime(now.DateTime)));

        // Too late for the payer: then it stays the patient's, and nothing is changed.
        if ((await claims.CheckAsync(walk.Current, ct))?.FirstOrDefault(f => f.RuleId == FilingLimitRule && f.Severity == FindingSeverity.Reject) is { } late)
            return Refuse($"{late.Message} The claim stays billed to the patient.");

        var transaction = new FhirTransaction();
        foreach (var entry in ClaimCharges.ToInsurance(claim, await new Journal(records).OfClaimAsync(claim, ct), reason.Trim(), who.Display, DateOnly.FromDateTime(now.DateTime)))
        {
            transaction.Enter(entry);
            walk.Change(c => c.SetExtension(LedgerUrls.LastEntry, new FhirString(entry.Key)));
        }

        transaction.Write(walk);
        return await records.CommitAsync(transaction.Bundle, ct) switch
        {
            CommitOutcome.Committed => await claims.RescrubAsync(claimId, ct),
            CommitOutcome.Conflict conflict => new ClaimResult.Refused(conflict.Outcome),
            CommitOutcome.Refused refused => new ClaimResult.Refused(refused.Outcome),
            var outcome => throw new InvalidOperationException($"{outcome.GetType().Name} is not a commit outcome."),
        };
    }

    private static void Insure(Claim claim, EncounterChart chart, IReadOnlyList<Coverage> coverages, Coverage first, DateOnly today)
    {
        claim.RemoveExtension(BillingUrls.SelfPayExtension);
        claim.Insurance = [];
        claim.Insurer = null;
        ClaimParties.Complete(claim, chart, coverages, first);
        claim.Created = DateOfService.Text(today); // timely filing is judged by the day it goes to a payer
    }

    private static ClaimResult.Refused Refuse(string why) => new(OperationOutcome.ForMessage(why, OperationOutcome.IssueType.BusinessRule));
}
