using FhirEmr.Terminology;

namespace FhirEmr.BillingBridge.Charges;

/// <summary>One row of a payer's contract.</summary>
/// <param name="PayerId">The payer, as N104 or REF*2U names it.</param>
/// <param name="Modifier">The modifier the row is for; null for the plain code.</param>
/// <param name="AllowedUsd">For one unit.</param>
public sealed record ContractRate(string PayerId, string Code, string? Modifier, DateOnly? From, DateOnly? To, decimal AllowedUsd);

/// <summary>A contract by Medicare's physician fee schedule: so many per cent of what it pays in a locality.</summary>
/// <param name="PayerId">The payer, as N104 or REF*2U names it.</param>
/// <param name="Contractor">Number of the Medicare contractor, as in the table of cost indices: <c>14212</c>.</param>
/// <param name="Locality">Its number with the contractor: <c>01</c>.</param>
/// <param name="IsQualifying">By the conversion factor of qualifying participants in alternative payment models.</param>
public sealed record MedicareContract(string PayerId, string Contractor, string Locality, decimal Percent, DateOnly? From, DateOnly? To, bool IsQualifying = false);

/// <summary>What payers have agreed to allow, by payer, code, modifier, place and day of service: row by row, or by Medicare's fee schedule where no row says it.</summary>
/// <param name="fees">The imported fee schedule and cost indices; without them a contract by Medicare's says nothing.</param>
public sealed class ContractRates(IEnumerable<ContractRate> rates, IEnumerable<MedicareContract>? medicare = null, FeeTables? fees = null)
{
    // What Medicare pays with these depends on more than the line: no amount is better than a wrong one.
    private static readonly HashSet<string> Reducing = ["22", "50", "51", "52", "53", "54", "55", "56", "62", "66", "73", "74", "78", "80", "81", "82", "AS"];

    private readonly ILookup<(string Payer, string Code), ContractRate> byCode = rates.ToLookup(r => (r.PayerId, r.Code));
    private readonly ILookup<string, MedicareContract> byPayer = (medicare ?? []).ToLookup(m => m.PayerId);

    public static ContractRates None { get; } = new([]);

    public bool IsEmpty => byCode.Count == 0 && byPayer.Count == 0;

    /// <summary>What of Medicare's tables a payer's contract goes by and is not loaded for the day; null when nothing is lacking.</summary>
    public string? Lacks(string payerId, DateOnly day) => MedicareOf(payerId, day) is not { } contract ? null
        : fees?.Has(CodeSystemUrls.FeeSchedule, day) != true ? "physician fee schedule"
        : fees.Locality(contract.Contractor, contract.Locality, day) is null ? $"geographic practice cost indices of locality {contract.Locality} of contractor {contract.Contractor}"
        : null;

    /// <summary>Allowed for one unit: by the row of one of the modifiers, else by the plain row, else by the share of Medicare's amount; the latest start wins. Null when nothing is agreed.</summary>
    /// <param name="place">Place of service; decides between Medicare's two amounts.</param>
    public decimal? AllowedUsd(string payerId, string code, IReadOnlyList<string> modifiers, DateOnly day, string? place)
    {
        var inForce = byCode[(payerId, code)].Where(r => IsInForce(r.From, r.To, day)).ToList();
        return (Latest(inForce.Where(r => r.Modifier is { } m && modifiers.Contains(m))) ?? Latest(inForce.Where(r => r.Modifier is null)))?.AllowedUsd
            ?? OfMedicareUsd(payerId, code, modifiers, day, place);
    }

    /// <summary>Allowed for some units of a service: for all of them, and at most what was charged. Null when nothing is agreed.</summary>
    public decimal? AllowedUsd(string payerId, string code, IReadOnlyList<string> modifiers, DateOnly day, string? place, decimal units, decimal chargeUsd) =>
        AllowedUsd(payerId, code, modifiers, day, place) is { } unit ? Math.Min(decimal.Round(unit * units, 2, MidpointRounding.AwayFromZero), chargeUsd) : null;

    private decimal? OfMedicareUsd(string payerId, string code, IReadOnlyList<string> modifiers, DateOnly day, string? place)
    {
        if (fees is null || MedicareOf(payerId, day) is not { } contract || modifiers.Any(Reducing.Contains))
            return null;
        var component = modifiers.FirstOrDefault(m => m is "26" or "TC") ?? "";
        return fees.AmountUsd(code, component, contract.Contractor, contract.Locality, day, PlacesOfService.IsFacility(place), contract.IsQualifying) is { } medicareUsd
            ? decimal.Round(medicareUsd * contract.Percent / 100m, 2, MidpointRounding.AwayFromZero)
            : null;
    }

    private MedicareContract? MedicareOf(string payerId, DateOnly day) => byPayer[payerId].Where(m => IsInForce(m.From, m.To, day)).MaxBy(m => m.From ?? DateOnly.MinValue);

    private static bool IsInForce(DateOnly? from, DateOnly? to, DateOnly day) => (from is not { } first || first <= day) && (to is not { } last || day <= last);

    private static ContractRate? Latest(IEnumerable<ContractRate> rates) => rates.MaxBy(r => r.From ?? DateOnly.MinValue);
}
