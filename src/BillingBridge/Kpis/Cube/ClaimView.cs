namespace FhirEmr.BillingBridge.Kpis.Cube;

/// <summary>A claim while it is counted, cut down to the lines that are asked for.</summary>
internal readonly ref struct ClaimView
{
    public required int At { get; init; }

    public required ReadOnlySpan<LineRow> Lines { get; init; }

    public required ReadOnlySpan<DenialRow> Denials { get; init; }

    public required ReadOnlySpan<Posting> Money { get; init; }

    public required ReadOnlySpan<int> Hccs { get; init; }

    /// <summary>Posted in the period, by <see cref="Measure"/>.</summary>
    public required ReadOnlySpan<long> Period { get; init; }

    /// <summary>Posted so far, by <see cref="Measure"/>.</summary>
    public required ReadOnlySpan<long> SoFar { get; init; }

    /// <summary>What the payer owes at the end of the period; negative is a credit.</summary>
    public required long PayerBalance { get; init; }

    public required long PatientBalance { get; init; }

    /// <summary>Charges posted in the ninety days up to the end of the period.</summary>
    public required long NinetyDayCharges { get; init; }

    public long Posted(Measure measure) => Period[(int)measure];

    public long PostedSoFar(Measure measure) => SoFar[(int)measure];

    public long PaymentsSoFar => PostedSoFar(Measure.PayerPayment) + PostedSoFar(Measure.PatientPayment);

    public long ChargeCents
    {
        get
        {
            var cents = 0L;
            foreach (ref readonly var line in Lines)
                cents += line.ChargeCents;
            return cents;
        }
    }
}
