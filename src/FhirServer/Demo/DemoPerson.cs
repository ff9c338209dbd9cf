using Hl7.Fhir.Model;
using static FhirEmr.FhirServer.Demo.DemoPayers;
using static FhirEmr.FhirServer.Demo.DemoVisitKind;
using static Hl7.Fhir.Model.AdministrativeGender;

namespace FhirEmr.FhirServer.Demo;

/// <summary>One patient of the demo practice.</summary>
/// <param name="AgeYears">On the day of the demo, so that children stay children.</param>
/// <param name="Payers">In order of liability.</param>
/// <param name="ScenarioDigits">Last two digits of the member ids, see <see cref="MemberScenarios"/>.</param>
/// <param name="Visits">Finished visits, oldest first.</param>
internal sealed record DemoPerson(
    int Number, string Given, string Family, AdministrativeGender Sex, int AgeYears,
    IReadOnlyList<DemoPayer> Payers, int ScenarioDigits, IReadOnlyList<DemoVisitKind> Visits)
{
    public string Id => $"demo-patient-{Number:D2}";

    /// <summary>Id of the n-th finished visit, from 1.</summary>
    public string EncounterId(int visit) => $"demo-encounter-{Number:D2}-{visit}";

    public static IReadOnlyList<DemoPerson> All { get; } =
    [
        new(1, "Alma", "Abernathy", Female, 72, [Medicare, SummitMutual], 12, [SeniorExam, PressureReview, Knee]),
        new(2, "Basil", "Barrowman", Male, 44, [BayHarbor], 25, [AdultExam, LipidVideo, BackPain]),
        new(3, "Clara", "Castellane", Female, 5, [StateMedicaid], 33, [ChildExam, EarPain]),
        new(4, "Dmitri", "Dunmore", Male, 58, [BayHarbor], 75, [DiabetesReview, PressureReview, VaccineOnly]),
        new(5, "Esther", "Eastlake", Female, 37, [SummitMutual], 18, [SoreThroat, AllergyVideo]),
        new(6, "Felix", "Farthingale", Male, 15, [BayHarbor], 41, [TeenExam, Ankle]),
        new(7, "Grace", "Greenhollow", Female, 81, [Medicare], 9, [SeniorExam, UrinarySymptoms, PressureReview]),
        new(8, "Hugo", "Harrowgate", Male, 49, [SummitMutual], 83, [AdultExam, Knee, VaccineOnly]),
        new(9, "Imani", "Ironwood", Female, 29, [BayHarbor], 52, [Cough, SinusVideo]),
        new(10, "Jonas", "Juniper", Male, 67, [Medicare, BayHarbor], 4, [DiabetesReview, SeniorExam, BackPain]),
        new(11, "Kavya", "Kestrel", Female, 34, [SummitMutual], 90, [UrinarySymptoms, AdultExam]),
        new(12, "Leon", "Larkspur", Male, 61, [BayHarbor], 60, [DiabetesReview, Cough]),
        new(13, "Maren", "Merriweather", Female, 8, [StateMedicaid], 21, [AsthmaReview, SoreThroat]),
        new(14, "Nils", "Northcott", Male, 40, [SummitMutual], 95, [BackPain, LipidVideo]),
        new(15, "Opal", "Oakhurst", Female, 55, [BayHarbor], 37, [AdultExam, Referred, PressureReview]),
        new(16, "Pavel", "Pemberley", Male, 76, [Medicare], 66, [PressureReview, SeniorExam, Referred]),
        new(17, "Lucia", "Quillfeather", Female, 23, [StateMedicaid], 98, [SoreThroat, AllergyVideo]),
        new(18, "Omar", "Ravenscroft", Male, 31, [BayHarbor], 14, [Ankle, SinusVideo]),
        new(19, "Nadia", "Silverton", Female, 69, [Medicare, StateMedicaid], 30, [SeniorExam, Fatigue, DiabetesReview]),
        new(20, "Mateo", "Thornbury", Male, 47, [SummitMutual], 72, [AsthmaReview, AdultExam, VaccineOnly]),
        new(21, "Joan", "Underhill", Female, 52, [SummitMutual], 45, [Fatigue, Knee]),
        new(22, "Kenji", "Vantongeren", Male, 2, [BayHarbor], 57, [ChildExam, EarPain]),
        new(23, "Fiona", "Whitlock", Female, 42, [BayHarbor], 48, [PressureReview, AllergyVideo, Cough]),
        new(24, "Elias", "Yarborough", Male, 64, [SummitMutual], 1, [AdultExam, DiabetesReview, SinusVideo]),
    ];
}
