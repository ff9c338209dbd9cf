using FhirEmr.BillingBridge.Charges;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Kpis.Reports;

/// <summary>Figures as MeasureReports, one for each definition, so that programs for value-based care read the same values.</summary>
/// <remarks>
/// Populations have counts where numerator and denominator are counts; money and RVUs are no populations and stand in extensions. The parts of a
/// figure are strata. https://hl7.org/fhir/R4/measurereport.html
/// </remarks>
public static class KpiMeasureReports
{
    /// <summary>Canonical address of a definition's Measure.</summary>
    public const string Measure = "urn:fhiremr:Measure:";

    private const string Populations = "http://terminology.hl7.org/CodeSystem/measure-population";

    public static Bundle Of(KpiQuery query, IReadOnlyList<KpiFigure> figures, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentNullException.ThrowIfNull(figures);
        var bundle = new Bundle { Type = Bundle.BundleType.Collection, TimestampElement = new Instant(now) };
        foreach (var ofKpi in figures.GroupBy(f => f.Kpi))
        {
            var report = new MeasureReport
            {
                Status = MeasureReport.MeasureReportStatus.Complete,
                Type = MeasureReport.MeasureReportType.Summary,
                Measure = Measure + ofKpi.Key.Id,
                DateElement = new FhirDateTime(now),
                Period = new Period { Start = DateOfService.Text(query.Start), End = DateOfService.Text(query.End) },
                Group = [.. ofKpi.Select(Group)],
            };
            bundle.Entry.Add(new() { FullUrl = $"urn:uuid:{Guid.NewGuid():D}", Resource = report });
        }

        return bundle;
    }

    private static MeasureReport.GroupComponent Group(KpiFigure figure)
    {
        var group = new MeasureReport.GroupComponent { MeasureScore = Score(figure.Value, figure.Kpi.Unit) };
        if (figure.Group is { } name)
            group.Code = new CodeableConcept { Text = name };
        Population(group, "numerator", figure.Numerator, figure.Kpi.NumeratorUnit);
        Population(group, "denominator", figure.Denominator, figure.Kpi.DenominatorUnit);
        if (figure.Parts.Count > 0)
        {
            group.Stratifier.Add(new MeasureReport.StratifierComponent
            {
                Code = [new CodeableConcept { Text = "part" }],
                Stratum = [.. figure.Parts.Select(p => new MeasureReport.StratifierGroupComponent { Value = new CodeableConcept { Text = p.Name }, MeasureScore = Score(p.Value, p.Unit) })],
            });
        }

        return group;
    }

    private static void Population(MeasureReport.GroupComponent group, string code, decimal value, KpiUnit unit)
    {
        if (unit == KpiUnit.Count)
            group.Population.Add(new() { Code = new CodeableConcept(Populations, code), Count = (int)value });
        else
            group.AddExtension($"urn:fhiremr:kpi-{code}", Score(value, unit)!);
    }

    private static Quantity? Score(decimal? value, KpiUnit unit) => value is not { } number ? null : new Quantity
    {
        Value = KpiTable.Rounded(number),
        Unit = KpiTable.UnitName(unit),
        System = unit == KpiUnit.Usd ? "urn:iso:std:iso:4217" : "http://unitsofmeasure.org",
        Code = unit switch { KpiUnit.Days => "d", KpiUnit.Usd => "USD", KpiUnit.Rvu => "{RVU}", KpiUnit.UsdPerRvu => "{USD}/{RVU}", KpiUnit.Rate => "1", _ => "{count}" },
    };
}
