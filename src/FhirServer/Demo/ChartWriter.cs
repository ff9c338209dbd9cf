using System.Globalization;
using FhirEmr.Terminology;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Demo;

/// <summary>The literal references and times that everything written during one visit shares.</summary>
internal sealed record VisitContext(
    string Patient, string Encounter, string Practitioner, string Organization, DateTimeOffset Start, DateTimeOffset End);

/// <summary>Writes clinical resources of a chart in order, giving each its id.</summary>
/// <param name="nextId">A fresh id for a resource of this type.</param>
/// <param name="referTo">The literal reference for a type and id: <c>Type/id</c> or <c>urn:uuid:id</c>.</param>
internal sealed class ChartWriter(Func<string, string> nextId, Func<string, string, string> referTo)
{
    /// <summary>Everything written so far.</summary>
    public List<Resource> Resources { get; } = [];

    /// <summary>Keeps a resource, gives it an id unless it has one, and returns the reference to it.</summary>
    public string Add(Resource resource)
    {
        resource.Id ??= nextId(resource.TypeName);
        Resources.Add(resource);
        return referTo(resource.TypeName, resource.Id);
    }

    /// <summary>A confirmed problem, onset at the visit; both codes when both are known.</summary>
    public string Condition(VisitContext visit, Problem problem, bool resolved = false)
    {
        var code = new CodeableConcept { Text = problem.Display };
        if (problem.Icd10Cm is { } icd)
            code.Coding.Add(new Coding(CodeSystemUrls.Icd10Cm, icd, problem.Display));
        if (problem.Snomed is { } snomed)
            code.Coding.Add(new Coding(CodeSystemUrls.Snomed, snomed, problem.Display));
        return Add(new Condition
        {
            ClinicalStatus = new CodeableConcept(DemoUrls.ConditionClinical, resolved ? "resolved" : "active"),
            VerificationStatus = new CodeableConcept(DemoUrls.ConditionVerification, "confirmed"),
            Category = [Coded.Concept(DemoUrls.ConditionCategory, "encounter-diagnosis", "Encounter Diagnosis")],
            Code = code,
            Subject = new ResourceReference(visit.Patient),
            Encounter = new ResourceReference(visit.Encounter),
            Onset = new FhirDateTime(Coded.Time(visit.Start)),
            RecordedDateElement = new FhirDateTime(Coded.Time(visit.Start)),
            Recorder = new ResourceReference(visit.Practitioner),
        });
    }

    /// <summary>A vital sign or a laboratory result.</summary>
    public string Observe(VisitContext visit, Measure measure, decimal value, string category = "vital-signs")
    {
        var observation = Observation(visit, Coded.Loinc(measure.Loinc, measure.Display), category);
        observation.Value = Coded.Ucum(value, measure.Unit);
        return Add(observation);
    }

    /// <summary>One blood pressure observation with two components.</summary>
    public string BloodPressure(VisitContext visit, decimal systolic, decimal diastolic)
    {
        var observation = Observation(visit, Coded.Loinc("55284-4", "Blood Pressure"), "vital-signs");
        observation.Component =
        [
            Component(ClinicalCatalog.Diastolic, diastolic),
            Component(ClinicalCatalog.Systolic, systolic),
        ];
        return Add(observation);
    }

    /// <summary>A panel's results and the report that lists them.</summary>
    public string Report(VisitContext visit, LabPanel panel, SeededRandom random)
    {
        var results = panel.Results.Select(result => new ResourceReference(
            Observe(visit, result, random.Between(result.Low, result.High, result.Decimals), "laboratory"), result.Display)).ToList();
        return Add(new DiagnosticReport
        {
            Status = DiagnosticReport.DiagnosticReportStatus.Final,
            Category = [Coded.Concept(DemoUrls.DiagnosticService, "LAB", "Laboratory")],
            Code = Coded.Loinc(panel.Loinc, panel.Display),
            Subject = new ResourceReference(visit.Patient),
            Encounter = new ResourceReference(visit.Encounter),
            Effective = new FhirDateTime(Coded.Time(visit.Start)),
            Issued = visit.End,
            Performer = [new ResourceReference(visit.Organization)],
            Result = results,
        });
    }

    /// <summary>A completed procedure, for a reason when the chart has one.</summary>
    public string Procedure(VisitContext visit, Term code, string? reason = null) => Add(new Procedure
    {
        Status = EventStatus.Completed,
        Code = Coded.Snomed(code.Value, code.Display),
        Subject = new ResourceReference(visit.Patient),
        Encounter = new ResourceReference(visit.Encounter),
        Performed = PeriodOf(visit),
        Performer = [new Procedure.PerformerComponent { Actor = new ResourceReference(visit.Practitioner) }],
        ReasonReference = reason is null ? [] : [new ResourceReference(reason)],
    });

    /// <summary>A vaccine given.</summary>
    public string Immunize(VisitContext visit, Term vaccine) => Add(new Immunization
    {
        Status = Hl7.Fhir.Model.Immunization.ImmunizationStatusCodes.Completed,
        VaccineCode = Coded.Concept(CodeSystemUrls.Cvx, vaccine.Value, vaccine.Display),
        Patient = new ResourceReference(visit.Patient),
        Encounter = new ResourceReference(visit.Encounter),
        Occurrence = new FhirDateTime(Coded.Time(visit.Start)),
        PrimarySource = true,
        LotNumber = "DEMO" + (StableHash.Of("lot", vaccine.Value) % 9000 + 1000).ToString(CultureInfo.InvariantCulture),
        Performer = [new Immunization.PerformerComponent { Actor = new ResourceReference(visit.Practitioner) }],
    });

    /// <summary>A prescription.</summary>
    public string Prescribe(VisitContext visit, Term drug, string? reason = null) => Add(new MedicationRequest
    {
        Status = MedicationRequest.MedicationrequestStatus.Active,
        Intent = MedicationRequest.MedicationRequestIntent.Order,
        Medication = Coded.Concept(CodeSystemUrls.RxNorm, drug.Value, drug.Display),
        Subject = new ResourceReference(visit.Patient),
        Encounter = new ResourceReference(visit.Encounter),
        AuthoredOn = Coded.Time(visit.Start),
        Requester = new ResourceReference(visit.Practitioner),
        ReasonReference = reason is null ? [] : [new ResourceReference(reason)],
    });

    /// <summary>Start and end of the visit.</summary>
    public static Period PeriodOf(VisitContext visit) => new() { Start = Coded.Time(visit.Start), End = Coded.Time(visit.End) };

    private static Observation Observation(VisitContext visit, CodeableConcept code, string category) => new()
    {
        Status = ObservationStatus.Final,
        Category = [Coded.Concept(DemoUrls.ObservationCategory, category, category)],
        Code = code,
        Subject = new ResourceReference(visit.Patient),
        Encounter = new ResourceReference(visit.Encounter),
        Effective = new FhirDateTime(Coded.Time(visit.Start)),
        Issued = visit.Start,
        Performer = [new ResourceReference(visit.Practitioner)],
    };

    private static Observation.ComponentComponent Component(Measure measure, decimal value) => new()
    {
        Code = Coded.Loinc(measure.Loinc, measure.Display),
        Value = Coded.Ucum(value, measure.Unit),
    };
}
