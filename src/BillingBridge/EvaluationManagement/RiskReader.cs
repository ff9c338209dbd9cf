using FhirEmr.BillingBridge.Charges;
using FhirEmr.Terminology;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.EvaluationManagement;

/// <summary>Decisions about treatment (billing spec 4.1 Risk, 4.2): drugs, monitoring, surgery, hospital, social determinants.</summary>
internal sealed class RiskReader(VisitRecord record, EmDataAnswers answers, IReadOnlyList<ProblemFact> problems)
{
    // SNOMED CT: surgical procedure; hospital admission and its kinds; not for resuscitation; cardiopulmonary resuscitation; physical therapy.
    private const string Surgery = "387713003";
    private const string Resuscitation = "89666000";
    private static readonly string[] Admissions = ["32485007", "305056002", "183452005", "8715000", "699124006", "183450002"];
    private static readonly string[] NotForResuscitation = ["304253006", "143021000119109"];
    private static readonly string[] Therapies = ["91251008", "722138006", "84478008"];

    private readonly List<RiskFact> found = [];

    public List<Support> NotCounted { get; } = [];

    public List<Support> Questions { get; } = [];

    public IReadOnlyList<RiskFact> Read()
    {
        AddPrescriptions();
        AddStatements();
        AddParenterals();
        AddServices();
        AddHospitalisation();
        AddSocialDeterminants();
        AddConfirmed();
        // A problem that was addressed was decided upon, if only to leave it: minimal.
        if (found.Count == 0 && problems.FirstOrDefault(p => p.Kind is not null) is { } addressed)
            found.Add(new(RiskKind.NoTreatment, addressed.Title, Confidence.Documented, addressed.Support with { Why = $"{addressed.Title} was addressed and no treatment is recorded." }));
        return found;
    }

    private void AddPrescriptions()
    {
        foreach (var request in record.MedicationRequests.Where(m => record.IsOfVisit(m.Encounter)))
        {
            var (reference, title) = ($"MedicationRequest/{request.Id}", Medications.TitleOf(request.Medication));
            if (!Medications.IsOrder(request))
            {
                NotCounted.Add(new(reference, $"{title}: {request.Status?.ToString() ?? "no status"}, intent {request.Intent?.ToString() ?? "unknown"}: not a prescription that stands."));
                continue;
            }

            if (!record.IsOnDay(request.AuthoredOn))
            {
                NotCounted.Add(new(reference, $"{title}: authored {request.AuthoredOn ?? "on no date"}, not on the day."));
                continue;
            }

            var said = Medications.SaysOverTheCounter(request);
            if (said == true)
                Add(RiskKind.OverTheCounterDrug, title, reference, "said to be sold without a prescription");
            else if (said is null && Medications.MayBeOverTheCounter(request.Medication))
            {
                Add(RiskKind.OverTheCounterDrug, title, reference, "also sold without a prescription");
                Add(RiskKind.PrescriptionDrug, title, reference, "if this strength needs a prescription", Confidence.Inferred);
            }
            else
                Add(RiskKind.PrescriptionDrug, title, reference, request.Status == MedicationRequest.MedicationrequestStatus.Stopped ? "stopped on the day" : "prescribed on the day");

            AddMonitoring(request, title, reference);
        }
    }

    private void AddMonitoring(MedicationRequest request, string title, string reference)
    {
        if (Medications.MonitoringOf(request.Medication) is not { } toxic)
            return;
        var monitors = record.Chart.OfType<ServiceRequest>().Where(s => record.IsOfVisit(s.Encounter) && Orders.IsOrder(s) && s.Code.Codes().Any(c => toxic.Monitors.Contains(c.Code))).ToList();
        if (monitors.Count == 0)
            Questions.Add(new(reference, $"{title} is watched for toxicity; no test that does so is ordered at this visit."));
        else if (monitors.Find(Orders.IsAtLeastQuarterly) is { } monitor)
            Add(RiskKind.ToxicityMonitoring, title, reference, $"watched for toxicity by ServiceRequest/{monitor.Id} ({Orders.TitleOf(monitor.Code)}), at least quarterly");
        else
            Add(RiskKind.ToxicityMonitoring, title, reference, $"if ServiceRequest/{monitors[0].Id} ({Orders.TitleOf(monitors[0].Code)}) is repeated at least quarterly; its timing does not say so", Confidence.Inferred);
    }

    /// <summary>A drug the patient takes, looked at and decided upon.</summary>
    private void AddStatements()
    {
        foreach (var statement in record.MedicationStatements.Where(m => record.IsOfVisit(m.Context) && m.Status != MedicationStatement.MedicationStatusCodes.EnteredInError))
        {
            var (reference, title) = ($"MedicationStatement/{statement.Id}", Medications.TitleOf(statement.Medication));
            if (!record.IsOnDay(statement.DateAsserted))
                NotCounted.Add(new(reference, $"{title}: asserted {statement.DateAsserted ?? "on no date"}, not on the day."));
            else if (Medications.MayBeOverTheCounter(statement.Medication))
                Add(RiskKind.OverTheCounterDrug, title, reference, "taken, also sold without a prescription");
            else if (statement.Note.Exists(n => !string.IsNullOrWhiteSpace(n.Text)) || statement.StatusReason.Count > 0)
                Add(RiskKind.PrescriptionDrug, title, reference, "reviewed on the day with a decision noted");
            else
                Add(RiskKind.PrescriptionDrug, title, reference, "reviewed on the day; no decision is noted", Confidence.Inferred);
        }
    }

