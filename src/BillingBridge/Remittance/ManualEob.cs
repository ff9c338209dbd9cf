namespace FhirEmr.BillingBridge.Remittance;

/// <summary>A paper EOB, entered by hand: what an 835 would have said.</summary>
public sealed record ManualEob
{
    /// <summary>The payer's id, as claims are sent to it.</summary>
    public required string PayerId { get; init; }

    /// <summary>Null writes the id for the name.</summary>
    public string? PayerName { get; init; }

    /// <summary>Check or EFT number.</summary>
    public required string TraceNumber { get; init; }

    public required DateOnly PaidOn { get; init; }

    /// <summary>The amount of the check.</summary>
    public required decimal AmountUsd { get; init; }

    public IReadOnlyList<ManualEobClaim> Claims { get; init; } = [];

    /// <summary>Code as in PLB, reference, amount; positive lowers the check.</summary>
    public IReadOnlyList<(string Code, string? Reference, decimal AmountUsd)> ProviderAdjustments { get; init; } = [];
}

/// <summary>What it says of one claim.</summary>
/// <param name="ClaimId">Ours.</param>
/// <param name="Status">As CLP02: 1 primary, 2 secondary, 4 denied, 22 reversal.</param>
/// <param name="PayerControlNumber">The payer's number of the claim; null when the EOB has none.</param>
public sealed record ManualEobClaim(string ClaimId, string Status, string? PayerControlNumber, IReadOnlyList<ManualEobLine> Lines);

/// <summary>What it says of one line.</summary>
/// <param name="Item">Claim.item.sequence.</param>
/// <param name="AllowedUsd">Null when the EOB does not say.</param>
/// <param name="Adjustments">Group, reason and amount of each.</param>
public sealed record ManualEobLine(int Item, decimal PaidUsd, decimal? AllowedUsd, IReadOnlyList<(string Group, string Reason, decimal AmountUsd)> Adjustments);
