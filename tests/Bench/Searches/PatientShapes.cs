namespace FhirEmr.Bench.Searches;

/// <summary>Searches inside one patient's chart: what a clinician's or biller's screen asks all day.</summary>
internal static class PatientShapes
{
    public static IReadOnlyList<SearchShape> All { get; } =
    [
        Scoped("Observation?patient&code&_sort=-date", "Observation", (d, p, chart) =>
        {
            var code = chart[d.Random.Next(chart.Count)].Codes[0];
            return new($"Observation?patient={p.Id}&code={Drawing.Encode(code)}", [.. chart.Where(o => o.Codes.Contains(code))]) { Shaping = "_sort=-date", NewestFirst = true };
        }),
        Scoped("Observation?patient&category", "Observation", (d, p, chart) =>
        {
            var category = chart[d.Random.Next(chart.Count)].Categories[0];
            return new($"Observation?patient=Patient/{p.Id}&category={Uri.EscapeDataString(category.Code!)}", [.. chart.Where(o => o.Categories.Any(c => c.Code == category.Code))]);
        }),
        Scoped("Observation?subject&date=ge&date=lt", "Observation", (d, p, chart) =>
        {
            if (d.ClearDay(chart) is not { } a || d.ClearDay(chart) is not { } b)
                return null;
            var (from, to) = string.CompareOrdinal(a, b) <= 0 ? (a, b) : (b, a);
            var (low, high) = (FhirTime.Span(from)!.Value, FhirTime.Span(to)!.Value);
            return new($"Observation?subject=Patient/{p.Id}&date=ge{from}&date=lt{to}", [.. chart.Where(o => o.Date is { } at && at.AtLeast(low) && at.Before(high))]);
        }),
        Scoped("Observation?patient&_summary=count", "Observation", (_, p, chart) =>
            new($"Observation?patient={p.Id}", chart) { Page = "_summary=count", IsCountOnly = true }),
        Scoped("Observation?patient&value-quantity:missing", "Observation", (_, p, chart) =>
            new($"Observation?patient={p.Id}&value-quantity:missing=true", [.. chart.Where(o => o.Quantity is null)])),
        Scoped("Observation?encounter", "Observation", (d, _, chart) =>
        {
            var encounter = chart[d.Random.Next(chart.Count)].Encounter;
            return encounter is null ? null : new($"Observation?encounter={encounter}", [.. chart.Where(o => o.Encounter == encounter)]);
        }),
        Scoped("Encounter?patient&date=ge&status", "Encounter", (d, p, chart) =>
        {
            if (d.ClearDay(chart) is not { } day)
                return null;
            var from = FhirTime.Span(day)!.Value;
            return new($"Encounter?patient={p.Id}&date=ge{day}&status=finished", [.. chart.Where(e => e.Status == "finished" && e.Date is { } at && at.AtLeast(from))]);
        }),
        Scoped("Claim?patient&_sort=-created", "Claim", (_, p, chart) =>
            new($"Claim?patient={p.Id}", chart) { Shaping = "_sort=-created", NewestFirst = true }),
        Scoped("ExplanationOfBenefit?patient&_include=*", "ExplanationOfBenefit", (_, p, chart) => new($"ExplanationOfBenefit?patient={p.Id}", chart)
        {
            Shaping = "_include=*",
            Page = "_count=10",
            MustInclude = [p.Key],
            MayInclude = chart.SelectMany(e => e.References).ToHashSet(StringComparer.Ordinal),
        }),
        Scoped("Condition?patient&clinical-status", "Condition", (_, p, chart) =>
            new($"Condition?patient={p.Id}&clinical-status=active", [.. chart.Where(c => c.ClinicalStatus.Any(s => s.Code == "active"))])),
        Scoped("Condition?patient&clinical-status:not", "Condition", (_, p, chart) =>
            new($"Condition?patient={p.Id}&clinical-status:not=active", [.. chart.Where(c => c.ClinicalStatus.All(s => s.Code != "active"))])),
        Scoped("MedicationRequest?patient&status", "MedicationRequest", (d, p, chart) =>
        {
            var status = chart[d.Random.Next(chart.Count)].Status!;
            return new($"MedicationRequest?patient={p.Id}&status={status}", [.. chart.Where(m => m.Status == status)]);
        }),
        Scoped("DiagnosticReport?patient&_sort=-date", "DiagnosticReport", (_, p, chart) =>
            new($"DiagnosticReport?patient={p.Id}", chart) { Shaping = "_sort=-date", NewestFirst = true }),
        Scoped("Patient?_id&_revinclude=Encounter:patient", "Encounter", (_, p, chart) => new($"Patient?_id={p.Id}", [p])
        {
            Shaping = "_revinclude=Encounter:patient",
            MustInclude = [.. chart.Select(e => e.Key)],
            MayInclude = chart.Select(e => e.Key).ToHashSet(StringComparer.Ordinal),
        }),
    ];

    private static SearchShape Scoped(string name, string type, Func<Drawing, Facts, List<Facts>, SearchCase?> draw) =>
        new(name, IsPatientScoped: true, d => d.Chart(type) is var (patient, chart) ? draw(d, patient, chart) : null);
}
