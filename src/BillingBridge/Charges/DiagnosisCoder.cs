using FhirEmr.BillingBridge.Ports;
using FhirEmr.Terminology;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Charges;

/// <summary>The encounter's diagnoses in ICD-10-CM, in the order they are reported.</summary>
/// <remarks>
/// Order: <c>Encounter.diagnosis</c> by rank, the encounter's reasons, the conditions the services were for, the other conditions of
/// this encounter. A routine examination puts its Z code first; another encounter type's own code is used only when nothing else is known.
/// Uncertain conditions (provisional, differential, refuted) are not reported by outpatient practices and are left out.
/// </remarks>
internal sealed class DiagnosisCoder(ITerminology terminology, ICodeChooser chooser)
{
    /// <summary>HI segments of one claim hold twelve (billing spec DX-002).</summary>
    public const int Limit = 12;

    private const string VaccinationEncounter = "Z23";

    public (IReadOnlyList<ChargeDiagnosis> Diagnoses, IReadOnlyList<CodingGap> Gaps) Code(
        EncounterChart chart, PatientFacts facts, bool isPreventive, bool hasVaccine)
    {
        var found = new List<ChargeDiagnosis>();
        var gaps = new List<CodingGap>();
        var encounter = chart.Encounter;
        var encounterRef = $"Encounter/{encounter.Id}";
        var typeCodes = FromEncounterType(chart, facts);

        if (isPreventive)
            AddAll(typeCodes);

        foreach (var entry in encounter.Diagnosis.OrderBy(d => d.Rank ?? int.MaxValue))
            AddCondition(chart.Find<Condition>(entry.Condition));
        foreach (var reason in encounter.ReasonCode)
            AddConcept(reason, encounterRef);
        foreach (var reason in encounter.ReasonReference)
            AddCondition(chart.Find<Condition>(reason));
        foreach (var reason in Services(chart).SelectMany(s => s))
            AddCondition(chart.Find<Condition>(reason));
        foreach (var condition in chart.OfType<Condition>().Where(c => IsOf(c.Encounter, encounter)))
            AddCondition(condition);

        if (found.Count == 0)
            AddAll([.. FromProcedures(chart, facts)]);
        if (found.Count == 0)
            AddAll(typeCodes);
        if (hasVaccine)
            Add(new ChargeDiagnosis(VaccinationEncounter, null, encounterRef));

        foreach (var left in found.Skip(Limit))
        {
            gaps.Add(new CodingGap(
                CodingGapKind.DiagnosisOverflow, left.Source, CodeSystemUrls.Icd10Cm, left.Code, left.Display,
                "A claim holds twelve diagnoses; this one was left off. Reorder them or split the claim if it matters here."));
        }

        return ([.. found.Take(Limit)], gaps);

        void AddAll(IReadOnlyList<ChargeDiagnosis> diagnoses)
        {
            foreach (var diagnosis in diagnoses)
                Add(diagnosis);
        }

        void Add(ChargeDiagnosis diagnosis)
        {
            if (found.Exists(d => ChargeDiagnosis.Plain(d.Code) == ChargeDiagnosis.Plain(diagnosis.Code)))
                return;
            found.Add(diagnosis);
            if (diagnosis.NeedsChoice)
            {
                gaps.Add(new CodingGap(
                    CodingGapKind.DiagnosisChoice, diagnosis.Source, CodeSystemUrls.Icd10Cm, diagnosis.Code, diagnosis.Display,
                    "The map offers several codes; choose one on the condition."));
            }
        }

        void AddCondition(Condition? condition)
        {
            if (condition is not null && IsCertain(condition))
                AddConcept(condition.Code, $"Condition/{condition.Id}");
        }

        void AddConcept(CodeableConcept? concept, string source)
        {
            if (concept is null || concept.Codes().FirstOrDefault() is not { } coding)
                return;
            var mapped = Map(concept, source, facts);
            if (mapped.Count > 0)
            {
                AddAll(mapped);
                return;
            }

            var alreadyTold = gaps.Exists(g => g.Kind == CodingGapKind.Diagnosis && g.System == coding.System && g.Code == coding.Code);
            if (!alreadyTold && !IsKnownAsNotReported(concept))
            {
                gaps.Add(new CodingGap(
                    CodingGapKind.Diagnosis, source, coding.System, coding.Code, coding.Display,
                    "No ICD-10-CM code is mapped to it; add an ICD-10-CM coding to the condition or a row to the concept map."));
            }
        }
    }

    /// <summary>The ICD-10-CM diagnoses of one concept: its own coding, or the map's (some need two); empty when neither has one.</summary>
    public IReadOnlyList<ChargeDiagnosis> Map(CodeableConcept concept, string source, PatientFacts facts)
    {
        if (concept.Codes().FirstOrDefault(c => c.System == CodeSystemUrls.Icd10Cm) is { } own)
            return [new ChargeDiagnosis(own.Code.ToUpperInvariant(), own.Display, source)];

        foreach (var coding in concept.Codes())
        {
            var targets = chooser.Diagnoses(terminology.Translate(coding.System, coding.Code, CodeSystemUrls.Icd10Cm, facts.Mapping), facts);
            if (targets.Count > 0)
                return [.. targets.Select(t => new ChargeDiagnosis(t.Code, t.Display, source, t.NeedsChoice))];
        }

        return [];
    }

    private IReadOnlyList<ChargeDiagnosis> FromEncounterType(EncounterChart chart, PatientFacts facts) =>
        [.. chart.Encounter.Type.SelectMany(t => Map(t, $"Encounter/{chart.Encounter.Id}", facts))];

    /// <summary>What a service itself says about why it was done (a screening colonoscopy), when nothing else does.</summary>
    private IEnumerable<ChargeDiagnosis> FromProcedures(EncounterChart chart, PatientFacts facts) =>
        chart.OfType<Procedure>().Where(p => IsOf(p.Encounter, chart.Encounter) && p.Status == EventStatus.Completed)
            .SelectMany(p => p.Code is { } code ? Map(code, $"Procedure/{p.Id}", facts) : []);

    private bool IsKnownAsNotReported(CodeableConcept concept) => concept.Codes().Any(c =>
        CodeChooser.SaysNotReported(terminology.Translate(c.System, c.Code, CodeSystemUrls.Icd10Cm)));

    private static IEnumerable<List<ResourceReference>> Services(EncounterChart chart) =>
        chart.OfType<Procedure>().Where(p => IsOf(p.Encounter, chart.Encounter)).Select(p => p.ReasonReference)
            .Concat(chart.OfType<Immunization>().Where(i => IsOf(i.Encounter, chart.Encounter)).Select(i => i.ReasonReference));

    private static bool IsCertain(Condition condition) =>
        !condition.VerificationStatus.HasAny("refuted", "entered-in-error", "provisional", "differential", "unconfirmed");

    private static bool IsOf(ResourceReference? reference, Encounter encounter) => reference?.Reference == $"Encounter/{encounter.Id}";
}
