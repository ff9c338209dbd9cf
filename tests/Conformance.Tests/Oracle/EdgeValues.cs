namespace FhirEmr.Conformance.Tests.Oracle;

/// <summary>Values that servers trip over, by primitive and by unit. A new trap joins by a line.</summary>
internal static class EdgeValues
{
    public const string Ucum = "http://unitsofmeasure.org";

    /// <summary>Partial dates, leap days, the ends of months, years and of the calendar.</summary>
    public static readonly string[] Dates =
        ["2024", "2024-02", "2024-02-29", "2023-12-31", "2024-01", "1999-12-31", "2024-03-01", "1969-12-31", "1900-02-28", "2023", "9999-12-31"];

    /// <summary>Odd offsets, both sides of a change to and from summer time, a leap second, midnights, fractions.</summary>
    public static readonly string[] Times =
    [
        "2024-02-29T23:59:59-05:00", "2024-03-01T00:00:00+14:00", "2024-03-10T02:30:00-05:00", "2024-11-03T01:30:00-04:00", "2024-11-03T01:30:00-05:00",
        "2024-02-29T12:00:00.123Z", "2023-12-31T23:59:60Z", "2024-02-29T00:00:00Z", "2024-02-28T23:30:00-12:00", "2024-01-31T05:45:00+05:45", "2024-03-01T00:00:00Z",
        "2024-02-29T12:00:00.1239+00:00", "1970-01-01T00:00:00Z", "1969-12-31T23:59:59.999Z",
    ];

    public static readonly string[] Texts =
    [
        "Müller-Lüdenscheidt", "Muller", "O'Brien", "OBrien", "Smith, Jr", "smith  jr", "ANNA", "Ånna", "anna", "José|Maria", "a$b", "back\\slash", "Zoë", "100 % Sure", "élan vital",
        "E\u0301lan", "Annabel Lee", "_under_score_", "x", new string('y', 199) + "é" + new string('z', 40),
    ];

    public static readonly string[] Codes = ["final", "Final", "active", "a b", "x-1", "A", "a", "é1"];

    public static readonly string[] Uris =
    [
        "http://example.org/fhir/a", "http://example.org/fhir/a/b", "http://example.org/fhir/ab", "http://example.org/fhir", "urn:oid:1.2.3", "urn:oid:1.2.3.4",
        "http://EXAMPLE.org/fhir/a", "http://example.org/fhir/a?x=1,2",
    ];

    public static readonly string[] Canonicals = ["http://example.org/vs/one|1.0", "http://example.org/vs/one", "http://example.org/vs/two|2", "http://example.org/vs/two"];

    public static readonly string?[] Systems = ["http://loinc.org", "http://snomed.info/sct", "urn:oid:2.16.840.1.113883.6.96", null];

    public static readonly string[] TokenCodes = ["1234-5", "A", "a", "é1", "a,b", "x|y", "a$b", "back\\slash", "true"];

    public static readonly string[] Contacts = ["555-0100", "Ann@Example.org", "ann@example.org", "+1 555 0100"];

    public static readonly string[] Numbers =
        ["5", "5.0", "5.40", "0.005", "-3.2", "100", "1e2", "98.6", "37.0", "0", "120", "0.1", "1234567890123456.5", "-0.0", "5.35", "5.45", "5400", "310.15"];

    /// <summary>System, code, human unit.</summary>
    public static readonly (string? System, string? Code, string? Unit)[] Units =
    [
        (Ucum, "mg", "milligram"), (Ucum, "g", "g"), (Ucum, "kg", null), (Ucum, "Cel", "°C"), (Ucum, "[degF]", "F"), (Ucum, "K", null), (Ucum, "mm[Hg]", "mmHg"), (Ucum, "cm", "cm"), (Ucum, "[in_i]", "in"),
        (Ucum, "{score}", "score"), (Ucum, "nonsense", null), ("http://example.org/units", "tbl", "tablet"), (null, null, "mg"), (null, null, null), (null, "mg", null),
    ];

    /// <summary>What UCUM says of the units above, and of those of Synthea that have one dimension in common: the base, the factor as a fraction, the offset (value + offset) × factor.</summary>
    public static readonly Dictionary<string, (string Base, long Numerator, long Denominator, decimal Offset)> Factors = new()
    {
        ["mg"] = ("g", 1, 1000, 0),
        ["g"] = ("g", 1, 1, 0),
        ["ug"] = ("g", 1, 1_000_000, 0),
        ["ng"] = ("g", 1, 1_000_000_000, 0),
        ["pg"] = ("g", 1, 1_000_000_000_000, 0),
        ["kg"] = ("g", 1000, 1, 0),
        ["Cel"] = ("K", 1, 1, 273.15m),
        ["[degF]"] = ("K", 5, 9, 459.67m),
        ["K"] = ("K", 1, 1, 0),
        ["cm"] = ("m", 1, 100, 0),
        ["[in_i]"] = ("m", 254, 10000, 0),
        ["mm[Hg]"] = ("Pa", 133322, 1000, 0),
        ["mg/dL"] = ("g.m-3", 10, 1, 0),
        ["g/dL"] = ("g.m-3", 10_000, 1, 0),
        ["10*3/uL"] = ("m-3", 1_000_000_000_000, 1, 0),
        ["10*6/uL"] = ("m-3", 1_000_000_000_000_000, 1, 0),
    };
}
