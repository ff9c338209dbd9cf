using FhirEmr.FhirServer.Hl7V2.Syntax;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Hl7V2.Messages;

/// <summary>ADT^A01, A03, A04, A08, A11 beside the Patient itself: Encounter, Coverage, RelatedPerson.</summary>
internal static class AdmissionMap
{
    private const string ActCode = "http://terminology.hl7.org/CodeSystem/v3-ActCode";
    private const string RoleCode = "http://terminology.hl7.org/CodeSystem/v2-0063";

    public static IReadOnlyList<MappedResource> Map(MessageScope scope)
    {
        var all = new List<MappedResource>();
        if (scope.Message.First("PV1") is { } pv1 && Encounter(scope, pv1) is { } encounter)
            all.Add(encounter);
        else if (scope.Header.Event is "A01" or "A03" or "A11" && scope.Message.First("PV1") is null)
            scope.Fault(ErrorCodes.SegmentSequence, $"{scope.Header.Kind} needs the segment PV1.", new("PV1", 1));
        if (scope.Header.Event is "A11")
            return all; // it takes an admission back and says nothing else
        foreach (var in1 in scope.Message.All("IN1"))
            if (Coverage(scope, in1) is { } coverage && !all.Exists(m => m.Reference == coverage.Reference))
                all.Add(coverage);
        foreach (var segment in scope.Message.Segments)
        {
            var person = segment.Id switch
            {
                "NK1" => Related(scope, segment, segment[2], segment[3].First, segment[4], segment[5], null, null),
                "GT1" => Related(scope, segment, segment[3], segment[11].First, segment[5], segment[6], segment[8], segment[9].Text),
                _ => null,
            };
            if (person is not null && !all.Exists(m => m.Reference == person.Reference))
                all.Add(person);
        }

        return all;
    }

    private static MappedResource? Encounter(MessageScope scope, Segment pv1)
    {
        var number = pv1[19].Text ?? scope.Message.First("PID")?[18].Text;
        var (begin, end) = (scope.Time(pv1[44]), scope.Time(pv1[45]));
        if (number is null && begin is null)
            return null; // nothing by which the visit could be found again
        var classCode = pv1[2].Text;
        if (classCode is null)
        {
            scope.Fault(ErrorCodes.RequiredFieldMissing, "PV1-2, the class of the patient, is missing.", pv1[2].At);
            return null;
        }

        if (classCode == "N")
            return null; // not applicable: the message is about a person, not about a visit
        var encounter = new Encounter
        {
            Id = number is null ? scope.Id("visit", scope.Patient, begin!.Text) : scope.Id("visit", number),
            Subject = scope.Subject,
            Class = classCode switch
            {
                "I" => new Coding(ActCode, "IMP", "inpatient encounter"),
                "E" => new Coding(ActCode, "EMER", "emergency"),
                "P" => new Coding(ActCode, "PRENC", "pre-admission"),
                "B" => new Coding(ActCode, "OBSENC", "observation encounter"),
                "O" or "R" or "C" or "U" => new Coding(ActCode, "AMB", "ambulatory"),
                _ => new Coding("http://terminology.hl7.org/CodeSystem/v2-0004", Words.Code(classCode)),
            },
            Status = scope.Header.Event switch
            {
                "A11" => Hl7.Fhir.Model.Encounter.EncounterStatus.Cancelled,
                "A03" => Hl7.Fhir.Model.Encounter.EncounterStatus.Finished,
                "A08" when end is not null => Hl7.Fhir.Model.Encounter.EncounterStatus.Finished,
                _ when classCode == "P" => Hl7.Fhir.Model.Encounter.EncounterStatus.Planned,
                "A04" when classCode is "O" or "R" => Hl7.Fhir.Model.Encounter.EncounterStatus.Arrived,
                _ => Hl7.Fhir.Model.Encounter.EncounterStatus.InProgress,
            },
        };
        if (number is not null)
            encounter.Identifier.Add(new Identifier(Hl7V2Urls.CodeSystem(scope.Sender.Name, "visit"), Words.Line(number)) { Type = new CodeableConcept("http://terminology.hl7.org/CodeSystem/v2-0203", "VN") });
        var finished = end ?? (scope.Header.Event == "A03" ? Dtm.Parse(scope.Message.First("EVN")?[6].Text ?? scope.Message.First("EVN")?[2].Text ?? scope.Header.SentAt, scope.Sender.Zone) : null);
        if (begin is not null || finished is not null)
            encounter.Period = new Period { Start = begin?.Text, End = finished?.Text };
        Participants(scope, encounter, pv1[7], "ATND");
        Participants(scope, encounter, pv1[8], "REF");
        Participants(scope, encounter, pv1[17], "ADM");
        if (string.Join(' ', new[] { pv1[3].First[1], pv1[3].First[2], pv1[3].First[3] }.Select(Words.Line).OfType<string>()) is { Length: > 0 } place)
            encounter.Location.Add(new Encounter.LocationComponent { Location = new ResourceReference { Display = place } });
        if (pv1[10].HasValue)
            encounter.ServiceType = Words.Concept(pv1[10].First, scope.Sender);
        if (scope.Message.First("PV2") is { } pv2 && pv2[3].HasValue && Words.Concept(pv2[3].First, scope.Sender) is { } reason)
            encounter.ReasonCode.Add(reason);
        if (pv1[36].HasValue && Words.Concept(pv1[36].First, scope.Sender) is { } disposition)
            encounter.Hospitalization = new Encounter.HospitalizationComponent { DischargeDisposition = disposition };
        // A08 says what has changed of a visit, and not whether it is over.
        return new(encounter, pv1.At(), scope.AsOf) { KeepsStatus = scope.Header.Event == "A08" && end is null };
    }

