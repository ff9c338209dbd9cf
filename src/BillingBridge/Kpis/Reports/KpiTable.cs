namespace FhirEmr.BillingBridge.Kpis.Reports;

/// <summary>Figures as rows: one for each figure and one for each of its parts.</summary>
internal static class KpiTable
{
    public static readonly IReadOnlyList<string> Columns = ["id", "title", "group", "part", "unit", "numerator", "denominator", "value", "peer value", "z-score", "curve value", "curve z-score", "start", "end", "notes"];

    /// <summary>Texts, decimals, days, and null for nothing; in the order of <see cref="Columns"/>.</summary>
    public static IEnumerable<object?[]> Rows(KpiQuery query, IReadOnlyList<KpiFigure> figures)
    {
        foreach (var figure in figures)
        {
            yield return
            [
                figure.Kpi.Id, figure.Kpi.Title, figure.Group, null, UnitName(figure.Kpi.Unit), figure.Numerator, figure.Denominator, Rounded(figure.Value), null, null, null, null, query.Start, query.End,
                figure.Notes.Count > 0 ? string.Join(' ', figure.Notes) : null,
            ];
            foreach (var part in figure.Parts)
                yield return
                [
                    figure.Kpi.Id, figure.Kpi.Title, figure.Group, part.Name, UnitName(part.Unit), part.Numerator, part.Denominator, Rounded(part.Value), Rounded(part.PeerValue), part.ZScore,
                    Rounded(part.CurveValue), part.CurveZScore, query.Start, query.End, null,
                ];
        }
    }

    /// <summary>The records behind figures, a row each: the id of the figure, the record; and how many more there are that are not named.</summary>
    public static IEnumerable<string[]> Records(IReadOnlyList<KpiFigure> figures)
    {
        foreach (var figure in figures)
        {
            foreach (var id in figure.Ids)
                yield return [figure.Kpi.Id, id];
            if (figure.Withheld > 0)
                yield return [figure.Kpi.Id, $"{figure.Withheld} more that you may not read"];
        }
    }

    /// <summary>What was asked for beside the period, as it was asked.</summary>
    public static IEnumerable<(string Name, string Value)> Filters(KpiQuery query)
    {
        foreach (var (name, value) in ((string, string?)[])[("payer", query.Payer), ("payerClass", query.PayerClass), ("provider", query.Provider), ("location", query.Location), ("code", query.Code)])
            if (value is not null)
                yield return (name, value);
        if (query.GroupBy != KpiGrouping.None)
            yield return ("groupBy", query.GroupBy switch { KpiGrouping.PayerClass => "payerClass", var by => by.ToString().ToLowerInvariant() });
    }

    public static string UnitName(KpiUnit unit) => unit switch
    {
        KpiUnit.Usd => "USD",
        KpiUnit.Days => "days",
        KpiUnit.Rvu => "RVU",
        KpiUnit.Rate => "rate",
        KpiUnit.UsdPerRvu => "USD/RVU",
        _ => "count",
    };

    /// <summary>Six places: a rate to the ten-thousandth of a per cent.</summary>
    public static decimal Rounded(decimal value) => decimal.Round(value, 6, MidpointRounding.AwayFromZero) / 1.000000000000000000000000000000000m;

    private static decimal? Rounded(decimal? value) => value is { } number ? Rounded(number) : null;
}
