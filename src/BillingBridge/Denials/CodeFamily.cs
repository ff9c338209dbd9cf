using System.Globalization;

namespace FhirEmr.BillingBridge.Denials;

/// <summary>Procedure codes by the sections of their code sets, in our own words, for patterns of denials.</summary>
public static class CodeFamily
{
    private static readonly (int From, int To, string Name)[] Sections =
    [
        (100, 1999, "anesthesia"), (10004, 19499, "skin and breast procedures"), (20100, 29999, "musculoskeletal procedures"), (30000, 32999, "respiratory procedures"),
        (33016, 37799, "heart and vessel procedures"), (38100, 49999, "digestive and blood-system procedures"), (50010, 58999, "urinary and genital procedures"),
        (59000, 59899, "maternity care"), (60000, 64999, "endocrine and nerve procedures"), (65091, 69990, "eye and ear procedures"), (70010, 79999, "imaging"),
        (80047, 89398, "laboratory"), (90281, 90399, "immune globulins"), (90460, 90474, "vaccine administration"), (90476, 90759, "vaccines"), (90785, 90899, "psychiatry"),
        (92002, 92499, "eye examinations"), (92502, 92700, "ear, nose and speech services"), (92920, 93998, "cardiology"), (94002, 94799, "pulmonary services"), (95004, 95199, "allergy services"),
        (96360, 96549, "infusions and injections"), (97010, 97799, "therapy"), (99202, 99215, "office visits"), (99221, 99239, "hospital visits"), (99242, 99255, "consultations"),
        (99281, 99288, "emergency visits"), (99304, 99318, "nursing-facility visits"), (99341, 99350, "home visits"), (99381, 99429, "preventive visits"), (99202, 99499, "other visits and care management"),
    ];

    /// <summary>The family of a code; <c>claim as a whole</c> for none.</summary>
    public static string Of(string? code)
    {
        if (code is not { Length: > 0 })
            return "claim as a whole";
        if (code.Length == 5 && int.TryParse(code, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            return Array.Find(Sections, s => number >= s.From && number <= s.To).Name ?? "other medicine";
        return code[0] switch
        {
            'J' or 'Q' => "drugs",
            'E' or 'K' or 'L' => "equipment and supplies",
            'A' => "supplies and transport",
            _ => "other HCPCS services",
        };
    }
}
