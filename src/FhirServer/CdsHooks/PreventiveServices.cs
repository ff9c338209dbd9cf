using FhirEmr.Terminology;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.CdsHooks;

/// <summary>What is looked for at <c>patient-view</c>, in the order of its cards. Our own short list, in our words: of what the USPSTF grades A or B, the CDC's schedule for adults, and the ADA's standards for diabetes.</summary>
/// <remarks>It holds what a record of a practice can answer. What needs a history nobody codes (smoking for years, a parent's cancer) is not in it; docs/cds-hooks.md says so.</remarks>
internal static class PreventiveServices
{
    private const string Uspstf = "U.S. Preventive Services Task Force", Cdc = "CDC adult immunization schedule", Ada = "ADA Standards of Care";

    private static readonly string[] Diabetes = ["E08", "E09", "E10", "E11", "E13"];

    public static IReadOnlyList<PreventiveService> All { get; } =
    [
        new("Colorectal cancer screening", 45, 75,
        [
            new(120, "45378", "45379", "45380", "45381", "45382", "45384", "45385", "45388", "45390", "45391", "45392", "45393", "45398", "G0105", "G0121"), // colonoscopy
            new(60, "45330", "45331", "45333", "45335", "45338", "G0104", "74263"), // sigmoidoscopy, CT colonography
            new(36, "81528", "77353-1", "77354-9"), // stool DNA
            new(12, "82270", "82274", "G0328", "29771-3", "57905-2", "56490-6", "58453-2"), // stool blood
        ], Cpt("82274", "Fecal immunochemical test"), Uspstf) { NotWith = ["C18", "C19", "C20", "Z9049", "Z85038"] },

        new("Mammography", 40, 74, [new(24, "77065", "77066", "77067", "G0202", "G0204", "G0206", "24604-1", "24605-8", "24606-6", "26346-7", "36319-2", "38070-9")],
            Cpt("77067", "Screening mammography, both breasts"), Uspstf) { Sex = AdministrativeGender.Female, NotWith = ["Z9013"] },

        new("Cervical cancer screening", 21, 65,
        [
            new(36, "88141", "88142", "88143", "88147", "88148", "88150", "88152", "88153", "88164", "88165", "88166", "88167", "88174", "88175", "G0123", "G0143", "G0144", "G0145", "G0147", "G0148", "P3000", "10524-7", "18500-9", "19762-4", "19764-0", "19765-7", "19766-5", "47527-7"),
            new(60, "87624", "87625", "G0476", "21440-3", "30167-1", "59420-0", "77379-6", "82675-0"), // human papillomavirus
        ], Cpt("88175", "Cervical cytology"), Uspstf) { Sex = AdministrativeGender.Female, NotWith = ["Z90710", "Z90712", "C53"] },

        new("Bone density measurement", 65, null, [new(null, "77080", "77081", "77085", "38263-0", "24701-5")], Cpt("77080", "Bone density (DXA), axial skeleton"), Uspstf)
            { Sex = AdministrativeGender.Female, NotWith = ["M80", "M81"] },

        new("Hepatitis C screening", 18, 79, [new(null, "86803", "86804", "87520", "87521", "87522", "G0472", "16128-1", "13955-0", "5199-5", "11259-9", "11011-4", "5198-7")],
            Cpt("86803", "Hepatitis C antibody"), Uspstf) { NotWith = ["B182", "B1920", "B1921", "B1710", "B1711"] },

        new("Depression screening", 12, null, [new(12, "96127", "G0444", "G8431", "G8510", "44249-1", "44261-6", "55757-9", "55758-7", "89204-2", "89205-9")],
            new Coding(CodeSystemUrls.Cpt, "96127", "Brief behavioral assessment"), Uspstf) { NotWith = ["F31", "F32", "F33"] },

        new("Influenza vaccine", 1, null, [new(12, "88", "135", "140", "141", "144", "149", "150", "153", "155", "158", "161", "166", "168", "171", "185", "186", "197", "205", "231", "320", "90630", "90653", "90656", "90658", "90660", "90661", "90662", "90672", "90673", "90674", "90682", "90685", "90686", "90687", "90688", "90694", "90756")],
            Cpt("90686", "Influenza vaccine"), Cdc),

        new("Tetanus booster", 19, null, [new(120, "09", "113", "115", "138", "139", "196", "90714", "90715")], Cpt("90715", "Tdap vaccine"), Cdc),

        new("Pneumococcal vaccine", 50, null, [new(null, "33", "133", "152", "215", "216", "327", "90670", "90671", "90677", "90684", "90732")], Cpt("90677", "Pneumococcal conjugate vaccine"), Cdc),

        new("Zoster vaccine", 50, null, [new(null, "187", "90750") { Times = 2 }], Cpt("90750", "Zoster vaccine, recombinant"), Cdc),

        new("Hemoglobin A1c", 18, null, [new(6, "83036", "83037", "3044F", "3046F", "3051F", "3052F", "4548-4", "4549-2", "17856-6", "59261-8", "41995-2")], Cpt("83036", "Hemoglobin A1c"), Ada) { OnlyWith = Diabetes },

        new("Diabetic eye examination", 18, null, [new(12, "92002", "92004", "92012", "92014", "92134", "92227", "92228", "92229", "92250", "2022F", "2023F", "2024F", "2025F", "2026F", "2033F", "3072F")],
            Cpt("92250", "Fundus photography"), Ada) { OnlyWith = Diabetes },

        new("Urine albumin to creatinine ratio", 18, null, [new(12, "82043", "82044", "9318-7", "14959-1", "32294-1", "13705-9", "30000-4", "14957-5", "14958-3")],
            Cpt("82043", "Urine albumin, quantitative"), Ada) { OnlyWith = Diabetes, NotWith = ["N186", "Z992"] },
    ];

    /// <summary>All codes, for the searches that ask whether they were done.</summary>
    public static string Codes { get; } = string.Join(',', All.SelectMany(s => s.Ways).SelectMany(w => w.Codes).Distinct());

    private static Coding Cpt(string code, string display) => new(CodeSystemUrls.Cpt, code, display);
}
