using System.Security;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Demo;

/// <summary>Writes the whole, faultless chart of one demo patient.</summary>
internal sealed class DemoChart
{
    /// <summary>The clinic's clock; written into every time so that the calendar date is the clinic's.</summary>
    private static readonly TimeSpan ClinicOffset = TimeSpan.FromHours(-5);

    /// <summary>What a visit of the third level takes, for a patient who is new and for one who is known (billing spec 4.1).</summary>
    private const int FirstVisitMinutes = 34;
    private const int VisitMinutes = 24;

    private readonly DemoPerson _person;
    private readonly DateOnly _today;
    private readonly IReadOnlyList<DateOnly>? _days;
    private readonly SeededRandom _random;
    private readonly ChartWriter _chart;
    private readonly Dictionary<string, int> _counters = [];

    /// <param name="days">The days of the visits, oldest first; null spreads them over the last two months.</param>
    public DemoChart(DemoPerson person, DateOnly today, IReadOnlyList<DateOnly>? days = null)
    {
        _person = person;
        _today = today;
        _days = days;
        _random = new SeededRandom(StableHash.Of("demo-chart", person.Id));
        _chart = new ChartWriter(NextId, (type, id) => $"{type}/{id}");
    }

    /// <summary>The patient, coverages, and the finished visits in order of time.</summary>
    public List<Resource> Write()
    {
        var patient = _chart.Add(Person());
        foreach (var (i, payer) in _person.Payers.Index())
        {
            var memberId = MadeUpNumbers.MemberId(payer, _person.Id, _person.ScenarioDigits);
            var start = new DateOnly((_days is [var first, ..] ? first : _today).Year - 1, 1, 1);
            _chart.Add(DemoPayers.ToCoverage(payer, $"demo-coverage-{_person.Number:D2}-{i + 1}", patient, memberId, i + 1, start, end: null));
        }

        foreach (var (i, kind) in _person.Visits.Index())
            Finished(patient, i + 1, kind);
        return _chart.Resources;
    }

    /// <summary>An open or coming encounter at the given hour.</summary>
    public static Encounter Open(DemoPerson person, string id, Encounter.EncounterStatus status, DateOnly day, int hour, DemoVisitKind kind)
    {
        var start = At(day, hour, 0);
        var encounter = Skeleton(person, id, kind, $"Practitioner/{ClinicianOf(person)}");
        encounter.Status = status;
        encounter.Period = new Period { Start = Coded.Time(start), End = null };
        return encounter;
    }

    /// <summary>A booked appointment; the encounter it becomes is named by the encounter.</summary>
    public static Appointment Booked(DemoPerson person, string id, DateOnly day, int hour, DemoVisitKind kind) => new()
    {
        Id = id,
        Meta = Coded.MadeUpMeta(),
        Status = Appointment.AppointmentStatus.Booked,
        ServiceType = [Coded.Snomed(kind.Type.Value, kind.Type.Display)],
        Start = At(day, hour, 0),
        End = At(day, hour, kind.Minutes),
        MinutesDuration = kind.Minutes,
        Participant =
        [
            .. new[] { $"Patient/{person.Id}", $"Practitioner/{ClinicianOf(person)}", $"Location/{DemoStaff.LocationId}" }
                .Select(actor => new Appointment.ParticipantComponent
                {
                    Actor = new ResourceReference(actor),
                    Status = ParticipationStatus.Accepted,
                }),
        ],
    };

    /// <summary>Children see the pediatrician, the others their own of the remaining three.</summary>
    private static string ClinicianOf(DemoPerson person) => DemoStaff.ClinicianId(person.AgeYears < 18 ? 3 : new[] { 1, 2, 4 }[person.Number % 3]);

    private void Finished(string patient, int number, DemoVisitKind kind)
    {
        var start = At(VisitDay(number), 9 + _person.Number % 7, _person.Number % 2 * 30);
        var practitioner = $"Practitioner/{ClinicianOf(_person)}";
        var encounterId = _person.EncounterId(number);
        var visit = new VisitContext(
            patient, $"Encounter/{encounterId}", practitioner, $"Organization/{DemoStaff.ClinicId}", start, start.AddMinutes(kind.Minutes));

        var encounter = Skeleton(_person, encounterId, kind, practitioner);
        encounter.Status = Encounter.EncounterStatus.Finished;
        encounter.Period = ChartWriter.PeriodOf(visit);
        _chart.Add(encounter);

        var conditions = kind.Problems.Select(problem => _chart.Condition(visit, problem)).ToList();
        encounter.Diagnosis =
        [
            .. conditions.Select((condition, i) => new Encounter.DiagnosisComponent { Condition = new ResourceReference(condition), Rank = i + 1 }),
        ];
        if (kind.IsCheckUp)
            VitalSigns.Full(_chart, visit, _person.AgeYears, _random);
        else if (kind.ClassCode == "AMB")
            VitalSigns.Acute(_chart, visit, kind.Fever, _random);
        foreach (var panel in kind.Panels)
            _chart.Report(visit, panel, _random);
        foreach (var procedure in kind.Procedures)
            _chart.Procedure(visit, procedure, conditions[0]);
        foreach (var vaccine in kind.Vaccines)
            _chart.Immunize(visit, vaccine);
        foreach (var drug in kind.Drugs)
            _chart.Prescribe(visit, drug, conditions[0]);
        _chart.Add(Note(visit, kind, number == 1));
    }