    private static void Participants(MessageScope scope, Encounter encounter, Field field, string type)
    {
        foreach (var person in field.Repetitions.Select(r => Words.Person(r, scope.Sender)).OfType<ResourceReference>())
            encounter.Participant.Add(new Encounter.ParticipantComponent { Individual = person, Type = [new CodeableConcept("http://terminology.hl7.org/CodeSystem/v3-ParticipationType", type)] });
    }

    private static MappedResource? Coverage(MessageScope scope, Segment in1)
    {
        var (payer, member) = (Words.Line(in1[4].First[1] ?? in1[3].First[1]), Words.Line(in1[36].Text ?? in1[49].Text));
        if (payer is null)
        {
            scope.Fault(ErrorCodes.RequiredFieldMissing, "IN1-3 or IN1-4, the insurance company, is missing.", in1[3].At);
            return null;
        }

        var coverage = new Coverage
        {
            Id = scope.Id("coverage", scope.Patient, in1[3].First[1] ?? payer, member ?? in1[2].Text),
            Status = FinancialResourceStatusCodes.Active,
            Beneficiary = scope.Subject,
            SubscriberId = member,
            Order = int.TryParse(in1[22].Text ?? in1[1].Text, System.Globalization.CultureInfo.InvariantCulture, out var order) && order > 0 ? order : null,
        };
        var company = new ResourceReference { Display = payer };
        if (Words.Line(in1[3].First[1]) is { } id)
            company.Identifier = new Identifier(Hl7V2Urls.CodeSystem(scope.Sender.Name, "payer"), id);
        coverage.Payor.Add(company);
        if (in1[2].HasValue)
            coverage.Type = Words.Concept(in1[2].First, scope.Sender);
        if (scope.Time(in1[12]) is var from && scope.Time(in1[13]) is var until && (from ?? until) is not null)
            coverage.Period = new Period { Start = from?.Text, End = until?.Text };
        if (Words.Line(in1[8].Text) is { } group)
            coverage.Class.Add(new Coverage.ClassComponent { Type = new CodeableConcept("http://terminology.hl7.org/CodeSystem/coverage-class", "group"), Value = group, Name = Words.Line(in1[9].First[1]) });
        if (Words.Line(in1[2].Text) is { } plan)
            coverage.Class.Add(new Coverage.ClassComponent { Type = new CodeableConcept("http://terminology.hl7.org/CodeSystem/coverage-class", "plan"), Value = plan });
        if (Relationship(in1[17].Text) is { } relationship)
            coverage.Relationship = new CodeableConcept("http://terminology.hl7.org/CodeSystem/subscriber-relationship", relationship);
        if (Relationship(in1[17].Text) == "self")
            coverage.Subscriber = scope.Subject;
        return new(coverage, in1.At(), scope.AsOf);
    }

    /// <summary>HL7 table 0063.</summary>
    private static string? Relationship(string? code) => code switch
    {
        "SEL" or "18" or "01" => "self",
        "SPO" or "02" => "spouse",
        "CHD" or "NCH" or "SCH" or "19" or "03" => "child",
        "PAR" or "MTH" or "FTH" => "parent",
        "DOM" => "common",
        null => null,
        _ => "other",
    };

    private static MappedResource? Related(MessageScope scope, Segment segment, Field names, Repetition relation, Field places, Field phones, Field? born, string? gender)
    {
        var name = names.Repetitions.Select(Words.Name).OfType<HumanName>().FirstOrDefault();
        if (name is null || segment.Id == "GT1" && relation[1] is "SEL" or "18")
            return null; // who answers for themselves is the patient
        var person = new RelatedPerson
        {
            Id = scope.Id("related", scope.Patient, segment.Id, name.Family?.ToUpperInvariant(), name.Given.FirstOrDefault()?.ToUpperInvariant()),
            Active = true,
            Patient = scope.Subject,
            Name = [name],
            Gender = Words.Gender(gender),
        };
        if (Words.Concept(relation, scope.Sender) is { } how)
        {
            foreach (var coding in how.Coding.Where(c => c.System == Hl7V2Urls.CodeSystem(scope.Sender.Name, "local")))
                coding.System = RoleCode; // the table of the field, when nothing else is named
            person.Relationship.Add(how);
        }

        if (segment.Id == "GT1")
            person.Relationship.Add(new CodeableConcept { Text = "Guarantor" });
        if (born is { HasValue: true } day && scope.Time(day) is { } date)
            person.BirthDate = date.Day;
        person.Address.AddRange(places.Repetitions.Select(Words.Place).OfType<Address>());
        person.Telecom.AddRange(phones.Repetitions.Select(r => Words.Telecom(r, isWork: false)).OfType<ContactPoint>());
        return new(person, segment.At(), scope.AsOf);
    }
}
