namespace FhirEmr.BillingBridge.Kpis.Definitions;

/// <summary>All definitions, in the order of the spec.</summary>
public static class KpiBook
{
    public static IReadOnlyList<Kpi> All { get; } =
    [
        new DaysInReceivables(), new AgedReceivables(), new CleanClaims(), new ScrubPasses(), new FirstPassAcceptance(), new FirstPassResolution(), new InitialDenials(),
        new InitialDenialCharges(), new DenialMix(), new Overturns(), new DenialWriteOffs(), new GrossCollection(), new NetCollection(), new ChargeLag(), new BillLag(), new PayLag(),
        new NotBilled(), new PayerMix(), new PointOfServiceCollection(), new PatientCollection(), new BadDebts(), new CostToCollect(), new WorkRvuProductivity(),
        new EncounterProductivity(), new OfficeLevels(), new Underpayments(), new CreditBalances(), new EligibilityRate(), new AuthorisationDenials(), new Recapture(), new NoShows(),
    ];

    /// <summary>What the dashboard shows (product 4.12).</summary>
    public static IReadOnlyList<Kpi> Dashboard { get; } =
        [.. ((string[])["AR-DAYS", "AR-AGING", "CCR", "IDR-N", "DENIAL-MIX", "NCR", "FPR", "CHARGE-LAG", "PAYER-MIX", "PROD-wRVU", "PROD-ENC", "NO-SHOW"]).Select(id => Find(id)!)];

    /// <summary>By its name, in any case; null for none.</summary>
    public static Kpi? Find(string id) => All.FirstOrDefault(k => string.Equals(k.Id, id, StringComparison.OrdinalIgnoreCase));
}
