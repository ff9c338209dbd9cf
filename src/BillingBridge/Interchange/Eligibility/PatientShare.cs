namespace FhirEmr.BillingBridge.Interchange.Eligibility;

/// <summary>What a patient will probably pay of one service (billing spec 2.5).</summary>
/// <param name="AllowedUsd">What the payer allows for the service.</param>
/// <param name="TotalUsd">The parts together, never more than is allowed or than is left out of pocket.</param>
public sealed record PatientShare(decimal AllowedUsd, decimal CopayUsd, decimal DeductibleUsd, decimal CoinsuranceUsd, decimal TotalUsd)
{
    /// <summary>copay + min(deductible left, allowed) + co-insurance of the rest, at most what is left out of pocket.</summary>
    /// <param name="allowedUsd">What the payer allows.</param>
    /// <param name="facts">Of the answer.</param>
    /// <param name="copaySkipsDeductible">Whether a service that costs its copay leaves the deductible alone: most plans for office visits.</param>
    public static PatientShare Of(decimal allowedUsd, BenefitFacts facts, bool copaySkipsDeductible)
    {
        if (facts.IsActive == false || facts.IsExcluded)
            return new PatientShare(allowedUsd, 0m, 0m, 0m, allowedUsd);

        var isCopayOnly = facts.IsCopayOnly && copaySkipsDeductible;
        var copay = facts.CopayUsd ?? 0m;
        var deductible = isCopayOnly ? 0m : Math.Min(facts.Deductible?.OpenUsd ?? 0m, allowedUsd);
        var coinsurance = isCopayOnly ? 0m : Math.Round((facts.Coinsurance ?? 0m) * (allowedUsd - deductible), 2, MidpointRounding.AwayFromZero);
        var total = Math.Min(copay + deductible + coinsurance, allowedUsd);
        if (facts.OutOfPocket is { } limit)
            total = Math.Min(total, limit.OpenUsd);
        return new PatientShare(allowedUsd, copay, deductible, coinsurance, total);
    }
}
