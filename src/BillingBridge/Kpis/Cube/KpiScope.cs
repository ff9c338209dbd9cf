namespace FhirEmr.BillingBridge.Kpis.Cube;

/// <summary>The question in the cube's own numbers.</summary>
internal sealed class KpiScope
{
    private readonly int payer;
    private readonly int payerClass;
    private readonly int provider;
    private readonly int location;

    public KpiScope(KpiCube cube, KpiQuery query)
    {
        (Cube, Query) = (cube, query);
        (From, To, Today) = (query.Start.DayNumber, query.End.DayNumber, query.Today.DayNumber);
        SixMonthsAgo = query.Today.AddMonths(-6).DayNumber;
        payer = Wanted(cube.Payers, query.Payer);
        payerClass = Wanted(cube.PayerClasses, query.PayerClass);
        provider = Wanted(cube.Providers, query.Provider);
        location = Wanted(cube.Locations, query.Location);
        Code = Wanted(cube.Codes, query.Code);
    }

    public KpiCube Cube { get; }

    public KpiQuery Query { get; }

    public int From { get; }

    public int To { get; }

    public int Today { get; }

    public int SixMonthsAgo { get; }

    /// <summary>0 for any; -1 for one nobody billed.</summary>
    public int Code { get; }

    public bool In(int day) => day >= From && day <= To;

    /// <summary>Whether a claim is asked for but for its provider.</summary>
    public bool MatchesPeers(in ClaimRow row) =>
        (payer == 0 || row.Payer == payer) && (payerClass == 0 || row.PayerClass == payerClass) && (location == 0 || row.Location == location);

    public bool MatchesProvider(in ClaimRow row) => provider == 0 || row.Provider == provider;

    public bool Matches(in EncounterRow row) => (payer == 0 || row.Payer == payer) && (payerClass == 0 || row.PayerClass == payerClass)
        && (location == 0 || row.Location == location) && (provider == 0 || row.Provider == provider);

    public bool Matches(in VisitRow row) =>
        payer == 0 && payerClass == 0 && (location == 0 || row.Location == location) && (provider == 0 || row.Provider == provider);

    /// <summary>What a group is called.</summary>
    public string? NameOf(int group) => Query.GroupBy switch
    {
        KpiGrouping.None => null,
        KpiGrouping.Month => group == 0 ? "none" : $"{group / 12:0000}-{(group % 12) + 1:00}",
        _ => Book()[group] ?? "none",
    };

    private Names Book() => Query.GroupBy switch
    {
        KpiGrouping.Payer => Cube.Payers,
        KpiGrouping.PayerClass => Cube.PayerClasses,
        KpiGrouping.Provider => Cube.Providers,
        KpiGrouping.Location => Cube.Locations,
        _ => Cube.Codes,
    };

    private static int Wanted(Names names, string? text) => text is null ? 0 : names.Find(text);
}
