namespace FhirEmr.BillingBridge.X12.Transactions;

/// <summary>Which loop of the 837P guide an NM1 opens, by the level it stands in and its entity code.</summary>
internal static class LoopNames
{
    public static string Party(string level, string entity) => (level, entity) switch
    {
        ("header", "41") => "1000A",
        ("header", "40") => "1000B",
        ("20", "85") => "2010AA",
        ("20", "87") => "2010AB",
        ("20", "PE") => "2010AC",
        ("22", "IL") => "2010BA",
        ("22", "PR") => "2010BB",
        ("23", "QC") => "2010CA",
        ("2300", "DN" or "P3") => "2310A",
        ("2300", "82") => "2310B",
        ("2300", "77") => "2310C",
        ("2300", "DQ") => "2310D",
        ("2300", "PW") => "2310E",
        ("2300", "45") => "2310F",
        ("2320", "IL") => "2330A",
        ("2320", "PR") => "2330B",
        ("2320", "DN" or "P3") => "2330C",
        ("2320", "82") => "2330D",
        ("2320", "77") => "2330E",
        ("2320", "DQ") => "2330F",
        ("2320", "85") => "2330G",
        ("2400", "82") => "2420A",
        ("2400", "QB") => "2420B",
        ("2400", "77") => "2420C",
        ("2400", "DQ") => "2420D",
        ("2400", "DK") => "2420E",
        ("2400", "DN" or "P3") => "2420F",
        ("2400", "PW") => "2420G",
        ("2400", "45") => "2420H",
        _ => $"{level}/NM1*{entity}",
    };
}
