using FhirEmr.FhirServer.Imports.Mapping;
using FhirEmr.FhirServer.Operations.Matching;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Search.Query;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Imports.Kinds;

/// <summary>Whose row it is: by the number the patient was imported under, or else by name and birth date, when just one patient has both.</summary>
internal static class PatientOfRow
{
    public static readonly string[] Needed = ["patientId", "patientLastName", "patientName"];

    public static IReadOnlyList<ImportField> Fields { get; } =
    [
        new("patientId", FieldForm.Text, "mrn", "medicalrecordnumber", "medrec", "patientnumber", "patientno", "patid", "ptid", "chart", "chartnumber", "chartno", "chartid", "personid", "patientmrn", "clientid"),
        new("patientLastName", FieldForm.Text, "lastname", "last", "lname", "patientlast", "patlname", "ptlastname", "surname"),
        new("patientFirstName", FieldForm.Text, "firstname", "first", "fname", "patientfirst", "patfname", "ptfirstname"),
        new("patientName", FieldForm.Text, "name", "patient", "patientfullname", "ptname", "fullname", "clientname"),
        new("patientBirthDate", FieldForm.BirthDate, "dob", "birthdate", "dateofbirth", "patientdob", "ptdob"),
    ];

    public static void Check(MappedRow row)
    {
        if (row["patientId"] is null && (row["patientBirthDate"] is null || NameOf(row) is null))
            row.Fault("patientId", "Expected the patient's number, or the name and the birth date.");
    }

    public static Task PrepareAsync(IReadOnlyList<MappedRow> rows, ImportScope scope, CancellationToken ct) =>
        scope.PrepareAsync("Patient", rows.Select(r => (scope.IdentifierSystem, r["patientId"]!)).Where(i => i.Item2 is not null), ct);

    /// <summary>The patient; without one the row has a fault that says why.</summary>
    public static async Task<string?> FindAsync(MappedRow row, ImportScope scope, CancellationToken ct)
    {
        if (row["patientId"] is { } id)
        {
            var found = await scope.PatientsAsync(await scope.WithIdentifierAsync("Patient", scope.IdentifierSystem, id, ct), ct);
            if (found.Count != 1)
                row.Fault("patientId", found.Count == 0 ? $"No patient has this number in {scope.IdentifierSystem}: import the patients first." : $"{found.Count} patients have this number.");
            else if (PatientTraits.Of(found[0].Json).ReplacedBy is not null)
                row.Fault("patientId", $"The number is that of {found[0].Key}, which was merged into a record that cannot be read.");
            else if (PatientCandidates.Contradiction(Said(row), PatientTraits.Of(found[0].Json)) is { } why)
                row.Fault("patientId", why);
            else
                return found[0].Key.ToString();
            return null;
        }

        var (asked, name) = (Said(row), NameOf(row)!.Value);
        var named = await scope.PatientsAsync((await scope.FindAsync("Patient", ct, ("birthdate", row["patientBirthDate"]!), ("family", SearchText.Escape(name.Last)), ("given", SearchText.Escape(name.First))))
            .Where(p => IsCalled(PatientTraits.Of(p.Json), asked.Names[0])), ct);
        if (named.Count == 1 && PatientTraits.Of(named[0].Json).ReplacedBy is null)
            return named[0].Key.ToString();
        if (named.Count == 1)
        {
            row.Fault("patientBirthDate", $"This is {named[0].Key}, which was merged into a record that cannot be read.");
            return null;
        }

        row.Fault("patientBirthDate", named.Count == 0 ? "No patient has this name and birth date: import the patients first." : $"{named.Count} patients have this name and birth date: give the patient's number.");
        return null;
    }

    private static FullName? NameOf(MappedRow row) => row["patientLastName"] is { } last
        ? row["patientFirstName"] is { } first ? new(last, first, null) : null
        : row["patientName"] is { } full ? FullName.Of(full) : null;

    /// <summary>The patient as far as the row tells who it is.</summary>
    private static PatientTraits Said(MappedRow row)
    {
        var said = new Patient { BirthDate = row["patientBirthDate"] };
        if (NameOf(row) is { } name)
            said.Name.Add(new HumanName { Family = name.Last, Given = [name.First] });
        else if (row["patientLastName"] is { } last)
            said.Name.Add(new HumanName { Family = last });
        return PatientTraits.Of(FhirFormats.ToJson(said));
    }

    /// <summary>The search finds whoever's names begin so; here it has to be the whole name, though others may stand beside it.</summary>
    internal static bool IsCalled(PatientTraits patient, PersonName said) =>
        patient.Names.Exists(n => n.WholeFamily == said.WholeFamily && said.Given.All(n.Given.Contains));
}
