using System.Globalization;
using FhirEmr.Bench.Load;

namespace FhirEmr.Bench.Searches;

/// <summary>Searches over the whole store.</summary>
internal static class StoreShapes
{
    public static IReadOnlyList<SearchShape> All { get; } =
    [
        OfAny("Patient?name", "Patient", (d, p) =>
        {
            var start = Start(p.Families, d.Random);
            return start is null ? null : new($"Patient?name={Uri.EscapeDataString(start)}", [.. d.Where("Patient", o => o.Names.Any(n => Starts(n, start)))]);
        }),
        OfAny("Patient?family&gender&birthdate=ge", "Patient", (d, p) =>
        {
            if (Start(p.Families, d.Random, 1) is not { } start || p.Birth is not { } birth)
                return null;
            var year = birth.Low.Year.ToString("D4", CultureInfo.InvariantCulture);
            var from = FhirTime.Span(year)!.Value;
            return new($"Patient?family={start}&gender={p.Gender}&birthdate=ge{year}",
                [.. d.Where("Patient", o => o.Gender == p.Gender && o.Birth is { } b && b.AtLeast(from) && o.Families.Any(n => Starts(n, start)))]);
        }),
        OfAny("Patient?identifier=system|value", "Patient", (d, p) =>
        {
            var identifier = p.Identifiers[d.Random.Next(p.Identifiers.Count)];
            return new($"Patient?identifier={Drawing.Encode(identifier)}", [.. d.Where("Patient", o => o.Identifiers.Contains(identifier))]);
        }),
        OfAny("Patient?_id", "Patient", (_, p) => new($"Patient?_id={p.Id}", [p])),
        OfAny("Patient?address-postalcode:missing", "Patient", (d, _) =>
            new("Patient?address-postalcode:missing=true", [.. d.Where("Patient", p => !p.HasPostalCode)])),
        OfAny("Patient?address-city:contains", "Patient", (d, p) =>
        {
            if (p.Cities.FirstOrDefault(c => c.Length >= 5) is not { } city || city[1..5].Contains(' ', StringComparison.Ordinal))
                return null;
            var part = city[1..5];
            return new($"Patient?address-city:contains={part}", [.. d.Where("Patient", o => o.Cities.Any(c => c.Contains(part, StringComparison.Ordinal)))]);
        }),
        OfAny("Observation?patient.name", "Patient", (d, p) =>
        {
            if (Start(p.Families, d.Random) is not { } start)
                return null;
            var patients = d.Where("Patient", o => o.Names.Any(n => Starts(n, start)));
            return new($"Observation?patient.name={Uri.EscapeDataString(start)}", [.. patients.SelectMany(o => d.Corpus.OfPatient(o.Key, "Observation"))]);
        }),
        OfAny("Observation?code=system|code", "Observation", (d, o) =>
            new($"Observation?code={Drawing.Encode(o.Codes[0])}", [.. d.Where("Observation", x => x.Codes.Contains(o.Codes[0]))])),
        OfAny("Observation?code=a,b&_total=accurate", "Observation", (d, o) =>
        {
            string?[] codes = [o.Codes[0].Code, d.Any("Observation")!.Codes[0].Code];
            return new($"Observation?code={codes[0]},{codes[1]}", [.. d.Where("Observation", x => x.Codes.Any(c => codes.Contains(c.Code)))]) { Page = "_total=accurate&_count=20" };
        }),
        OfAny("Observation?code&value-quantity=gt", "Observation", (d, o) =>
        {
            if (o.Quantity is not { System: { } system, Code: { } unit } quantity)
                return null;
            var value = Math.Round(quantity.Value, 1);
            return new($"Observation?code={Drawing.Encode(o.Codes[0])}&value-quantity=gt{value.ToString(CultureInfo.InvariantCulture)}%7C{Uri.EscapeDataString(system)}%7C{Uri.EscapeDataString(unit)}",
                [.. d.Where("Observation", x => x.Codes.Contains(o.Codes[0]) && x.Quantity is { } q && q.System == system && WithoutNotes(q.Code) == WithoutNotes(unit) && q.Value > value)]);
        }),
        OfAny("Observation?_lastUpdated=ge", "Observation", (d, _) =>
            new($"Observation?_lastUpdated=ge{d.SinceIngest.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}", [.. d.Where("Observation", o => d.WrittenSinceIngest.Contains(o.Key))])),
        OfAny("Encounter?date=ge&date=lt&status", "Encounter", (d, _) =>
        {
            var encounters = d.Corpus.OfType("Encounter");
            string[] ends = [d.Instant(encounters)!, d.Instant(encounters)!];
            Array.Sort(ends, StringComparer.Ordinal);
            var (from, to) = (FhirTime.Span(ends[0])!.Value, FhirTime.Span(ends[1])!.Value);
            return new($"Encounter?date=ge{ends[0]}&date=lt{ends[1]}&status=finished",
                [.. encounters.Where(e => e.Status == "finished" && e.Date is { } at && at.AtLeast(from) && at.Before(to))]);
        }),
        OfAny("Encounter?class:not", "Encounter", (d, _) =>
            new("Encounter?class:not=AMB", [.. d.Where("Encounter", e => e.Class is not { Code: "AMB" })])),
        OfAny("Encounter?service-provider", "Encounter", (d, e) =>
            e.ServiceProvider is null ? null : new($"Encounter?service-provider={e.ServiceProvider}", [.. d.Where("Encounter", o => o.ServiceProvider == e.ServiceProvider)])),
        OfAny("Encounter?participant", "Encounter", (d, e) =>
            e.Participants.Count == 0 ? null : new($"Encounter?participant={e.Participants[0]}", [.. d.Where("Encounter", o => o.Participants.Contains(e.Participants[0]))])),
        OfAny("Condition?code&abatement-date:missing", "Condition", (d, c) =>
            new($"Condition?code={Drawing.Encode(c.Codes[0])}&abatement-date:missing=true", [.. d.Where("Condition", o => o.Codes.Contains(c.Codes[0]) && !o.HasAbatement)])),
        OfAny("Immunization?date=ge&vaccine-code&_summary=count", "Immunization", (d, i) =>
        {
            var instant = d.Instant([i]);
            if (instant is null)
                return null;
            var from = FhirTime.Span(instant)!.Value;
            return new($"Immunization?date=ge{instant}&vaccine-code={Drawing.Encode(i.Codes[0])}",
                [.. d.Where("Immunization", o => o.Codes.Contains(i.Codes[0]) && o.Date is { } at && at.AtLeast(from))]) { Page = "_summary=count", IsCountOnly = true };
        }),
        OfAny("Organization?name", "Organization", (d, o) =>
        {
            var start = Start(o.Names, d.Random, 6);
            return start is null ? null : new($"Organization?name={Uri.EscapeDataString(start)}", [.. d.Where("Organization", x => x.Names.Any(n => Starts(n, start)))]);
        }),
        OfAny("Practitioner?identifier", "Practitioner", (d, p) =>
            new($"Practitioner?identifier={Drawing.Encode(p.Identifiers[0])}", [.. d.Where("Practitioner", o => o.Identifiers.Contains(p.Identifiers[0]))])),
        OfAny("Observation?_tag", "Observation", (d, _) =>
        {
            var tag = new Token(UpdatedTag.System, UpdatedTag.Code(d.Random));
            return new($"Observation?_tag={Drawing.Encode(tag)}", [.. d.Where("Observation", o => o.Tags.Contains(tag))]);
        }),
    ];

    private static SearchShape OfAny(string name, string type, Func<Drawing, Facts, SearchCase?> draw) =>
        new(name, IsPatientScoped: false, d => d.Any(type) is { } any ? draw(d, any) : null);

    private static bool Starts(string name, string start) => name.StartsWith(start, StringComparison.Ordinal);

    /// <summary>The first letters of a name; only plain ones, so that what is asked for is what was drawn.</summary>
    private static string? Start(IReadOnlyList<string> names, Random random, int letters = 4)
    {
        if (names.Count == 0)
            return null;
        var name = names[random.Next(names.Count)];
        var start = name[..Math.Min(letters, name.Length)].TrimEnd();
        return start.All(c => char.IsAsciiLetterOrDigit(c) || c == ' ') ? start : null;
    }

    /// <summary>UCUM: what stands in braces is a note for people, so <c>mL/min/{1.73_m2}</c> is <c>mL/min</c> (ucum.org, annotations).</summary>
    private static string? WithoutNotes(string? unit)
    {
        var open = unit?.IndexOf('{', StringComparison.Ordinal) ?? -1;
        return open < 0 ? unit : unit![..open].TrimEnd('/') + unit[(unit.IndexOf('}', open) + 1)..];
    }
}
