using FhirEmr.BillingBridge.Ports;
using FhirEmr.Terminology;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Charges;

/// <summary>Encounter → CMS place of service, and which fee column a place uses.</summary>
public static class PlacesOfService
{
    /// <summary>Telehealth in the patient's home has its own place since this day; before it, 02 served both.</summary>
    private static readonly DateOnly HomeTelehealthSince = new(2022, 1, 1);

    private static readonly HashSet<string> FacilityPlaces =
        ["02", "06", "08", "19", "21", "22", "23", "24", "26", "31", "34", "41", "42", "51", "52", "53", "56", "61"];

    private static readonly HashSet<string> EquippedPlaces = ["19", "21", "22", "23", "24", "26", "31", "34", "41", "42", "51", "52", "53", "56", "61"];

    private static readonly HashSet<string> Known =
    [
        "01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "11", "12", "13", "14", "15", "16", "17", "18", "19", "20", "21", "22",
        "23", "24", "25", "26", "27", "31", "32", "33", "34", "41", "42", "49", "50", "51", "52", "53", "54", "55", "56", "57", "58", "60",
        "61", "62", "65", "66", "71", "72", "81", "99",
    ];

    /// <summary>Facility or non-facility price (billing spec POS-007).</summary>
    public static bool IsFacility(string? place) => place is not null && FacilityPlaces.Contains(place);

    /// <summary>Whether the place owns its equipment and bills for it: the clinician bills the professional component only (rule MOD-010).</summary>
    public static bool IsEquipped(string? place) => place is not null && EquippedPlaces.Contains(place);

    /// <summary>Whether CMS's list has the code.</summary>
    public static bool IsKnown(string place) => Known.Contains(place);

    /// <summary>A visit that was held over a distance, by its class or its type.</summary>
    public static bool IsVirtual(Encounter encounter) =>
        encounter.Class?.Code == "VR" || encounter.Type.SelectMany(t => t.Coding).Any(c => c.Code is "448337001" or "185317003" or "308720009");

    /// <summary>The place to bill; null when neither the location nor the class tells.</summary>
    public static string? Of(EncounterChart chart, DateOnly day)
    {
        foreach (var place in chart.Encounter.Location)
        {
            var coded = chart.Find<Location>(place.Location)?.Type.SelectMany(t => t.Coding).FirstOrDefault(c => c.System == CodeSystemUrls.PlaceOfService);
            if (coded?.Code is { Length: 2 } code)
                return code;
        }

        if (IsVirtual(chart.Encounter))
            return day >= HomeTelehealthSince ? "10" : "02";

        return chart.Encounter.Class?.Code switch
        {
            "AMB" => "11",
            "EMER" => "23",
            "IMP" or "ACUTE" or "NONAC" => "21",
            "OBSENC" or "SS" => "22",
            "HH" => "12",
            _ => null,
        };
    }
}
