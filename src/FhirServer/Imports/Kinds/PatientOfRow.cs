using FhirEmr.FhirServer.Imports.Mapping;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Indexing;
using FhirEmr.FhirServer.Search.Query;

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
        new("patientBirthDate", FieldForm.Date, "dob", "birthdate", "dateofbirth", "patientdob", "ptdob"),
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
            var found = await scope.WithIdentifierAsync("Patient", scope.IdentifierSystem, id, ct);
            if (found.Count != 1)
                row.Fault("patientId", found.Count == 0 ? $"No patient has this number in {scope.IdentifierSystem}: import the patients first." : $"{found.Count} patients have this number.");
            else if (NameOf(row) is { } said && !IsCalled(found[0].Json, said.Last))
                row.Fault(row["patientLastName"] is null ? "patientName" : "patientLastName", "The patient with this number has another last name.");
            else
                return found[0].Key.ToString();
            return null;
        }

        var (last, first) = NameOf(row)!.Value;
        var named = (await scope.FindAsync("Patient", ct, ("birthdate", row["patientBirthDate"]!), ("family", SearchText.Escape(last)), ("given", SearchText.Escape(first))))
            .Where(p => IsCalled(p.Json, last)).ToList();
        if (named.Count == 1)
            return named[0].Key.ToString();
        row.Fault("patientBirthDate", named.Count == 0 ? "No patient has this name and birth date: import the patients first." : $"{named.Count} patients have this name and birth date: give the patient's number.");
        return null;
    }

    private static (string Last, string First)? NameOf(MappedRow row)
    {
        if (row["patientLastName"] is { } last)
            return row["patientFirstName"] is { } first ? (last, first) : null;
        if (row["patientName"]?.Split(',', 2, StringSplitOptions.TrimEntries) is [{ Length: > 0 } family, { Length: > 0 } given])
            return (family, given.Split(' ')[0]);
        return row["patientName"]?.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [var one, .., var two] ? (two, one) : null;
    }

    private static bool IsCalled(ReadOnlyMemory<byte> patient, string last)
    {
        foreach (var child in FhirJsonReader.Read(patient, out _)!.Root.Children)
            if (FhirNames.Name(child.NameId) == "name" && child.TextOf("family") is { } family && StringFolding.Fold(family) == StringFolding.Fold(last))
                return true;
        return false;
    }
}
