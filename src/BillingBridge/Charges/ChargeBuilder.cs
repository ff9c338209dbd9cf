using FhirEmr.BillingBridge.Ports;
using FhirEmr.Terminology;
using FhirEmr.Terminology.ConceptMaps;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Charges;

/// <summary>Chart → charge lines, unpriced. Pure: what it does not know it says in <see cref="ChargeSheet.Gaps"/>.</summary>
public sealed class ChargeBuilder(ITerminology terminology, ICodeChooser? chooser = null)
{
    private readonly ICodeChooser chooser = chooser ?? new CodeChooser();

    /// <param name="chart">The encounter and what surrounds it.</param>
    /// <param name="earlier">The patient's other visits; they decide new against established.</param>
    /// <param name="isMedicare">The first payer is Medicare, which has its own vaccine administration codes.</param>
    /// <param name="zone">The facility's time zone, or null to take days as written.</param>
    /// <param name="tables">Medicare's tables and the payer's wishes, for the modifiers that are proposed; none proposes fewer.</param>
    /// <returns>Null when the encounter has no usable start date: nothing can be dated, so nothing can be charged.</returns>
    public ChargeSheet? Build(EncounterChart chart, EarlierServices earlier, bool isMedicare, TimeZoneInfo? zone, ChargeTables? tables = null)
    {
        if (DateOfService.From(chart.Encounter.Period?.Start, zone) is not { } day)
            return null;

        var isNew = EncounterHistory.Last(chart, earlier, day, zone) is null;
        var facts = PatientFacts.On(day, chart.Patient, isNew) with { Mapping = Context(chart, day, isNew, isMedicare) };
        var services = new ServiceCoder(terminology, chooser);
        var coded = services.Code(chart, facts, day, isMedicare, zone);

        var diagnosisCoder = new DiagnosisCoder(terminology, chooser);
        var (diagnoses, diagnosisGaps) = diagnosisCoder.Code(
            chart, facts, coded.Any(l => CodeFacts.IsPreventiveVisit(l.Code)), coded.Any(l => CodeFacts.IsVaccineProduct(l.Code)));

        var place = PlacesOfService.Of(chart, day);
        var lines = coded
            .Select(l => (Line: l, Proposed: ProposedModifiers.For(l, coded, chart, earlier, place, tables ?? ChargeTables.None).ToList()))
            .Select(p => p.Line with
            {
                PlaceOfService = place,
                Modifiers = [.. p.Proposed.Select(m => m.Code).Concat(p.Line.Modifiers).Distinct()],
                Reasons = [.. p.Line.Reasons, .. p.Proposed.Select(m => $"{m.Code}: {m.Why}")],
                DiagnosisCodes = Pointers(p.Line, chart, diagnoses, diagnosisCoder, facts),
            })
            .ToList();

        return new ChargeSheet(EnteredCharges.Apply(lines, chart, day, place, diagnoses, zone), diagnoses, [.. services.Gaps, .. diagnosisGaps]);
    }

    private static MappingContext Context(EncounterChart chart, DateOnly day, bool isNew, bool isMedicare)
    {
        var encounter = chart.Encounter;
        return new MappingContext(
            ServiceDate: day,
            BirthDate: DateOfService.From(chart.Patient.BirthDate),
            Sex: chart.Patient.Gender switch
            {
                AdministrativeGender.Female => "female",
                AdministrativeGender.Male => "male",
                _ => null,
            },
            IsNewPatient: isNew,
            EncounterClass: encounter.Class?.Code,
            HasReason: encounter.ReasonCode.Count > 0 || encounter.ReasonReference.Count > 0 || encounter.Diagnosis.Count > 0,
            IsMedicare: isMedicare);
    }

    /// <summary>A service points at the conditions it was done for; a vaccine at Z23; a visit at all, four at most; the rest at the first.</summary>
    private static string[] Pointers(
        ChargeLine line, EncounterChart chart, IReadOnlyList<ChargeDiagnosis> diagnoses, DiagnosisCoder coder, PatientFacts facts)
    {
        if (diagnoses.Count == 0)
            return [];
        if (CodeFacts.IsVaccineProduct(line.Code) || CodeFacts.IsVaccineAdministration(line.Code))
        {
            var vaccination = diagnoses.FirstOrDefault(d => d.Code == "Z23");
            return [(vaccination ?? diagnoses[0]).Code];
        }

        if (CodeFacts.IsEvaluationAndManagement(line.Code))
        {
            // Z23 belongs to the vaccine lines; the visit names it only when it has nothing else.
            var visit = diagnoses.Where(d => d.Code != "Z23").Take(4).Select(d => d.Code).ToArray();
            return visit.Length > 0 ? visit : [diagnoses[0].Code];
        }

        var reasons = chart.OfType<Procedure>().Where(p => $"Procedure/{p.Id}" == line.Source)
            .SelectMany(p => p.ReasonReference.Select(r => chart.Find<Condition>(r)?.Code).Concat(p.ReasonCode))
            .OfType<CodeableConcept>()
            .SelectMany(c => coder.Map(c, line.Source, facts))
            .Select(d => d.Code)
            .Where(code => diagnoses.Any(d => d.Code == code))
            .Distinct().Take(4).ToArray();
        return reasons.Length > 0 ? reasons : [diagnoses[0].Code];
    }
}
