using System.Text;
using FhirEmr.FhirServer.Security.Smart.Launch;

namespace FhirEmr.FhirServer.Security.Smart.Authorize;

/// <summary>Lets the user pick the patient, and the visit, that an app started from outside is about.</summary>
internal static class PickPages
{
    public const string Words = "patient_words";
    public const string Patient = "picked_patient";
    public const string Encounter = "picked_encounter";

    /// <summary>Goes on without a visit.</summary>
    public const string None = "-";

    public static Task PatientAsync(
        HttpContext http, string appName, string? words, IReadOnlyList<PatientChoice> patients, bool canSearch, IReadOnlyList<KeyValuePair<string, string>> carried, string redirectUri)
    {
        var list = new StringBuilder();
        foreach (var patient in patients)
            list.Append("<li><button name=\"").Append(Patient).Append("\" value=\"").Append(SmartPage.Text(patient.Id)).Append("\">").Append(SmartPage.Text(patient.Name))
                .Append("</button> ").Append(SmartPage.Text(string.Join(", ", new[] { patient.BirthDate is null ? null : $"born {patient.BirthDate}", patient.Gender, patient.Identifier }.OfType<string>()))).Append("</li>\n");
        var search = !canSearch ? "" : SmartPage.Form(carried, $"""
            <p><label>Name, birth date or identifier<br><input type="search" name="{Words}" value="{SmartPage.Text(words)}" autofocus></label>
            <button>Search</button></p>
            """);
        return SmartPage.WriteAsync(http, StatusCodes.Status200OK, "Which patient?", $"""
            <p><strong>{SmartPage.Text(appName)}</strong> works on the record of one patient.</p>
            {search}
            {(list.Length == 0 ? "<p>No patient matches.</p>" : SmartPage.Form(carried, $"<ul class=\"plain\">\n{list}</ul>\n"))}
            """, redirectUri);
    }

    public static Task EncounterAsync(
        HttpContext http, string appName, PatientChoice patient, IReadOnlyList<EncounterChoice> encounters, IReadOnlyList<KeyValuePair<string, string>> carried, string redirectUri)
    {
        var list = new StringBuilder();
        foreach (var encounter in encounters)
            list.Append("<li><button name=\"").Append(Encounter).Append("\" value=\"").Append(SmartPage.Text(encounter.Id)).Append("\">").Append(SmartPage.Text($"{encounter.Start} {encounter.Text}".Trim())).Append("</button></li>\n");
        return SmartPage.WriteAsync(http, StatusCodes.Status200OK, "Which visit?", $"""
            <p><strong>{SmartPage.Text(appName)}</strong> works on one visit of {SmartPage.Text(patient.Name)}.</p>
            {SmartPage.Form(carried, $"<ul class=\"plain\">\n{list}</ul>\n<button name=\"{Encounter}\" value=\"{None}\">None of them</button>\n")}
            """, redirectUri);
    }
}
