namespace FhirEmr.BillingBridge.Remittance;

/// <summary>One row of a payer's contract.</summary>
/// <param name="PayerId">The payer, as N104 or REF*2U names it.</param>
/// <param name="Modifier">The modifier the row is for; null for the plain code.</param>
/// <param name="AllowedUsd">For one unit.</param>
public sealed record ContractRate(string PayerId, string Code, string? Modifier, DateOnly? From, DateOnly? To, decimal AllowedUsd);

/// <summary>What payers have agreed to allow, by payer, code, modifier and day of service.</summary>
public sealed class ContractRates(IEnumerable<ContractRate> rates)
{
    private readonly ILookup<(string Payer, string Code), ContractRate> byCode = rates.ToLookup(r => (r.PayerId, r.Code));

    public static ContractRates None { get; } = new([]);

    public bool IsEmpty => byCode.Count == 0;

    /// <summary>Allowed for one unit: by the row of one of the modifiers, else by the plain row; the latest start wins. Null when nothing is agreed.</summary>
    public decimal? AllowedUsd(string payerId, string code, IReadOnlyList<string> modifiers, DateOnly day)
    {
        var inForce = byCode[(payerId, code)].Where(r => (r.From is not { } from || from <= day) && (r.To is not { } to || day <= to)).ToList();
        return (Latest(inForce.Where(r => r.Modifier is { } m && modifiers.Contains(m))) ?? Latest(inForce.Where(r => r.Modifier is null)))?.AllowedUsd;
    }

    /// <summary>Allowed for some units of a service: for all of them, and at most what was charged. Null when nothing is agreed.</summary>
    public decimal? AllowedUsd(string payerId, string code, IReadOnlyList<string> modifiers, DateOnly day, decimal units, decimal chargeUsd) =>
        AllowedUsd(payerId, code, modifiers, day) is { } unit ? Math.Min(decimal.Round(unit * units, 2, MidpointRounding.AwayFromZero), chargeUsd) : null;

    private static ContractRate? Latest(IEnumerable<ContractRate> rates) => rates.MaxBy(r => r.From ?? DateOnly.MinValue);
}