    private void AddParenterals()
    {
        foreach (var request in record.MedicationRequests.Where(m => record.IsOfVisit(m.Encounter) && Medications.IsOrder(m) && record.IsOnDay(m.AuthoredOn)))
            if (Medications.IsControlled(request.Medication) && Medications.IsParenteral(request.DosageInstruction))
                Add(RiskKind.ParenteralControlledSubstance, Medications.TitleOf(request.Medication), $"MedicationRequest/{request.Id}", "a controlled substance by injection");
        foreach (var given in record.Chart.OfType<MedicationAdministration>().Where(m => record.IsOfVisit(m.Context) && m.Status == MedicationAdministration.MedicationAdministrationStatusCodes.Completed))
            if (Medications.IsControlled(given.Medication) && given.Dosage?.Route.HasAny("47625008", "78421000", "34206005", "IV", "IM", "SC") == true)
                Add(RiskKind.ParenteralControlledSubstance, Medications.TitleOf(given.Medication), $"MedicationAdministration/{given.Id}", "a controlled substance by injection");
    }

    private void AddServices()
    {
        foreach (var request in record.Chart.OfType<ServiceRequest>().Where(s => record.IsOfVisit(s.Encounter) && !Orders.IsTest(s)))
        {
            var (reference, title) = ($"ServiceRequest/{request.Id}", Orders.TitleOf(request.Code));
            var isNoResuscitation = request.Code.HasAny(NotForResuscitation) || (request.DoNotPerform == true && request.Code.HasAny(Resuscitation));
            if (!Orders.IsOrder(request) || !record.IsOnDay(request.AuthoredOn))
                NotCounted.Add(new(reference, $"{title}: not an order of the day that stands."));
            else if (isNoResuscitation)
                Add(RiskKind.DeEscalation, title, reference, "ordered on the day");
            else if (request.DoNotPerform == true)
                NotCounted.Add(new(reference, $"{title}: an order not to do it."));
            else if (request.Code.HasAny(Admissions))
                Add(RiskKind.Hospitalisation, title, reference, "ordered on the day");
            else if (SurgeryKind(request) is { } surgery)
                Add(surgery, title, reference, "decided on the day");
            else if (request.Code.HasAny(Therapies) || request.Code.Codes().Any(c => c.System == CodeSystemUrls.Cpt && CodeFacts.IsTherapy(c.Code)))
                Add(RiskKind.PhysicalTherapy, title, reference, "ordered on the day");
        }
    }

    /// <summary>By global period: 090 is major, 000 and 010 minor. An operation without one is asked about.</summary>
    private RiskKind? SurgeryKind(ServiceRequest request)
    {
        var codes = request.Code.Codes().Where(c => c.System is CodeSystemUrls.Cpt or CodeSystemUrls.Hcpcs).Select(c => c.Code).ToList();
        if (codes.Exists(GlobalPeriods.IsMajor))
            return request.Priority is RequestPriority.Stat or RequestPriority.Asap ? RiskKind.EmergencyMajorSurgery : RiskKind.MajorSurgery;
        if (codes.Exists(GlobalPeriods.IsMinor))
            return RiskKind.MinorSurgery;
        if (request.Category.Exists(c => c.HasAny(Surgery)) || codes.Exists(CodeFacts.IsSurgery))
            Questions.Add(new($"ServiceRequest/{request.Id}", $"{Orders.TitleOf(request.Code)}: no global period is known for it. Is it minor or major surgery?"));
        return null;
    }

    private void AddHospitalisation()
    {
        var encounter = record.Chart.Encounter;
        if (encounter.Class?.Code is "IMP" or "ACUTE" or "NONAC" or "OBSENC")
            return; // already there: what sent the patient was another visit's decision
        if (encounter.Hospitalization?.Destination is { } destination)
            Add(RiskKind.Hospitalisation, "Hospitalisation", record.EncounterReference, $"sent to {destination.Display ?? destination.Reference}");
        else if (encounter.Hospitalization?.DischargeDisposition.HasAny("other-hcf", "psy") == true)
            Add(RiskKind.Hospitalisation, "Hospitalisation", record.EncounterReference, "left for another facility; say whether it was a hospital admission", Confidence.Inferred);
    }

    private void AddSocialDeterminants()
    {
        var assessed = NoteText.Notes(record).SelectMany(NoteText.Sections).Where(NoteText.IsAssessment).SelectMany(s => s.Entry).Select(e => e.Reference).ToHashSet();
        foreach (var condition in record.Chart.OfType<Condition>().Where(c => assessed.Contains($"Condition/{c.Id}") && c.Code.Codes().Any(IsSocial)))
        {
            var title = Orders.TitleOf(condition.Code);
            var says = condition.Note.Exists(n => !string.IsNullOrWhiteSpace(n.Text));
            Add(RiskKind.SocialDeterminants, title, $"Condition/{condition.Id}",
                says ? "assessed, with a note of how it limits care" : "assessed; no note says how it limits diagnosis or treatment", says ? Confidence.Documented : Confidence.Inferred);
        }
    }

    private void AddConfirmed()
    {
        foreach (var (response, value) in answers.Of("risk"))
        {
            var code = EmDataAnswers.CodeOf(value);
            if (RiskKinds.Parse(code) is { } kind)
                Add(kind, RiskKinds.TextOf(kind), response, "confirmed by the clinician");
            else
                Questions.Add(new(response, $"'{code}' is no kind of risk; known are {string.Join(", ", RiskKinds.Codes)}."));
        }
    }

    private void Add(RiskKind kind, string title, string reference, string how, Confidence confidence = Confidence.Documented) =>
        found.Add(new(kind, title, confidence, new(reference, $"{title}: {RiskKinds.TextOf(kind)}, {how}.")));

    private static bool IsSocial(CodedValue coding) =>
        coding.System == CodeSystemUrls.Icd10Cm && string.CompareOrdinal(coding.Code, "Z55") >= 0 && string.CompareOrdinal(coding.Code, "Z66") < 0;
}
