namespace FhirEmr.BillingBridge.Kpis;

/// <summary>What is asked: which figures, of which period, cut how.</summary>
public sealed record KpiQuery
{
    public required IReadOnlyList<Definitions.Kpi> Kpis { get; init; }

    /// <summary>First day of the period, a.</summary>
    public required DateOnly Start { get; init; }

    /// <summary>Last day of the period, b; balances are as of its end.</summary>
    public required DateOnly End { get; init; }

    /// <summary>The day it is asked: cohorts that must be of an age are measured by it.</summary>
    public required DateOnly Today { get; init; }

    /// <summary><c>Organization/id</c>.</summary>
    public string? Payer { get; init; }

    public string? PayerClass { get; init; }

    /// <summary>The rendering provider.</summary>
    public string? Provider { get; init; }

    public string? Location { get; init; }

    /// <summary>A procedure code: of claims, the lines with it.</summary>
    public string? Code { get; init; }

    public KpiGrouping GroupBy { get; init; }

    public KpiDrill Drill { get; init; }

    /// <summary>The part of the figure whose records are named; null for the figure itself.</summary>
    public string? DrillPart { get; init; }

    /// <summary>What billing cost in the period, entered by hand (COST-TO-COLLECT).</summary>
    public decimal? BillingCostUsd { get; init; }

    /// <summary>At most so many days before the visit a 271 counts (ELIG-RATE).</summary>
    public int EligibilityDays { get; init; } = 3;

    /// <summary>What CMS says of the specialties of the providers (EM-DIST); null when that table is not loaded.</summary>
    public SpecialtyCurves? Curves { get; init; }

    /// <summary>Age is counted from the first submission, not from the date of service (AR-AGING).</summary>
    public bool AgesFromFirstBill { get; init; }
}
