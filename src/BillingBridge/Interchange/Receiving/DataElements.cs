namespace FhirEmr.BillingBridge.Interchange.Receiving;

/// <summary>Places that our readers find faults at → the number of the data element in the X12 dictionary (IK402).</summary>
internal static class DataElements
{
    /// <summary>Null for places not listed; IK402 is then left out.</summary>
    public static string? Number(string segment, int element, int? component) => (segment, element, component) switch
    {
        ("CLM", 1, _) => "1028",
        ("CLM", 2, _) or ("SV1", 2, _) or ("CLP", 3 or 4 or 5, _) or ("SVC", 2 or 3, _) or ("BPR", 2, _) or ("AMT", 2, _) or ("SVD", 2, _) => "782",
        ("CLM", 5, 1) => "1331",
        ("CLM", 5, 3) => "1325",
        ("CLP", 2, _) => "1029",
        ("HL", 1, _) => "628",
        ("HL", 2, _) => "734",
        ("HL", 3, _) => "735",
        ("NM1", 9, _) => "67",
        ("SV1", 1, 2) or ("SVC", 1, 2) => "234",
        ("SV1", 4, _) or ("QTY", 2, _) or ("SVC", 5 or 7, _) => "380",
        ("SV1", 7, not null) => "1328",
        ("DTP", 3, _) => "1251",
        ("BPR", 16, _) or ("DTM", 2, _) => "373",
        ("CAS", 1, _) => "1033",
        ("CAS", 2 or 5 or 8 or 11 or 14 or 17, _) => "1034",
        ("CAS", 3 or 6 or 9 or 12 or 15 or 18, _) => "782",
        ("CAS", 4 or 7 or 10 or 13 or 16 or 19, _) => "380",
        ("AAA", 3, _) => "901",
        ("BHT", 1, _) => "1005",
        _ => null,
    };
}
