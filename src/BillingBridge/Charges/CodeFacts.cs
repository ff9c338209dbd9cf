using System.Globalization;

namespace FhirEmr.BillingBridge.Charges;

/// <summary>What a bare CPT or HCPCS code says by its number: its section, its patient kind and its age band.</summary>
/// <remarks>Number ranges are facts of the code sets' layout; no CPT wording is kept here.</remarks>
public static class CodeFacts
{
    private static readonly (string New, string Established)[] Counterparts =
    [
        ("99202", "99212"), ("99203", "99213"), ("99204", "99214"), ("99205", "99215"), ("92002", "92012"), ("92004", "92014"),
        ("99341", "99347"), ("99342", "99348"), ("99344", "99349"), ("99345", "99350"),
    ];

    /// <summary>Preventive visits: new code, established code, first and last year of age (billing spec PROC-007).</summary>
    private static readonly (string New, string Established, int From, int To)[] Preventive =
    [
        ("99381", "99391", 0, 0), ("99382", "99392", 1, 4), ("99383", "99393", 5, 11), ("99384", "99394", 12, 17),
        ("99385", "99395", 18, 39), ("99386", "99396", 40, 64), ("99387", "99397", 65, 199),
    ];

    public static bool IsEvaluationAndManagement(string code) =>
        InRange(code, 99202, 99499) || code is "G0402" or "G0438" or "G0439" or "G0463" or "92002" or "92004" or "92012" or "92014";

    public static bool IsOfficeVisit(string code) => InRange(code, 99202, 99215);

    public static bool IsConsultation(string code) => InRange(code, 99242, 99255);

    public static bool IsPreventiveVisit(string code) => InRange(code, 99381, 99397) || code is "G0402" or "G0438" or "G0439";

    public static bool IsSurgery(string code) => InRange(code, 10004, 69990);

    public static bool IsImaging(string code) => InRange(code, 70010, 79999);

    /// <summary>Clinical laboratory, the part of the code set that CLIA covers; specimen collection (36415) is not in it.</summary>
    public static bool IsLaboratory(string code) => InRange(code, 80047, 89398) || code is "G0103" or "G0328" or "G0476";

    public static bool IsTherapy(string code) => InRange(code, 97010, 97799) && !InRange(code, 97151, 97158);

    public static bool IsVaccineProduct(string code) => InRange(code, 90476, 90759) || InRange(code, 91300, 91399);

    public static bool IsVaccineAdministration(string code) =>
        InRange(code, 90460, 90461) || InRange(code, 90471, 90474) || code is "90480" or "G0008" or "G0009" or "G0010";

    /// <summary>Immune globulins, given by a therapeutic injection code rather than a vaccine administration.</summary>
    public static bool IsImmuneGlobulin(string code) => InRange(code, 90281, 90399);

    /// <summary>HCPCS drug codes that payers want an NDC for.</summary>
    public static bool IsDrug(string code) => code.Length == 5 && code[0] == 'J' && code.AsSpan(1).IndexOfAnyExceptInRange('0', '9') < 0;

    /// <summary>Unlisted and not-otherwise-classified codes, which need a description.</summary>
    public static bool IsUnlisted(string code) =>
        code is "J3490" or "J3590" or "J8999" or "J9999" or "C9399" or "A9999" or "E1399"
        || (Number(code) is { } n && n % 100 == 99 && (IsSurgery(code) || IsImaging(code) || IsLaboratory(code) || InRange(code, 90281, 99199)));

    /// <summary>Category II codes (ending in F) report a measure, not a charge.</summary>
    public static bool IsMeasure(string code) =>
        (code.Length == 5 && code[4] == 'F') || (code.Length == 5 && code[0] == 'G' && Number(code[1..]) is >= 8395 and <= 9999);

    /// <summary>True for codes of new patients, false for established ones, null when the code does not say.</summary>
    public static bool? IsForNewPatient(string code)
    {
        if (Counterparts.Any(c => c.New == code) || Preventive.Any(p => p.New == code) || code == "99343")
            return true;
        return Counterparts.Any(c => c.Established == code) || Preventive.Any(p => p.Established == code) || code == "99211" ? false : null;
    }

    /// <summary>The age band a preventive-visit code is for; null when the code has none.</summary>
    public static (int FromYears, int ToYears)? AgeBand(string code)
    {
        foreach (var p in Preventive)
        {
            if (p.New == code || p.Established == code)
                return (p.From, p.To);
        }

        return null;
    }

    /// <summary>The code of the same service for this patient's age and history; the code itself when it already fits or has no counterpart.</summary>
    public static string For(string code, PatientFacts facts)
    {
        if (AgeBand(code) is { } band)
        {
            var age = facts.AgeYears is { } years and >= 0 ? years : band.FromYears;
            var row = Preventive.First(p => age >= p.From && age <= p.To);
            return facts.IsNewPatient ? row.New : row.Established;
        }

        foreach (var pair in Counterparts)
        {
            if (pair.New == code && !facts.IsNewPatient)
                return pair.Established;
            if (pair.Established == code && facts.IsNewPatient)
                return pair.New;
        }

        return code;
    }

    private static bool InRange(string code, int from, int to) => code.Length == 5 && Number(code) is { } n && n >= from && n <= to;

    private static int? Number(string code) =>
        int.TryParse(code, NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : null;
}
