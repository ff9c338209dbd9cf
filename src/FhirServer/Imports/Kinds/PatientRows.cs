using FhirEmr.BillingBridge.Claims;
using FhirEmr.FhirServer.Imports.Mapping;
using FhirEmr.FhirServer.Operations.Matching;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Storage;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Imports.Kinds;

/// <summary>People. Known by their number, then by what <c>$match</c> says; where that is not certain, a person decides.</summary>
internal sealed class PatientRows(CandidateSearch candidates) : ImportKind("patients",
[
    new("id", FieldForm.Text, "mrn", "medicalrecordnumber", "medrec", "medrecno", "patientid", "patientnumber", "patientno", "patid", "patnum", "ptid", "chart", "chartnumber", "chartno", "chartid", "accountnumber", "acctno", "account", "personid", "externalid", "clientid"),
    new("lastName", FieldForm.Text, "last", "lname", "lastnm", "patientlastname", "patlname", "ptlastname", "surname", "familyname", "family", "patientlast"),
    new("firstName", FieldForm.Text, "first", "fname", "firstnm", "patientfirstname", "patfname", "ptfirstname", "givenname", "given", "patientfirst", "legalfirstname"),
    new("middleName", FieldForm.Text, "middle", "mi", "mname", "middleinitial", "patientmiddlename", "patientmiddleinitial"),
    new("suffix", FieldForm.Text, "namesuffix", "patientsuffix", "generation"),
    new("fullName", FieldForm.Text, "name", "patient", "patientname", "ptname", "patientfullname", "clientname"),
    new("birthDate", FieldForm.BirthDate, "dob", "dateofbirth", "birthdate", "birthday", "patientdob", "patientbirthdate", "ptdob", "bdate", "birthdt"),
    new("sex", FieldForm.Sex, "gender", "patientsex", "patientgender", "legalsex", "administrativesex", "birthsex", "sexcode", "ptsex"),
    new("ssn", FieldForm.Ssn, "socialsecuritynumber", "socialsecurity", "ssnum", "ssno", "patientssn", "socsec"),
    new("homePhone", FieldForm.Phone, "phone", "phonenumber", "homephone", "homephonenumber", "telephone", "tel", "phone1", "phonehome", "primaryphone", "patientphone", "hmphone"),
    new("mobilePhone", FieldForm.Phone, "mobile", "cell", "cellphone", "mobilephone", "cellphonenumber", "mobilenumber", "phonecell", "phonemobile", "wirelessphone", "phone2"),
    new("workPhone", FieldForm.Phone, "work", "workphone", "businessphone", "wkphone", "workphonenumber", "phonework", "officephone", "employerphone"),
    new("email", FieldForm.Email, "emailaddress", "mail", "patientemail", "emailaddr"),
    new("address1", FieldForm.Text, "address", "addressline1", "street", "streetaddress", "street1", "addr1", "addr", "patientaddress", "patientaddress1", "homeaddress", "address1", "mailingaddress"),
    new("address2", FieldForm.Text, "addressline2", "street2", "addr2", "apt", "unit", "suite", "patientaddress2"),
    new("city", FieldForm.Text, "town", "patientcity", "homecity", "addresscity"),
    new("state", FieldForm.State, "st", "stateprovince", "province", "patientstate", "homestate", "addressstate"),
    new("zip", FieldForm.Zip, "zipcode", "postalcode", "zippostalcode", "postal", "patientzip", "patientzipcode", "homezip", "addresszip"),
    new("language", FieldForm.Text, "preferredlanguage", "primarylanguage", "lang"),
])
{
    /// <summary>Code and name of a language, by what it is called.</summary>
    private static readonly Dictionary<string, string> Languages = ValueWords.Of(
        "en English: english en eng", "es Spanish: spanish es spa", "fr French: french", "de German: german", "zh Chinese: chinese mandarin",
        "vi Vietnamese: vietnamese", "ko Korean: korean", "ru Russian: russian", "ar Arabic: arabic", "pt Portuguese: portuguese", "it Italian: italian",
        "ja Japanese: japanese", "hi Hindi: hindi", "pl Polish: polish");

    public override IReadOnlyList<string[]> Needs { get; } = [["lastName", "fullName"], ["birthDate"]];

    public override void Check(MappedRow row)
    {
        if (NameOf(row) is null)
            row.Fault(row["fullName"] is null ? "lastName" : "fullName", "Expected a last and a first name, as in \"Smith, John\".");
        row.Needed("birthDate");
    }

    public override IEnumerable<string> Keys(MappedRow row)
    {
        if (row["id"] is { } id)
            yield return "number " + id;
        if (row["ssn"] is { } ssn)
            yield return "social security number " + ssn;
        if (row["id"] is null)
            yield return NameKey(row);
    }

    private static string NameKey(MappedRow row) => $"name and birth date {NameOf(row)?.Last}|{NameOf(row)?.First}|{row["birthDate"]}".ToUpperInvariant();

    public override Task PrepareAsync(IReadOnlyList<MappedRow> rows, ImportScope scope, CancellationToken ct) => scope.PrepareAsync("Patient",
        rows.SelectMany(r => new[] { (scope.IdentifierSystem, r["id"]!), (BillingUrls.Ssn, r["ssn"]!) }).Where(i => i.Item2 is not null), ct);

    public override async Task<RowPlan> PlanAsync(MappedRow row, ImportScope scope, CancellationToken ct)
    {
        var proposed = Lay(row, new Patient { Active = true }, scope);
        var asked = PatientTraits.Of(Tree(proposed));
        // A patient's are also the numbers of the records that were merged into theirs.
        var byId = row["id"] is { } id ? await scope.PatientsAsync(await scope.WithIdentifierAsync("Patient", scope.IdentifierSystem, id, ct), ct) : [];
        var bySsn = row["ssn"] is { } ssn ? await scope.PatientsAsync(await scope.WithIdentifierAsync("Patient", BillingUrls.Ssn, ssn, ct), ct) : [];
        List<StoredResource> numbered = [.. byId, .. bySsn.Where(f => byId.All(n => n.Key != f.Key))];
        var (found, cut) = numbered.Count > 0 ? (numbered, []) : await candidates.FindAsync(asked, scope.Caller.Access, ct);
        if (numbered.Find(n => PatientTraits.Of(n.Json).ReplacedBy is not null) is { } lost)
            return await scope.ReviewAsync(row.Line, $"It is {lost.Key}, which was merged into a record that cannot be read.", proposed, null, [(lost.Key.ToString(), null)], ct);
        var graded = found.Select(c => (Stored: c, Traits: PatientTraits.Of(c.Json))).Where(c => c.Traits.ReplacedBy is null)
            .Select(c => (c.Stored, Score: MatchScore.Of(asked, c.Traits)))
            .OrderByDescending(c => c.Score.Value).ThenBy(c => c.Stored.Sid).ToList();

        // Relatives under one roof look possible; whoever shares a number and little else is somebody's mistake.
        var alike = graded.Where(c => numbered.Count > 0 || c.Score.Grade is MatchScore.Certain or MatchScore.Probable).ToList();
        if (alike.Count == 0)
        {
            // Of people with a common name and nothing else the same there may be any number, and none of them is likely; of those who share more, all have to be compared.
            if (cut.FirstOrDefault(c => CandidateSearch.Tells(c, asked)) is { } shared)
                return await scope.ReviewAsync(row.Line, $"More patients share {shared} with it than were compared.", proposed, null, [], ct);
            if (scope.LineBefore(row.Line, NameKey(row)) is { } before)
                return await scope.ReviewAsync(row.Line, $"Line {before} of the file has the same name and birth date.", proposed, null, [], ct);
            proposed.Id = scope.IdOfRow("Patient", row.Line.ToString(System.Globalization.CultureInfo.InvariantCulture));
            return RowPlan.Store(new PlannedWrite(proposed, 0));
        }

        var best = alike[0];
        var isSure = alike.Count == 1 && (byId.Any(n => n.Key == best.Stored.Key) || !HasOtherNumber(row, best.Stored, scope)) && (best.Score.Grade == MatchScore.Certain || (numbered.Count > 0 && best.Score.Grade == MatchScore.Probable));
        if (isSure && scope.OnDuplicate == OnDuplicate.Skip)
            return RowPlan.Skip($"In the record already: {best.Stored.Key}.");
        if (isSure && scope.OnDuplicate == OnDuplicate.Update)
        {
            var before = ImportScope.Parsed<Patient>(best.Stored);
            var after = Lay(row, ImportScope.Parsed<Patient>(best.Stored), scope);
            return after.IsExactly(before) ? RowPlan.Skip($"In the record already, the same: {best.Stored.Key}.") : RowPlan.Update(new PlannedWrite(after, best.Stored.Version));
        }

        var why = isSure ? $"It is in the record already: {best.Stored.Key}."
            : alike.Count > 1 ? $"It may be one of {alike.Count} patients." : $"It may be {best.Stored.Key}, and it is not certain.{(best.Score.Caution is { } caution ? " " + caution : "")}";
        return await scope.ReviewAsync(row.Line, why, proposed, best.Stored.Key.ToString(), alike.Take(5).Select(a => (a.Stored.Key.ToString(), (string?)a.Score.Grade)), ct);
    }

    /// <summary>Two numbers of one system are two records, or two people.</summary>
    private static bool HasOtherNumber(MappedRow row, StoredResource stored, ImportScope scope) => row["id"] is { } id
        && ImportScope.Parsed<Patient>(stored).Identifier.Where(i => i.System == scope.IdentifierSystem).ToList() is { Count: > 0 } numbers && !numbers.Exists(i => i.Value == id);

    private static FhirNode Tree(Patient patient) => FhirJsonReader.Read(FhirFormats.ToJson(patient), out _)!.Root;

    private static FullName? NameOf(MappedRow row)
    {
        if (row["lastName"] is { } last && row["firstName"] is { } first)
            return new(last, first, row["middleName"]);
        return row["fullName"] is { } full && FullName.Of(full) is { } name ? name with { Middle = row["middleName"] ?? name.Middle } : null;
    }

    /// <summary>What the row says, over what is there; what it does not say stays.</summary>
    private static Patient Lay(MappedRow row, Patient patient, ImportScope scope)
    {
        if (row["id"] is { } id && !patient.Identifier.Exists(i => i.System == scope.IdentifierSystem && i.Value == id))
            patient.Identifier.Add(new Identifier(scope.IdentifierSystem, id) { Type = new CodeableConcept("http://terminology.hl7.org/CodeSystem/v2-0203", "MR", "Medical record number") });
        if (row["ssn"] is { } ssn && !patient.Identifier.Exists(i => i.System == BillingUrls.Ssn && i.Value == ssn))
            patient.Identifier.Add(new Identifier(BillingUrls.Ssn, ssn) { Type = new CodeableConcept("http://terminology.hl7.org/CodeSystem/v2-0203", "SS", "Social Security number") });
        var (last, first, middle) = NameOf(row)!.Value;
        var name = patient.Name.Find(n => n.Use is null or HumanName.NameUse.Official or HumanName.NameUse.Usual);
        if (name is null)
            patient.Name.Add(name = new HumanName { Use = HumanName.NameUse.Official });
        if (name.Family != last || name.Given.FirstOrDefault() != first || (middle is not null && !name.Given.Skip(1).SequenceEqual([middle])))
        {
            name.Given = middle is null ? [first, .. name.Given.Skip(1)] : [first, middle];
            (name.Family, name.TextElement) = (last, null);
        }

        if (row["suffix"] is { } suffix)
            name.Suffix = [suffix];
        patient.BirthDate = row["birthDate"];
        if (row["sex"] is { } sex)
            patient.Gender = Enum.Parse<AdministrativeGender>(sex, ignoreCase: true);
        Contact(ContactPoint.ContactPointSystem.Phone, ContactPoint.ContactPointUse.Home, row["homePhone"]);
        Contact(ContactPoint.ContactPointSystem.Phone, ContactPoint.ContactPointUse.Mobile, row["mobilePhone"]);
        Contact(ContactPoint.ContactPointSystem.Phone, ContactPoint.ContactPointUse.Work, row["workPhone"]);
        Contact(ContactPoint.ContactPointSystem.Email, null, row["email"]);
        if (row["address1"] is not null || row["city"] is not null || row["zip"] is not null || row["state"] is not null)
        {
            var address = patient.Address.Find(a => a.Use is null or Address.AddressUse.Home);
            if (address is null)
                patient.Address.Add(address = new Address { Use = Address.AddressUse.Home });
            if (row["address1"] is { } line)
                address.Line = row["address2"] is { } second ? [line, second] : [line];
            address.City = row["city"] ?? address.City;
            address.State = row["state"] ?? address.State;
            address.PostalCode = row["zip"] ?? address.PostalCode;
            address.TextElement = null; // the words were those of the other address
        }

        if (row["language"] is { } language && patient.Communication.Count == 0)
            patient.Communication.Add(new() { Preferred = true, Language = Languages.TryGetValue(ValueReader.Plain(language), out var known) ? new CodeableConcept("urn:ietf:bcp:47", known[..2], known[3..], null) : new CodeableConcept { Text = language } });
        return patient;

        void Contact(ContactPoint.ContactPointSystem system, ContactPoint.ContactPointUse? use, string? value)
        {
            if (value is null || patient.Telecom.Exists(t => t.System == system && t.Value == value))
                return;
            if (patient.Telecom.Find(t => t.System == system && t.Use == use) is { } there)
                there.Value = value;
            else
                patient.Telecom.Add(new ContactPoint(system, use, value));
        }
    }
}
