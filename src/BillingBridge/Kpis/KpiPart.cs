namespace FhirEmr.BillingBridge.Kpis;

/// <summary>A part of a figure: an age, a payer class, a reason, a level.</summary>
public sealed record KpiPart(string Name, KpiUnit Unit, decimal Numerator, decimal Denominator, decimal? Value)
{
    /// <summary>The same share among the other providers (EM-DIST).</summary>
    public decimal? PeerValue { get; init; }

    /// <summary>How many standard deviations it is from them.</summary>
    public decimal? ZScore { get; init; }

    /// <summary>The share that CMS has for the specialties of the providers, in the proportion of their visits (EM-DIST).</summary>
    public decimal? CurveValue { get; init; }

    /// <summary>How many standard deviations the visits that can be compared are from it.</summary>
    public decimal? CurveZScore { get; init; }
}
