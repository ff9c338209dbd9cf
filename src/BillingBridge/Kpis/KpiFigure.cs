using FhirEmr.BillingBridge.Kpis.Definitions;

namespace FhirEmr.BillingBridge.Kpis;

/// <summary>One figure of one group.</summary>
/// <param name="Group">Its payer, provider ..., <c>none</c> for records without one; null when nothing was split.</param>
/// <param name="Value">Null where the denominator is zero.</param>
/// <param name="Ids">References of the records behind it that were asked for.</param>
public sealed record KpiFigure(Kpi Kpi, string? Group, decimal Numerator, decimal Denominator, decimal? Value, IReadOnlyList<KpiPart> Parts, IReadOnlyList<string> Ids)
{
    /// <summary>What whoever reads the number must know beside it: which table it was compared with, or that one is not there.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>How many more records are behind it that whoever asks may not read; they are counted and not named.</summary>
    public int Withheld { get; init; }
}