    private static Encounter Skeleton(DemoPerson person, string id, DemoVisitKind kind, string practitioner)
    {
        var encounter = new Encounter
        {
            Id = id,
            Meta = Coded.MadeUpMeta(),
            Class = new Coding(DemoUrls.ActCode, kind.ClassCode),
            Type = [Coded.Snomed(kind.Type.Value, kind.Type.Display)],
            Subject = new ResourceReference($"Patient/{person.Id}"),
            Participant = [Participant("PPRF", "primary performer", practitioner)],
            ServiceProvider = new ResourceReference($"Organization/{DemoStaff.ClinicId}"),
        };
        if (kind.ClassCode == "AMB")
            encounter.Location = [new Encounter.LocationComponent { Location = new ResourceReference($"Location/{DemoStaff.LocationId}") }];
        if (kind.IsReferred) // from the family physician to a colleague of the same house
            encounter.Participant.Add(Participant("REF", "referrer", $"Practitioner/{(practitioner.EndsWith("01", StringComparison.Ordinal) ? DemoStaff.ClinicianId(2) : DemoStaff.ClinicianId(1))}"));
        return encounter;
    }

    private static Encounter.ParticipantComponent Participant(string code, string display, string reference) => new()
    {
        Type = [Coded.Concept(DemoUrls.ParticipationType, code, display)],
        Individual = new ResourceReference(reference),
    };

    /// <summary>A signed progress note: claims are not made from unsigned ones (HDR-007).</summary>
    private Composition Note(VisitContext visit, DemoVisitKind kind, bool isFirst) => new()
    {
        Id = $"demo-note-{visit.Encounter["Encounter/demo-encounter-".Length..]}",
        Meta = Coded.MadeUpMeta(),
        Status = CompositionStatus.Final,
        Type = Coded.Loinc("11506-3", "Progress note"),
        Subject = new ResourceReference(visit.Patient),
        Encounter = new ResourceReference(visit.Encounter),
        Date = Coded.Time(visit.End),
        Author = [new ResourceReference(visit.Practitioner)],
        Title = $"Progress note: {kind.Type.Display}",
        Attester =
        [
            new Composition.AttesterComponent
            {
                Mode = Composition.CompositionAttestationMode.Legal,
                Time = Coded.Time(visit.End),
                Party = new ResourceReference(visit.Practitioner),
            },
        ],
        Custodian = new ResourceReference(visit.Organization),
        Section =
        [
            Section("10164-2", "History of present illness", $"{_person.Given} {_person.Family}, {_person.AgeYears}. {kind.Story}"),
            Section("51848-0", "Assessment", string.Join("; ", kind.Problems.Select(problem => problem.Display)) + "."),
            Section("18776-5", "Plan of care note", $"{kind.Plan} Total time spent on the day of the visit: {(isFirst ? FirstVisitMinutes : VisitMinutes)} minutes."),
        ],
    };

    private static Composition.SectionComponent Section(string loinc, string title, string text) => new()
    {
        Title = title,
        Code = Coded.Loinc(loinc, title),
        Text = new Narrative
        {
            Status = Narrative.NarrativeStatus.Generated,
            Div = $"<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>{SecurityElement.Escape(text)}</p></div>",
        },
    };

    private Patient Person()
    {
        var (city, zip) = InventedNames.Cities[_person.Number % InventedNames.Cities.Count];
        return new Patient
        {
            Id = _person.Id,
            Meta = Coded.MadeUpMeta(),
            Identifier = [new Identifier(DemoUrls.MedicalRecordNumber, $"LSFP-{_person.Number:D4}") { Type = Coded.Concept(DemoUrls.IdentifierType, "MR", "Medical record number") }],
            Active = true,
            Name = [new HumanName { Use = HumanName.NameUse.Official, Family = _person.Family, Given = [_person.Given] }],
            Telecom = [Coded.Phone($"413-555-01{_person.Number:D2}", ContactPoint.ContactPointUse.Home)],
            Gender = _person.Sex,
            BirthDate = Coded.Day(_today.AddYears(-_person.AgeYears).AddDays(-(_person.Number * 37 % 330) - 3)),
            Address =
            [
                new Address
                {
                    Use = Address.AddressUse.Home,
                    Line = [$"{_person.Number * 11 + 3} {InventedNames.Streets[_person.Number % InventedNames.Streets.Count]}"],
                    City = city,
                    State = "MA",
                    PostalCode = zip,
                    Country = "US",
                },
            ],
            ManagingOrganization = new ResourceReference($"Organization/{DemoStaff.ClinicId}"),
        };
    }

    /// <summary>A working day in the last 60, at least two weeks after the visit before.</summary>
    private DateOnly VisitDay(int number)
    {
        if (_days is not null)
            return _days[number - 1];
        var weeksBetween = 54 / _person.Visits.Count / 7;
        var daysBack = 3 + _person.Number * 5 % 9 + (_person.Visits.Count - number) * weeksBetween * 7;
        var day = _today.AddDays(-daysBack);
        return day.DayOfWeek switch
        {
            DayOfWeek.Saturday => day.AddDays(-1),
            DayOfWeek.Sunday => day.AddDays(-2),
            _ => day,
        };
    }

    private string NextId(string type)
    {
        var count = _counters[type] = _counters.GetValueOrDefault(type) + 1;
        return $"demo-{type.ToLowerInvariant()}-{_person.Number:D2}-{count}";
    }

    private static DateTimeOffset At(DateOnly day, int hour, int minute) => new DateTimeOffset(day, new TimeOnly(hour, 0), ClinicOffset).AddMinutes(minute);
}
