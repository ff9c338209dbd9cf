using FhirEmr.FhirServer.Hl7V2.Syntax;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Hl7V2.Messages;

/// <summary>PID (and MRG) → the person described, for finding the patient and for making or changing one.</summary>
internal static class PatientSegments
{
    private const string IdentifierTypes = "http://terminology.hl7.org/CodeSystem/v2-0203";

    /// <summary>Types of identifiers that are not a record's number: they find nobody by themselves.</summary>
    private static readonly HashSet<string> NotRecords = new(StringComparer.Ordinal) { "SS", "DL", "PPN", "MC", "MA", "MB", "AN", "VN", "BC", "NI", "CZ", "PT-TEMP" };

    /// <summary>The Patient as PID describes it, without an id; null with a fault when there is no PID.</summary>
    public static Patient? Read(MessageScope scope)
    {
        if (scope.Required("PID") is not { } pid)
            return null;
        if (scope.Message.All("PID").Skip(1).FirstOrDefault() is { } second)
            scope.Fault(ErrorCodes.SegmentSequence, "Messages about several patients at once are not taken: send one for each.", second.At());

        var patient = new Patient { Active = true };
        patient.Identifier.AddRange(Identifiers(pid[3], scope.Sender));
        foreach (var other in Identifiers(pid[2], scope.Sender).Concat(Identifiers(pid[4], scope.Sender)))
            if (!patient.Identifier.Exists(i => IsSame(i, other)))
                patient.Identifier.Add(other);
        if (pid[19].Text is { } ssn && !patient.Identifier.Exists(i => i.System == "http://hl7.org/fhir/sid/us-ssn"))
            patient.Identifier.Add(new Identifier("http://hl7.org/fhir/sid/us-ssn", Words.Line(ssn)) { Type = new CodeableConcept(IdentifierTypes, "SS") });
        patient.Name.AddRange(pid[5].Repetitions.Select(Words.Name).OfType<HumanName>());
        patient.Name.AddRange(pid[9].Repetitions.Select(Words.Name).OfType<HumanName>().Select(n => { n.Use ??= HumanName.NameUse.Old; return n; }));
        if (scope.Time(pid[7]) is { } born)
            patient.BirthDate = born.Day;
        patient.Gender = Words.Gender(pid[8].Text);
        if (pid[8].HasValue && patient.Gender is null)
            scope.Fault(ErrorCodes.TableValueNotFound, "PID-8 is no code of HL7 table 0001.", pid[8].At);
        patient.Address.AddRange(pid[11].Repetitions.Select(Words.Place).OfType<Address>());
        patient.Telecom.AddRange(pid[13].Repetitions.Select(r => Words.Telecom(r, isWork: false)).OfType<ContactPoint>());
        patient.Telecom.AddRange(pid[14].Repetitions.Select(r => Words.Telecom(r, isWork: true)).OfType<ContactPoint>());
        if (pid[15].HasValue && Words.Concept(pid[15].First, scope.Sender) is { } language)
            patient.Communication.Add(new Patient.CommunicationComponent { Language = language });
        if (pid[16].HasValue)
            patient.MaritalStatus = Words.Concept(pid[16].First, scope.Sender);
        if (pid[29].HasValue && scope.Time(pid[29]) is { } died)
            patient.Deceased = died.ToDateTime();
        else if (pid[30].Text is "Y" or "N")
            patient.Deceased = new FhirBoolean(pid[30].Text == "Y");
        if (patient.Identifier.Count == 0 && patient.Name.Count == 0)
            scope.Fault(ErrorCodes.RequiredFieldMissing, "PID-3 must hold an identifier of the patient.", pid[3].At);
        return patient;
    }

    /// <summary>Identifiers by which the sender's record of the patient is known: they settle who it is.</summary>
    public static IEnumerable<Identifier> RecordNumbers(Patient patient) =>
        patient.Identifier.Where(i => i.Value is { Length: > 0 } && i.System != "http://hl7.org/fhir/sid/us-ssn" && !(i.Type?.Coding.FirstOrDefault()?.Code is { } type && NotRecords.Contains(type)));

    /// <summary>MRG-1: the record that is merged away.</summary>
    public static IReadOnlyList<Identifier> Prior(MessageScope scope)
    {
        if (scope.Required("MRG") is not { } mrg)
            return [];
        var prior = Identifiers(mrg[1], scope.Sender).ToList();
        if (prior.Count == 0)
            scope.Fault(ErrorCodes.RequiredFieldMissing, "MRG-1 must hold the identifier of the record that is merged away.", mrg[1].At);
        return prior;
    }

    public static bool IsSame(Identifier one, Identifier other) => one.System == other.System && one.Value == other.Value;

    private static IEnumerable<Identifier> Identifiers(Field field, SenderProfile sender) => field.Repetitions.Where(cx => Words.Line(cx[1]) is not null)
        .Select(cx => new Identifier(sender.SystemOf(cx), Words.Line(cx[1])) { Type = Words.Code(cx[5]) is { } type ? new CodeableConcept(IdentifierTypes, type) : null });
}
