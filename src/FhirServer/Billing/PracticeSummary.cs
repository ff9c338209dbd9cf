using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Ports;
using FhirEmr.FhirServer.Search.Parameters;
using FhirEmr.FhirServer.Search.Query;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Billing;

/// <summary>The practice in numbers: records, claims by stage, and the money of the claims this server made.</summary>
internal sealed record PracticeSummary(
    long Patients, long Encounters, IReadOnlyList<(string Stage, long Count)> ClaimsByStage, decimal BilledUsd, decimal AllowedUsd, decimal PaidUsd, decimal PatientUsd, bool MoneyIsPartial)
{
    private const int MostClaims = 5000;

    private static readonly string[] Stages =
    [
        ClaimStage.Draft, ClaimStage.ScrubFailed, ClaimStage.Ready, ClaimStage.Queued, ClaimStage.Submitted, ClaimStage.AckRejected, ClaimStage.Forwarded,
        ClaimStage.PayerRejected, ClaimStage.Accepted, ClaimStage.Pended, ClaimStage.Paid, ClaimStage.PartiallyDenied, ClaimStage.Denied, ClaimStage.Reversed,
        ClaimStage.Appealed, ClaimStage.SecondaryDue, ClaimStage.PatientBalance, ClaimStage.Closed, ClaimStage.Replaced, ClaimStage.Voided, ClaimStage.WrittenOff,
    ];

    public static async Task<PracticeSummary> ReadAsync(IResourceStore store, SearchParameters parameters, IFhirRecords records, CancellationToken ct)
    {
        var stages = new List<(string, long)>();
        var stage = parameters.Find("Claim", "claim-stage")!;
        foreach (var name in Stages)
        {
            var hash = store.Symbols.Hash(System.Text.Encoding.UTF8.GetBytes(name));
            var count = await CountAsync(store, "Claim", new SearchExpression.Token(stage, hash, null), ct);
            if (count > 0)
                stages.Add((name, count));
        }

        // Only what went to a payer is billed: drafts are not money yet.
        var (billed, allowed, paid, patient, seen) = (0m, 0m, 0m, 0m, 0);
        await foreach (var claim in records.SearchAsync<Claim>($"status=active&identifier={BillingUrls.PatientControlNumber}|", ct))
        {
            billed += claim.Total?.Value ?? 0;
            if (++seen == MostClaims)
                break;
        }

        await foreach (var eob in records.SearchAsync<ExplanationOfBenefit>($"status=active&identifier={BillingUrls.IdempotencyKey}|", ct))
        {
            paid += eob.Payment?.Amount?.Value ?? 0;
            foreach (var adjudication in eob.Item.SelectMany(i => i.Adjudication).Concat(eob.Adjudication))
            {
                var category = adjudication.Category?.Coding.FirstOrDefault()?.Code;
                var amount = adjudication.Amount?.Value ?? 0;
                if (category is "allowed" or "eligible")
                    allowed += amount;
                else if (category is "deductible" or "coinsurance" or "copay")
                    patient += amount;
            }
        }

        return new(
            await CountAsync(store, "Patient", null, ct), await CountAsync(store, "Encounter", null, ct), stages, billed, allowed, paid, patient, seen == MostClaims);
    }

    private static async Task<long> CountAsync(IResourceStore store, string type, SearchExpression? where, CancellationToken ct)
    {
        var page = await store.SearchAsync(new(type, where ?? new SearchExpression.And([])) { Count = 0, Total = TotalMode.Accurate }, SystemPlans.Billing, ct);
        return page.Total ?? 0;
    }
}
