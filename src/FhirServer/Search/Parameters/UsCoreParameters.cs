using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Search.Parameters;

/// <summary>Search parameters that US Core 6.1 adds to those of R4; its others are R4's own under another address.</summary>
/// <remarks>They are built in rather than read from the package: a server answers by them whether its packages are installed or not, and from the first write on.</remarks>
internal static class UsCoreParameters
{
    /// <summary>Where their definitions stand.</summary>
    public const string Urls = "http://hl7.org/fhir/us/core/SearchParameter/";

    private const string Extensions = "http://hl7.org/fhir/us/core/StructureDefinition/";

    private static readonly (string Type, string Code, SearchParamType Kind, string Expression, string Name)[] All =
    [
        ("CareTeam", "role", SearchParamType.Token, "CareTeam.participant.role", "us-core-careteam-role"),
        ("Condition", "asserted-date", SearchParamType.Date, "Condition.extension('http://hl7.org/fhir/StructureDefinition/condition-assertedDate').value", "us-core-condition-asserted-date"),
        ("Encounter", "discharge-disposition", SearchParamType.Token, "Encounter.hospitalization.dischargeDisposition", "us-core-encounter-discharge-disposition"),
        ("Goal", "description", SearchParamType.Token, "Goal.description", "us-core-goal-description"),

        // The codes of both categories and of what is detailed below them; their texts are not codes.
        ("Patient", "race", SearchParamType.Token, $"Patient.extension('{Extensions}us-core-race').extension.value.ofType(Coding)", "us-core-race"),
        ("Patient", "ethnicity", SearchParamType.Token, $"Patient.extension('{Extensions}us-core-ethnicity').extension.value.ofType(Coding)", "us-core-ethnicity"),
        ("Patient", "gender-identity", SearchParamType.Token, $"Patient.extension('{Extensions}us-core-genderIdentity').value", "us-core-patient-gender-identity"),
    ];

    public static IEnumerable<SearchParam> Of(string type, Func<string, string, int> numberOf) =>
        All.Where(p => p.Type == type).Select(p => new SearchParam(numberOf(type, p.Code), type, p.Code, p.Kind, p.Expression, [], Urls + p.Name));
}
