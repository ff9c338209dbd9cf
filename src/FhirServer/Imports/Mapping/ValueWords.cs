namespace FhirEmr.FhirServer.Imports.Mapping;

/// <summary>Words that stand for a code, in lower case without blanks and signs.</summary>
internal static class ValueWords
{
    /// <summary>Administrative gender.</summary>
    public static Dictionary<string, string> Sexes { get; } = Of(
        "male: m male man boy", "female: f female woman girl w", "other: o other x nonbinary undifferentiated", "unknown: u unk unknown notspecified");

    /// <summary>Of the patient to the subscriber, by name or by its code in an 837.</summary>
    public static Dictionary<string, string> Relationships { get; } = Of(
        "self: self 18 s patient insured subscriber", "spouse: spouse 01 husband wife", "child: child 19 son daughter dependent",
        "parent: parent mother father", "common: common lifepartner domesticpartner 53", "other: other g8", "injured: injured");

    /// <summary>Which coverage pays first.</summary>
    public static Dictionary<string, string> Ranks { get; } = Of(
        "1: 1 p primary pri", "2: 2 s secondary sec", "3: 3 t tertiary ter");

    /// <summary>Appointment.status.</summary>
    public static Dictionary<string, string> AppointmentStatuses { get; } = Of(
        "booked: scheduled booked active new open rescheduled confirmed", "pending: pending", "arrived: arrived", "checked-in: checkedin",
        "fulfilled: completed complete fulfilled checkedout seen", "cancelled: cancelled canceled", "noshow: noshow missed");

    /// <summary>States and territories of the United States, by their two letters.</summary>
    public static Dictionary<string, string> States { get; } = Of(
        "AL: alabama", "AK: alaska", "AZ: arizona", "AR: arkansas", "CA: california", "CO: colorado", "CT: connecticut", "DE: delaware",
        "DC: districtofcolumbia", "FL: florida", "GA: georgia", "HI: hawaii", "ID: idaho", "IL: illinois", "IN: indiana", "IA: iowa", "KS: kansas",
        "KY: kentucky", "LA: louisiana", "ME: maine", "MD: maryland", "MA: massachusetts", "MI: michigan", "MN: minnesota", "MS: mississippi", "MO: missouri",
        "MT: montana", "NE: nebraska", "NV: nevada", "NH: newhampshire", "NJ: newjersey", "NM: newmexico", "NY: newyork", "NC: northcarolina",
        "ND: northdakota", "OH: ohio", "OK: oklahoma", "OR: oregon", "PA: pennsylvania", "RI: rhodeisland", "SC: southcarolina", "SD: southdakota",
        "TN: tennessee", "TX: texas", "UT: utah", "VT: vermont", "VA: virginia", "WA: washington", "WV: westvirginia", "WI: wisconsin", "WY: wyoming",
        "PR: puertorico", "GU: guam", "VI: virginislands", "AS: americansamoa", "MP: northernmarianaislands");

    /// <summary>Each code, a colon, its words.</summary>
    public static Dictionary<string, string> Of(params ReadOnlySpan<string> codes)
    {
        var words = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var code in codes)
            foreach (var word in code[(code.IndexOf(':', StringComparison.Ordinal) + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries))
                words.Add(word, code[..code.IndexOf(':', StringComparison.Ordinal)]);
        return words;
    }
}
