namespace FhirEmr.FhirServer.Demo;

/// <summary>Vital signs that fit the patient's age.</summary>
internal static class VitalSigns
{
    /// <summary>Height, weight, body mass index and, from three years on, blood pressure and heart rate.</summary>
    public static void Full(ChartWriter chart, VisitContext visit, int ageYears, SeededRandom random)
    {
        var (height, weight) = Size(ageYears, random);
        chart.Observe(visit, ClinicalCatalog.BodyHeight, height);
        chart.Observe(visit, ClinicalCatalog.BodyWeight, weight);
        var metres = height / 100m;
        chart.Observe(visit, ClinicalCatalog.BodyMassIndex, Math.Round(weight / (metres * metres), 1, MidpointRounding.AwayFromZero));
        if (ageYears < 3)
            return;

        var (low, high) = ageYears < 16 ? (-18m, -8m) : (0m, 0m);
        chart.BloodPressure(
            visit,
            random.Between(ClinicalCatalog.Systolic.Low + low, ClinicalCatalog.Systolic.High + high, 0),
            random.Between(ClinicalCatalog.Diastolic.Low + low, ClinicalCatalog.Diastolic.High + high, 0));
        Draw(chart, visit, ClinicalCatalog.HeartRate, random);
    }

    /// <summary>Temperature and breathing, as taken on a sick visit; a fever when asked for.</summary>
    public static void Acute(ChartWriter chart, VisitContext visit, bool fever, SeededRandom random)
    {
        if (fever)
            chart.Observe(visit, ClinicalCatalog.BodyTemperature, random.Between(37.9m, 39.2m, 1));
        else
            Draw(chart, visit, ClinicalCatalog.BodyTemperature, random);
        Draw(chart, visit, ClinicalCatalog.RespiratoryRate, random);
        Draw(chart, visit, ClinicalCatalog.OxygenSaturation, random);
    }

    private static void Draw(ChartWriter chart, VisitContext visit, Measure measure, SeededRandom random) =>
        chart.Observe(visit, measure, random.Between(measure.Low, measure.High, measure.Decimals));

    private static (decimal Centimetres, decimal Kilograms) Size(int ageYears, SeededRandom random)
    {
        if (ageYears >= 18)
        {
            var (height, weight) = (ClinicalCatalog.BodyHeight, ClinicalCatalog.BodyWeight);
            return (random.Between(height.Low, height.High, 1), random.Between(weight.Low, weight.High, 1));
        }

        var tall = ageYears == 0 ? 62m : 76m + 5.6m * ageYears;
        var heavy = ageYears == 0 ? 6.5m : 8.5m + 2.9m * ageYears;
        return (random.Between(tall - 4m, tall + 4m, 1), random.Between(heavy * 0.92m, heavy * 1.1m, 1));
    }
}
