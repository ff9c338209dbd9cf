using FhirEmr.BillingBridge.Claims;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Demo;

/// <summary>Writes the record of one generated patient: check-ups and sick visits over the years, each with claim and EOB.</summary>
internal sealed class GeneratedRecord
{
    private const int YearsBack = 10;

    private readonly SeededRandom _random;
    private readonly GeneratedClinic _clinic;
    private readonly ChartWriter _chart;
    private readonly DateOnly _lastDay;
    private readonly DateOnly _birth;
    private readonly string _insurance;
    private string _patient = "";

    public GeneratedRecord(SeededRandom random, GeneratedClinic clinic, DateOnly lastDay)
    {
        _random = random;
        _clinic = clinic;
        _lastDay = lastDay;
        _chart = new ChartWriter(_ => random.Uuid(), Refer);
        _birth = lastDay.AddYears(-random.Between(1, 88)).AddDays(-random.Between(0, 364));
        _insurance = random.Between(1, 100) switch { <= 74 => "private", <= 92 => "medicaid", _ => "no_insurance" };
    }

    /// <summary>The record in the order Synthea writes it: the patient, the providers, then visit by visit.</summary>
    public IReadOnlyList<Resource> Write()
    {
        _patient = _chart.Add(Person());
        _chart.Add(_clinic.Organization);
        foreach (var clinician in _clinic.Clinicians)
            _chart.Add(clinician);

        var chronic = Age(_lastDay) >= 40 ? ClinicalCatalog.Hypertension : null;
        foreach (var day in VisitDays())
        {
            var visit = Visit(day);
            var isCheckUp = _random.Chance(45);
            var diagnoses = isCheckUp ? CheckUp(visit, chronic) : SickVisit(visit);
            chronic = isCheckUp ? null : chronic; // a chronic problem enters the chart once
            GeneratedClaims.Write(_chart, visit, Age(day) >= 65 ? "medicare" : _insurance, diagnoses, _random);
        }

        return _chart.Resources;
    }

    private List<string> CheckUp(VisitContext visit, Problem? chronic)
    {
        AddEncounter(visit, ClinicalCatalog.CheckUp);
        var age = Age(DateOnly.FromDateTime(visit.Start.DateTime));
        VitalSigns.Full(_chart, visit, age, _random);
        if (age >= 18 && _random.Chance(70))
            _chart.Report(visit, _random.Pick([ClinicalCatalog.BasicMetabolic, ClinicalCatalog.Lipids, ClinicalCatalog.BloodCount]), _random);
        if (_random.Chance(60))
            _chart.Immunize(visit, age < 7 ? _random.Pick([ClinicalCatalog.DTaP, ClinicalCatalog.Mmr]) : ClinicalCatalog.Influenza);
        _chart.Procedure(visit, ClinicalCatalog.MedicationReview);
        return chronic is null ? [] : [_chart.Condition(visit, chronic)];
    }

    private List<string> SickVisit(VisitContext visit)
    {
        AddEncounter(visit, _random.Pick([ClinicalCatalog.Symptom, ClinicalCatalog.ForProblem, ClinicalCatalog.FollowUp]));
        VitalSigns.Acute(_chart, visit, _random.Chance(30), _random);
        var drawn = _random.Pick(ClinicalCatalog.Everyday);
        var condition = _chart.Condition(visit, drawn with { Icd10Cm = null }, resolved: _random.Chance(80)); // Synthea codes SNOMED only
        if (drawn == ClinicalCatalog.StrepThroat)
            _chart.Procedure(visit, ClinicalCatalog.ThroatCulture, condition);
        if (_random.Chance(60))
            _chart.Prescribe(visit, _random.Pick(ClinicalCatalog.Drugs), condition);
        return [condition];
    }

    private void AddEncounter(VisitContext visit, Term type) => _chart.Add(new Encounter
    {
        Id = visit.Encounter["urn:uuid:".Length..],
        Status = Encounter.EncounterStatus.Finished,
        Class = new Coding(DemoUrls.ActCode, "AMB"),
        Type = [Coded.Snomed(type.Value, type.Display)],
        Subject = new ResourceReference(_patient),
        Participant = [new Encounter.ParticipantComponent { Individual = new ResourceReference(visit.Practitioner) }],
        Period = ChartWriter.PeriodOf(visit),
        ServiceProvider = new ResourceReference(visit.Organization),
    });

    private VisitContext Visit(DateOnly day)
    {
        var clinician = _random.Pick(_clinic.Clinicians);
        var start = new DateTimeOffset(day, new TimeOnly(13, 0), TimeSpan.Zero).AddMinutes(15 * _random.Between(0, 28));
        return new VisitContext(
            _patient, Refer("Encounter", _random.Uuid()), Refer(clinician.TypeName, clinician.Id!),
            Refer(_clinic.Organization.TypeName, _clinic.Organization.Id!), start, start.AddMinutes(_random.Pick([15, 30, 45])));
    }

    /// <summary>20 to 34 different days within ten years, or since birth, oldest first.</summary>
    private IEnumerable<DateOnly> VisitDays()
    {
        var earliest = _lastDay.AddYears(-YearsBack);
        if (_birth > earliest)
            earliest = _birth;
        var span = _lastDay.DayNumber - earliest.DayNumber;
        return Enumerable.Range(0, _random.Between(20, 34)).Select(_ => earliest.AddDays(_random.Between(0, span))).Distinct().Order();
    }

    private Patient Person()
    {
        var woman = _random.Chance(51);
        var (city, zip) = _random.Pick(InventedNames.Cities);
        var id = _random.Uuid();
        return new Patient
        {
            Id = id,
            Identifier = [new Identifier(DemoUrls.MedicalRecordNumber, id)],
            Name =
            [
                new HumanName
                {
                    Use = HumanName.NameUse.Official,
                    Family = _random.Pick(InventedNames.Families),
                    Given = [_random.Pick(woman ? InventedNames.Women : InventedNames.Men)],
                },
            ],
            Telecom = [Coded.Phone($"413-555-01{_random.Between(0, 99):D2}", ContactPoint.ContactPointUse.Home)],
            Gender = woman ? AdministrativeGender.Female : AdministrativeGender.Male,
            BirthDate = Coded.Day(_birth),
            Address =
            [
                new Address
                {
                    Line = [$"{_random.Between(1, 980)} {_random.Pick(InventedNames.Streets)}"],
                    City = city,
                    State = "Massachusetts",
                    PostalCode = _random.Chance(90) ? zip : null,
                    Country = "US",
                },
            ],
        };
    }

    private int Age(DateOnly day)
    {
        var years = day.Year - _birth.Year;
        return _birth.AddYears(years) > day ? years - 1 : years;
    }

    private static string Refer(string type, string id) => $"urn:uuid:{id}";
}
