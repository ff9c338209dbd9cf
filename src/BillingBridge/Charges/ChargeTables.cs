namespace FhirEmr.BillingBridge.Charges;

/// <summary>What the charges ask of Medicare's tables and of the payer; each question has no answer where the table is not loaded, and then nothing is proposed.</summary>
public sealed record ChargeTables
{
    public static ChargeTables None { get; } = new();

    /// <summary>PC/TC indicator of a code on a day (physician fee schedule): 1 has a professional and a technical component.</summary>
    public Func<string, DateOnly, string?> ComponentsOf { get; init; } = (_, _) => null;

    /// <summary>Modifier indicator of the NCCI edit for a column 1 and a column 2 code on a day: 0 never paid together, 1 with a modifier.</summary>
    public Func<string, string, DateOnly, char?> PairOf { get; init; } = (_, _, _) => null;

    /// <summary>The payer wants to know how services are distinct (XE, XP, XS, XU) rather than that they are (59).</summary>
    public bool PrefersX { get; init; }
}
