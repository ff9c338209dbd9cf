using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Interchange.Eligibility;
using FhirEmr.BillingBridge.Ports;
using FhirEmr.BillingBridge.Scrubbing;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge;

/// <summary>What a patient will probably pay of a visit: the practice's prices against the payer's last answer (billing spec 2.5). Nothing is stored.</summary>
public sealed class EstimatePipeline(IFhirRecords records, EligibilityCheck check, PayerDirectory payers)
{
    /// <param name="asked">What is estimated.</param>
    /// <param name="ct">Ends it.</param>
    public async Task<EstimateResult> RunAsync(EstimateQuestion asked, CancellationToken ct)
    {
        var coverages = await records.SearchAsync<Coverage>($"beneficiary=Patient/{asked.PatientId}", ct).ToListAsync(ct);
        var coverage = coverages.Where(c => c.Status is FinancialResourceStatusCodes.Active && (c.Period is not { } period || CoverageOrder.Covers(period, asked.Day)))
            .OrderBy(c => c.Order ?? int.MaxValue).ThenBy(c => c.Id, StringComparer.Ordinal).FirstOrDefault();
        if (coverage is null)
            return new EstimateResult.NotPossible($"No coverage of the patient is in force on {DateOfService.Text(asked.Day)}: they pay themselves.");
        if (await check.LastAsync(asked.PatientId, coverage.Id!, ct) is not { Insurance.Count: > 0 } answer)
            return new EstimateResult.NotPossible($"The payer of Coverage/{coverage.Id} has not answered yet: ask with CoverageEligibilityRequest/$submit first.");

        var services = await ServicesAsync(asked, ct);
        if (services.Count == 0)
            return new EstimateResult.NotPossible("Nothing says what will be done: name the codes, as in code=99213,85025.");
        if (services.FirstOrDefault(s => s.Usd is null) is { Code: { } unpriced })
            return new EstimateResult.NotPossible($"{unpriced} has no price on {DateOfService.Text(asked.Day)} in the practice's fee schedule: list it, or give what the payer allows with the parameter allowed.");

        var payor = FhirReferences.IdOf(coverage.Payor is [var first, ..] ? first.Reference : null, "Organization") is { } id ? await records.ReadAsync<Organization>(id, ct) : null;
        var estimate = ShareEstimate.Of(
            services.Select(s => (s.Code, asked.ServiceType ?? ServiceTypes.OfProcedure(s.Code), s.Usd!.Value)), answer, payers.For(coverage, payor, asked.Day).CopayOnlyServiceTypes);
        return new EstimateResult.Estimated(estimate, answer, coverage.Id!, IsByFee: asked.AllowedUsd is null);
    }

    private async Task<List<(string Code, decimal? Usd)>> ServicesAsync(EstimateQuestion asked, CancellationToken ct)
    {
        if (asked is { AllowedUsd: { } allowed, Codes: [var only] })
            return [(only, allowed)];
        if (asked.Codes.Count > 0)
        {
            var fees = await FeeSchedule.LoadAsync(records, asked.Codes.Select(c => (c, (IReadOnlyList<string>)[])), ct);
            return [.. asked.Codes.Select(c => (c, fees.Find(c, [], asked.Day)?.PriceUsd(null)))];
        }

        // What was charged says best what was done.
        if (asked.EncounterId is { } encounter)
        {
            await foreach (var claim in records.SearchAsync<Claim>($"encounter=Encounter/{encounter}", ct))
            {
                if (claim.Status is FinancialResourceStatusCodes.Active or FinancialResourceStatusCodes.Draft)
                    return [.. claim.Item.Select(i => (i.ProductOrService?.Coding.FirstOrDefault()?.Code, i.Net?.Value)).Where(i => i.Code is not null).Select(i => (i.Code!, i.Value))];
            }
        }

        return [];
    }
}

/// <summary>What is estimated.</summary>
/// <param name="Day">Of the service.</param>
/// <param name="Codes">Procedures; empty takes those the encounter was charged with.</param>
/// <param name="AllowedUsd">What the payer allows for the one code; null takes the practice's price.</param>
/// <param name="ServiceType">X12 service type of all codes; null takes that of each.</param>
/// <param name="EncounterId">Whose charges are taken when no codes are named.</param>
public sealed record EstimateQuestion(string PatientId, DateOnly Day, IReadOnlyList<string> Codes, decimal? AllowedUsd, string? ServiceType, string? EncounterId);

/// <summary>How an estimate ended.</summary>
public abstract record EstimateResult
{
    private EstimateResult()
    {
    }

    /// <param name="IsByFee">The practice's own prices stand for what the payer allows: the share is at most this.</param>
    public sealed record Estimated(ShareEstimate Estimate, CoverageEligibilityResponse Answer, string CoverageId, bool IsByFee) : EstimateResult;

    /// <summary>Something is not known; a sentence says what to do.</summary>
    public sealed record NotPossible(string Why) : EstimateResult;
}
