using System.Globalization;
using Hl7.Fhir.Model;
using Benefit = Hl7.Fhir.Model.CoverageEligibilityResponse.BenefitComponent;
using Item = Hl7.Fhir.Model.CoverageEligibilityResponse.ItemsComponent;

namespace FhirEmr.BillingBridge.Interchange.Eligibility;

/// <summary>What an answer says about one service, when several benefits could be meant (billing spec 2.5).</summary>
/// <remarks>In network goes before both, both before unknown; the individual's amounts before the family's; the service itself before the plan.</remarks>
public sealed record BenefitFacts
{
    /// <summary>X12 service type the facts are about.</summary>
    public required string ServiceType { get; init; }

    /// <summary>Null when the payer could not say.</summary>
    public bool? IsActive { get; init; }

    public DateOnly? From { get; init; }

    public DateOnly? To { get; init; }

    public decimal? CopayUsd { get; init; }

    /// <summary>The share of the patient as a fraction.</summary>
    public decimal? Coinsurance { get; init; }

    /// <summary>The copay is stated for the service itself, and no co-insurance is: the service costs its copay.</summary>
    public bool IsCopayOnly { get; init; }

    public AmountLeft? Deductible { get; init; }

    public AmountLeft? OutOfPocket { get; init; }

    /// <summary>Null when the payer does not say.</summary>
    public bool? AuthorizationNeeded { get; init; }

    public bool IsExcluded { get; init; }

    /// <param name="response">The payer's answer.</param>
    /// <param name="serviceType">EB03 of the service.</param>
    /// <param name="procedure">Its code, when the payer was asked about one.</param>
    public static BenefitFacts Of(CoverageEligibilityResponse response, string serviceType, string? procedure = null)
    {
        var insurance = response.Insurance.FirstOrDefault();
        var candidates = (insurance?.Item ?? []).Select(i => (Item: i, Closeness: Closeness(i, serviceType, procedure))).Where(c => c.Closeness is not null)
            .OrderBy(c => NetworkRank(c.Item)).ThenBy(c => UnitRank(c.Item)).ThenBy(c => c.Closeness).ToList();
        var open = candidates.Where(c => c.Item.Excluded != true && NetworkRank(c.Item) < OutOfNetwork).ToList();
        var copay = First(open, "copay");
        var coinsurance = First(open, "coinsurance");
        return new BenefitFacts
        {
            ServiceType = serviceType,
            IsActive = response.Error.Count > 0 && insurance is null ? null : insurance?.Inforce,
            From = LineMapping.Day(insurance?.BenefitPeriod?.Start),
            To = LineMapping.Day(insurance?.BenefitPeriod?.End),
            CopayUsd = Usd(copay?.Benefit.Allowed),
            Coinsurance = Fraction(coinsurance?.Benefit.Allowed),
            IsCopayOnly = copay is { Closeness: 0 } && coinsurance is not { Closeness: 0 },
            Deductible = Left(First(open, "deductible")?.Benefit),
            OutOfPocket = Left(First(open, "oop")?.Benefit),
            AuthorizationNeeded = open.Where(c => c.Item.AuthorizationRequired is not null).OrderBy(c => c.Closeness).FirstOrDefault().Item?.AuthorizationRequired,
            IsExcluded = candidates.Exists(c => c.Closeness == 0 && c.Item.Excluded == true) && !open.Exists(c => c.Closeness == 0),
        };
    }

    private const int OutOfNetwork = 3;

    /// <summary>0 for the service itself, 1 for the plan as a whole, null for another service.</summary>
    private static int? Closeness(Item item, string serviceType, string? procedure)
    {
        if (item.ProductOrService?.Coding is [{ Code: { } code }, ..])
            return code == procedure ? 0 : null;
        var category = item.Category?.Coding.FirstOrDefault()?.Code;
        return category == serviceType ? 0 : category is null or ServiceTypes.Plan ? 1 : null;
    }

    private static int NetworkRank(Item item) => item.Network switch
    {
        null => 2,
        { Coding: [{ Code: "in" }, ..] } => 0,
        { Coding: [{ Code: "out" }, ..] } => OutOfNetwork,
        _ => 1,
    };

    private static int UnitRank(Item item) => item.Unit?.Coding.FirstOrDefault()?.Code switch
    {
        "individual" => 0,
        null => 1,
        "family" => 3,
        _ => 2,
    };

    // A benefit that states what is left is worth more than one of another period that does not.
    private static (Benefit Benefit, int Closeness)? First(IReadOnlyList<(Item Item, int? Closeness)> candidates, string type)
    {
        foreach (var (item, closeness) in candidates)
        {
            var stated = item.Benefit.Where(b => b.Type?.Coding.Exists(c => c.Code == type) == true).ToList();
            if ((stated.Find(b => b.GetExtension(EligibilityUrls.Remaining) is not null) ?? stated.FirstOrDefault()) is { } benefit)
                return (benefit, closeness!.Value);
        }

        return null;
    }

    private static AmountLeft? Left(Benefit? benefit)
    {
        if (benefit is null)
            return null;
        var total = Usd(benefit.Allowed);
        var left = Usd(benefit.GetExtension(EligibilityUrls.Remaining)?.Value) ?? (total is { } all && Usd(benefit.Used) is { } used ? all - used : null);
        return total is null && left is null ? null : new AmountLeft(total, left);
    }

    private static decimal? Usd(DataType? value) => (value as Money)?.Value;

    private static decimal? Fraction(DataType? value) =>
        value is FhirString { Value: { } text } && decimal.TryParse(text.TrimEnd('%'), NumberStyles.Number, CultureInfo.InvariantCulture, out var percent) ? percent / 100 : null;
}

/// <summary>An amount for a period and what is left of it. The payer may say only one of them.</summary>
public sealed record AmountLeft(decimal? TotalUsd, decimal? LeftUsd)
{
    /// <summary>What may still have to be paid: the whole when the payer does not say what is left.</summary>
    public decimal OpenUsd => Math.Max(0m, LeftUsd ?? TotalUsd ?? 0m);
}
