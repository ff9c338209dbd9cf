using FhirEmr.Terminology.Index;

namespace FhirEmr.Terminology.CodeSystems.PlaceOfService;

/// <summary>The place-of-service codes of a professional claim (CLM05-1, SV105), named in our own words.</summary>
public static class PlaceOfServiceTable
{
    private static readonly (string Code, string Name, bool IsFacility, DateOnly? From)[] Rows =
    [
        ("01", "Pharmacy", false, null),
        ("02", "Telehealth, patient not at home", true, new(2017, 1, 1)),
        ("03", "School", false, null),
        ("04", "Shelter for homeless people", false, null),
        ("05", "Indian Health Service clinic, free-standing", false, null),
        ("06", "Indian Health Service clinic of a hospital", true, null),
        ("07", "Tribal 638 clinic, free-standing", false, null),
        ("08", "Tribal 638 clinic of a hospital", true, null),
        ("09", "Prison", false, null),
        ("10", "Telehealth, patient at home", false, new(2022, 1, 1)),
        ("11", "Office", false, null),
        ("12", "Patient's home", false, null),
        ("13", "Assisted living", false, null),
        ("14", "Group home", false, null),
        ("15", "Mobile unit", false, null),
        ("16", "Hotel or other short stay", false, null),
        ("17", "Walk-in clinic in a shop", false, null),
        ("18", "Workplace", false, null),
        ("19", "Hospital outpatient, off the campus", true, new(2016, 1, 1)),
        ("20", "Urgent care", false, null),
        ("21", "Hospital inpatient", true, null),
        ("22", "Hospital outpatient, on the campus", true, null),
        ("23", "Hospital emergency room", true, null),
        ("24", "Ambulatory surgery center", true, null),
        ("25", "Birthing center", false, null),
        ("26", "Military hospital or clinic", true, null),
        ("27", "Street or outreach site", false, new(2023, 10, 1)),
        ("31", "Skilled nursing facility, skilled stay", true, null),
        ("32", "Nursing home", false, null),
        ("33", "Custodial care home", false, null),
        ("34", "Hospice", true, null),
        ("41", "Ambulance by land", true, null),
        ("42", "Ambulance by air or water", true, null),
        ("49", "Independent clinic", false, null),
        ("50", "Federally qualified health center", false, null),
        ("51", "Psychiatric hospital, inpatient", true, null),
        ("52", "Psychiatric hospital, day program", true, null),
        ("53", "Community mental health center", true, null),
        ("54", "Intermediate care for intellectual disability", false, null),
        ("55", "Residential addiction treatment", false, null),
        ("56", "Psychiatric residential center", true, null),
        ("57", "Addiction treatment without stay", false, null),
        ("58", "Opioid treatment without stay", false, new(2020, 1, 1)),
        ("60", "Mass vaccination site", false, null),
        ("61", "Rehabilitation hospital, inpatient", true, null),
        ("62", "Rehabilitation clinic, outpatient", false, null),
        ("65", "Dialysis center", false, null),
        ("66", "PACE center for the elderly", false, null),
        ("71", "Public health clinic", false, null),
        ("72", "Rural health clinic", false, null),
        ("81", "Independent laboratory", false, null),
        ("99", "Another place", false, null),
    ];

    /// <summary>Whether Medicare pays the facility rate there; null for a code that does not exist.</summary>
    public static bool? IsFacility(string code)
    {
        foreach (var row in Rows)
        {
            if (row.Code == code)
                return row.IsFacility;
        }

        return null;
    }

    internal static ShelvedEdition Edition()
    {
        var rows = Rows.Select(r => new ConceptRow(r.Code, r.Name, "", true, r.From, Properties: new Dictionary<string, string>
        {
            ["rate"] = r.IsFacility ? "facility" : "non-facility",
        })).ToArray();
        var edition = new Edition(
            "place-of-service", CodeSystemUrls.PlaceOfService, "codes", "1", EditionContent.Codes, IsComplete: true, DateOnly.MinValue, null, "",
            rows.Length, rows.Length, DateTimeOffset.UnixEpoch, "", "Wording by the FhirEmr project, Apache-2.0.");
        return new(edition, new(() => ConceptTable.Build(rows, Hierarchy.None)), null);
    }
}
