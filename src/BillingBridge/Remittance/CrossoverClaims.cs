using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Ports;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Remittance;

/// <summary>Claims to later payers that we did not send: the payer before passed its claim on (crossover), and the next one answers under its control number.</summary>
internal sealed class CrossoverClaims(IFhirRecords records, DateOnly today)
{
    private static readonly string[] NotOut = [ClaimStage.Draft, ClaimStage.ScrubFailed, ClaimStage.Ready];

    /// <summary>The claim to the payer of a rank, ours or, when the payer before has answered and no claim of ours is there, one to be made.</summary>
    /// <param name="claim">The claim whose control number the answer has.</param>
    /// <param name="rank">Of the payer who answers.</param>
    /// <returns>Null when the chart knows no such payer, when nobody before it has answered, or when our own claim to it is still here.</returns>
    public async Task<(Claim Claim, bool IsNew)?> FindAsync(Claim claim, int rank, CancellationToken ct)
    {
        if (await ChartAsync(claim, ct) is not { } chart)
            return null;
        for (var prior = claim; ;)
        {
            var at = (prior.FocalInsurance()?.Sequence ?? 1) + 1;
            if (NextClaim.CoverageAfter(prior, chart) is not { } coverage)
                return null;
            var (existing, version) = await NextClaim.FindAsync(records, prior, coverage, ct);
            if (existing is not null && at < rank)
            {
                prior = existing;
                continue;
            }

            if (existing is not null)
                return NotOut.Contains(existing.Stage()) ? null : (existing, false);
            if (at < rank || PayerAnswers.InForce(await records.SearchAsync<ClaimResponse>($"request=Claim/{prior.Id}", ct).ToListAsync(ct)) is not { } answer)
                return null;
            return (Make(prior, answer, chart, version), true);
        }
    }

    /// <summary>The claim there is to the payer after this one; null when there is none.</summary>
    public async Task<Claim?> ExistingAfterAsync(Claim claim, CancellationToken ct) =>
        await ChartAsync(claim, ct) is { } chart && NextClaim.CoverageAfter(claim, chart) is { } coverage ? (await NextClaim.FindAsync(records, claim, coverage, ct)).Claim : null;

    private Claim Make(Claim prior, ClaimResponse answer, EncounterChart chart, int version)
    {
        var claim = NextClaim.Build(prior, answer, chart, version, today)!;
        claim.Id = BillingKey.Uuid(claim.CreationKey()!);
        claim.SetStage(ClaimStage.Submitted);
        claim.AddExtension(BillingUrls.CrossoverExtension, new FhirBoolean(true));
        return claim;
    }

    private async Task<EncounterChart?> ChartAsync(Claim claim, CancellationToken ct) =>
        ClaimKey.EncounterId(claim) is { } encounter ? await records.ReadChartAsync(encounter, ct) : null;
}
