using FhirEmr.BillingBridge.Charges;
using FhirEmr.Terminology;
using FhirEmr.Terminology.ConceptMaps;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.EvaluationManagement;

/// <summary>Record → facts (billing spec 4.2). Pure.</summary>
public sealed class VisitFactsReader(ITerminology terminology, ChronicConditions chronic)
{
    // SNOMED CT registered nurse and nurse; the HL7 role; NUCC registered and licensed practical nurses.
    private static readonly string[] Nurses = ["224535009", "106292003", "nurse"];
    private static readonly string[] NurseTaxonomies = ["163W", "164W"];

    /// <param name="record">What was gathered.</param>
    /// <param name="setting">The setting the caller names; null reads it from the encounter.</param>
    /// <param name="isMedicare">The first payer is Medicare.</param>
    /// <returns>Null when nothing tells the setting.</returns>
    public VisitFacts? Read(VisitRecord record, VisitSetting? setting, bool isMedicare)
    {
        (VisitSetting Setting, Support Support)? read = setting is { } named ? (named, new Support(record.EncounterReference, "The caller named the setting.")) : SettingReader.Read(record);
        if (read is not { } place)
            return null;

        var (isNew, status) = PatientStatus.Read(record);
        var answers = new EmDataAnswers(record);
        var coder = new DiagnosisCoder(terminology, new CodeChooser());
        var patient = PatientFacts.On(record.Day, record.Chart.Patient, isNew) with { Mapping = Mapping(record, isNew, isMedicare) };
        var problems = new ProblemReader(record, answers, coder, patient, chronic);
        var data = new DataReader(record, answers);
        var time = new TimeReader(record, answers);
        var problemFacts = problems.Read();
        var risk = new RiskReader(record, answers, problemFacts);
        var (dataFacts, riskFacts, times) = (data.Read(), risk.Read(), time.Read());
        var others = OtherServices(record).ToList();

        return new VisitFacts
        {
            Encounter = record.EncounterReference,
            Day = record.Day,
            Setting = place.Setting,
            SettingSupport = place.Support,
            IsNewPatient = isNew,
            PatientSupport = status,
            IsMedicare = isMedicare,
            Problems = problemFacts,
            Data = dataFacts,
            Risks = riskFacts,
            Times = times,
            NotCounted = [.. answers.NotCounted, .. problems.NotCounted, .. data.NotCounted, .. risk.NotCounted, .. time.NotCounted],
            Questions = [.. problems.Questions, .. risk.Questions, .. time.Questions],
            Longitudinal = answers.Of("longitudinal").Select(a => new Support(a.Response, "The clinician says that the visit is part of a continuing relationship.")).FirstOrDefault(),
            OtherService = others.Select(o => o.Support).FirstOrDefault(),
            OtherServiceIsPreventive = others.Count > 0 && others.TrueForAll(o => o.IsPreventive),
            StaffVisit = StaffVisit(record),
            HoursOfStay = SettingReader.HoursOfStay(record.Chart.Encounter),
        };
    }

    private static MappingContext Mapping(VisitRecord record, bool isNew, bool isMedicare) => new(
        ServiceDate: record.Day,
        BirthDate: DateOfService.From(record.Chart.Patient.BirthDate),
        Sex: record.Chart.Patient.Gender switch
        {
            AdministrativeGender.Female => "female",
            AdministrativeGender.Male => "male",
            _ => null,
        },
        IsNewPatient: isNew,
        EncounterClass: record.Chart.Encounter.Class?.Code,
        HasReason: true,
        IsMedicare: isMedicare);

    /// <summary>Services that put modifier 25 on the visit: minor procedures, vaccines, preventive visits.</summary>
    private static IEnumerable<(Support Support, bool IsPreventive)> OtherServices(VisitRecord record)
    {
        foreach (var charge in record.Charges)
            foreach (var code in charge.Code.Codes().Select(c => c.Code))
            {
                var isPreventive = CodeFacts.IsVaccineAdministration(code) || code is "G0402" or "G0438" or "G0439";
                if (isPreventive || GlobalPeriods.IsMinor(code) || CodeFacts.IsPreventiveVisit(code))
                    yield return (new($"ChargeItem/{charge.Id}", $"{code} is charged on the day."), isPreventive);
            }
    }

    private static Support? StaffVisit(VisitRecord record)
    {
        var people = record.Chart.Encounter.Participant.Select(p => record.PractitionerOf(p.Individual)).OfType<string>().Distinct().ToList();
        if (people.Count == 0)
            return null;
        var nurses = people.Select(p => record.AllRoles.FirstOrDefault(r => r.Practitioner?.Reference == p && IsNurse(r))).ToList();
        return nurses.TrueForAll(r => r is not null) ? new Support($"PractitionerRole/{nurses[0]!.Id}", "The patient was seen by clinical staff, not by a physician.") : null;
    }

    private static bool IsNurse(PractitionerRole role) => role.Code.Exists(c => c.HasAny(Nurses))
        || role.Specialty.SelectMany(s => s.Codes()).Any(c => c.System == CodeSystemUrls.ProviderTaxonomy && NurseTaxonomies.Any(t => c.Code.StartsWith(t, StringComparison.Ordinal)));
}
