namespace FhirEmr.BillingBridge.RiskAdjustment;

/// <summary>How a year turns raw scores into a payment score. Defaults to be checked against CMS's rate announcement; the practice may give its own rows.</summary>
/// <param name="CodingIntensity">The part taken off for coding differences, e.g. 0.059.</param>
/// <param name="Parts">The models that pay, each with its share and its normalisation factor; shares add up to one.</param>
public sealed record PaymentYear(int Year, decimal CodingIntensity, IReadOnlyList<PaymentPart> Parts)
{
    public static IReadOnlyList<PaymentYear> Defaults { get; } =
    [
        new(2024, 0.059m, [new(RiskModel.V28, 0.33m, 1.015m), new(RiskModel.V24, 0.67m, 1.146m)]),
        new(2025, 0.059m, [new(RiskModel.V28, 0.67m, 1.045m), new(RiskModel.V24, 0.33m, 1.153m)]),
        new(2026, 0.059m, [new(RiskModel.V28, 1m, 1.067m)]),
    ];

    /// <summary>The row of a year; null when there is none, because a factor is never guessed.</summary>
    public static PaymentYear? Of(int year, IEnumerable<PaymentYear>? own = null) => (own ?? []).Concat(Defaults).FirstOrDefault(y => y.Year == year);

    /// <summary>Each part is adjusted and normalised before the parts are blended; frailty is added last.</summary>
    /// <param name="raw">The raw score of each model that pays in the year.</param>
    /// <param name="frailty">For plans that have it, else 0.</param>
    public decimal Payment(IReadOnlyDictionary<RiskModel, decimal> raw, decimal frailty = 0m) =>
        Parts.Sum(p => p.Share * raw[p.Model] * (1 - CodingIntensity) / p.Normalisation) + frailty;
}

/// <summary>One model's part in a year's payment.</summary>
public sealed record PaymentPart(RiskModel Model, decimal Share, decimal Normalisation);
