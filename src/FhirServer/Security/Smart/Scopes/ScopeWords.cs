using System.Collections.Frozen;
using System.Text;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Security.Access.Scopes;

namespace FhirEmr.FhirServer.Security.Smart.Scopes;

/// <summary>Says in words what a scope lets an app do, for whoever is asked to allow it.</summary>
internal static class ScopeWords
{
    private static readonly FrozenDictionary<string, string> Types = new Dictionary<string, string>
    {
        ["AllergyIntolerance"] = "allergies and intolerances",
        ["Appointment"] = "appointments",
        ["Binary"] = "files",
        ["CarePlan"] = "care plans",
        ["CareTeam"] = "care teams",
        ["Claim"] = "claims to insurers",
        ["Communication"] = "messages",
        ["Condition"] = "health problems and diagnoses",
        ["Consent"] = "consents",
        ["Coverage"] = "insurance coverage",
        ["Device"] = "devices and implants",
        ["DiagnosticReport"] = "reports of tests and examinations",
        ["DocumentReference"] = "documents",
        ["Encounter"] = "visits",
        ["ExplanationOfBenefit"] = "insurers' statements",
        ["FamilyMemberHistory"] = "family history",
        ["Goal"] = "goals",
        ["ImagingStudy"] = "imaging studies",
        ["Immunization"] = "immunizations",
        ["Invoice"] = "bills",
        ["Location"] = "places of the practice",
        ["Medication"] = "medications",
        ["MedicationAdministration"] = "medications given",
        ["MedicationDispense"] = "medications dispensed",
        ["MedicationRequest"] = "prescriptions",
        ["MedicationStatement"] = "medications taken",
        ["Observation"] = "measurements, test results and other observations",
        ["Organization"] = "organizations",
        ["Patient"] = "name, birth date, address and contact data",
        ["Practitioner"] = "clinicians",
        ["PractitionerRole"] = "roles of clinicians",
        ["Procedure"] = "procedures",
        ["Provenance"] = "who wrote what",
        ["QuestionnaireResponse"] = "answers to questionnaires",
        ["RelatedPerson"] = "relatives and other contacts",
        ["ServiceRequest"] = "orders and referrals",
        ["Specimen"] = "specimens",
        ["Task"] = "tasks",
    }.ToFrozenDictionary();

    /// <param name="ofPatient">Whose record <c>patient/</c> is, as in <c>your record</c>.</param>
    public static string Of(string text, string ofPatient) => SmartScope.Parse(text) is { } scope ? Of(scope, ofPatient) : text switch
    {
        ScopeGrant.OpenId => "Know that it is you, by a number that stands for you",
        ScopeGrant.FhirUser => "Know who you are in the practice's records",
        ScopeGrant.Profile => "Know your name",
        ScopeGrant.Launch => "Know which patient and visit you have open",
        ScopeGrant.LaunchPatient => "Know which patient this is about",
        ScopeGrant.LaunchEncounter => "Know which visit this is about",
        ScopeGrant.Online => "Keep this access for as long as you are signed in here",
        ScopeGrant.Offline => "Keep this access when you are gone, until you take it back or have not used the app for a while",
        SmartScopes.Rights => "Use your rights beside records: administration, audit, money",
        _ => text,
    };

    private static string Of(SmartScope scope, string ofPatient)
    {
        var words = new StringBuilder(Doing(scope.Interactions));
        words.Append(' ').Append(scope.Type is null ? "everything" : Types.GetValueOrDefault(scope.Type) ?? Apart(scope.Type));
        foreach (var (name, value) in scope.Constraint)
            words.Append(" where ").Append(Apart(name.TrimStart('_'))).Append(" is ").Append(Value(value));
        return words.Append(scope.Context == ScopeContext.Patient ? $" in {ofPatient}" : " of every patient whom you may see").ToString();
    }

    private static string Doing(Interaction interactions)
    {
        var verbs = new List<string>();
        if (interactions.HasFlag(Interaction.Read))
            verbs.Add(interactions.HasFlag(Interaction.Search) ? "see" : "open one by one");
        else if (interactions.HasFlag(Interaction.Search))
            verbs.Add("search");
        if (interactions.HasFlag(Interaction.Create))
            verbs.Add("add");
        if (interactions.HasFlag(Interaction.Update))
            verbs.Add("change");
        if (interactions.HasFlag(Interaction.Delete))
            verbs.Add("delete");
        var text = verbs.Count > 1 ? string.Join(", ", verbs[..^1]) + " and " + verbs[^1] : verbs[0];
        return char.ToUpperInvariant(text[0]) + text[1..];
    }

    /// <summary>A code without its system; several are alternatives.</summary>
    private static string Value(string value) => string.Join(" or ", value.Split(',').Select(v => v[(v.LastIndexOf('|') + 1)..]));

    /// <summary>ImmunizationEvaluation → immunization evaluation.</summary>
    private static string Apart(string name)
    {
        var words = new StringBuilder();
        foreach (var c in name)
        {
            if (char.IsUpper(c) && words.Length > 0)
                words.Append(' ');
            words.Append(c == '-' ? ' ' : char.ToLowerInvariant(c));
        }

        return words.ToString();
    }
}
