using System.Globalization;

namespace FhirEmr.BillingBridge.Denials;

/// <summary>One denied amount of a claim.</summary>
/// <param name="Group">CAS01.</param>
/// <param name="Carc">The payer's reason code.</param>
/// <param name="Remarks">RARCs beside it.</param>
/// <param name="Reason">What it means for us.</param>
internal sealed record Denial(string Group, string Carc, IReadOnlyList<string> Remarks, DenialReason Reason, decimal AmountUsd)
{
    /// <summary>Place of the line in the remittance, from 0; null for the claim as a whole.</summary>
    public int? Line { get; init; }

    /// <summary>What the payer paid on the line, or on the claim.</summary>
    public decimal PaidUsd { get; init; }

    /// <summary>As people write it: <c>CO-16 (MA130) 120</c>.</summary>
    public override string ToString() =>
        $"{Group}-{Carc}{(Remarks.Count > 0 ? $" ({string.Join(' ', Remarks)})" : "")} {AmountUsd.ToString("0.##########", CultureInfo.InvariantCulture)}";
}
