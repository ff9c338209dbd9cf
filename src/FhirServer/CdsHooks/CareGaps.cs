using FhirEmr.BillingBridge.Charges;
using FhirEmr.Terminology;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.CdsHooks;

/// <summary>Which preventive services are due, by what the record shows to have been done. Pure: it decides, and reads nothing.</summary>
internal static class CareGaps
{
    public const string Topic = "care-gap";

    /// <summary>How long an order stands for what it orders.</summary>
    private const int OrderedMonths = 6;

    private static readonly string[] Reasons = [OverrideReasons.PatientDeclined, OverrideReasons.DoneElsewhere, OverrideReasons.NotIndicated, OverrideReasons.NotToday];

    /// <param name="patient">Nobody is asked about who has died, or whose birth date is not known.</param>
    /// <param name="chart">Conditions, Procedures, Observations, DiagnosticReports, Immunizations and ServiceRequests of the patient.</param>
    /// <param name="today">The practice's day.</param>
    public static IEnumerable<CdsCard> Of(Patient patient, IReadOnlyList<Resource> chart, DateOnly today)
    {
        if (RecordDay.Of(patient.BirthDate) is not { } born || born > today || patient.Deceased is FhirDateTime or FhirBoolean { Value: true })
            yield break;
        var age = DateOfService.YearsBetween(born, today);
        var (done, ordered) = (chart.SelectMany(Done).ToList(), chart.OfType<ServiceRequest>().SelectMany(Ordered).Where(o => o.Day > today.AddMonths(-OrderedMonths)).ToList());
        var diagnoses = chart.OfType<Condition>().Where(IsThere).SelectMany(c => Codes(c.Code).Select(code => (Code: Plain(code), Condition: c))).ToList();
        foreach (var service in PreventiveServices.All)
        {
            if (age < service.FromAge || age > service.ToAge || (service.Sex is { } sex && patient.Gender != sex))
                continue;
            if (service.NotWith.Any(p => diagnoses.Exists(d => d.Code.StartsWith(p, StringComparison.Ordinal))))
                continue;
            var because = diagnoses.Where(d => service.OnlyWith.Any(p => d.Code.StartsWith(p, StringComparison.Ordinal))).Select(d => Reference(d.Condition)).FirstOrDefault();
            if (service.OnlyWith.Count > 0 && because is null)
                continue;
            if (service.Ways.Any(w => IsDone(w, done, today)) || ordered.Exists(o => service.Ways.Any(w => w.Codes.Contains(o.Code)) || o.Code == service.Order.Code))
                continue;
            yield return Card(patient, service, age, because, done.Where(d => service.Ways.Any(w => w.Codes.Contains(d.Code))).OrderByDescending(d => d.Day).FirstOrDefault());
        }
    }

    private static CdsCard Card(Patient patient, PreventiveService service, int age, string? because, DoneOn? last)
    {
        var words = last is null ? "not on record" : $"last on {DateOfService.Text(last.Day)}";
        var who = $"age {age}{(service.Sex is { } sex ? $", {(sex == AdministrativeGender.Female ? "female" : "male")}" : "")}{(because is null ? "" : ", with diabetes")}";
        return new CdsCard(Topic, CdsIndicator.Info, $"{service.Name} is due: {words}")
        {
            Detail = $"{service.Name} is recommended for this patient ({who}) by the {service.Source}. In this record it is {words}.",
            Facts = [.. new[] { $"Patient/{patient.Id}", because, last?.Reference }.OfType<string>()],
            Suggestions = [new CdsSuggestion($"Order {service.Order.Display}", [new CdsAction(CdsActionType.Create, $"Order {service.Order.Display} ({service.Order.Code})", Order(patient, service))])],
            OverrideReasons = Reasons,
        };
    }

    private static ServiceRequest Order(Patient patient, PreventiveService service) => new()
    {
        Status = RequestStatus.Draft,
        Intent = RequestIntent.Proposal,
        Subject = new ResourceReference($"Patient/{patient.Id}"),
        Code = new CodeableConcept { Coding = [(Coding)service.Order.DeepCopy()], Text = service.Order.Display },
    };

    private static bool IsDone(DoneBy way, List<DoneOn> done, DateOnly today) =>
        done.Where(d => way.Codes.Contains(d.Code) && (way.Months is not { } months || d.Day > today.AddMonths(-months))).Select(d => d.Day).Distinct().Count() >= way.Times;

    private static IEnumerable<DoneOn> Done(Resource resource) => resource switch
    {
        Procedure { Status: EventStatus.Completed } p => On(p, p.Code, RecordDay.Of(p.Performed)),
        Observation { Status: ObservationStatus.Final or ObservationStatus.Amended or ObservationStatus.Corrected } o => On(o, o.Code, RecordDay.Of(o.Effective) ?? RecordDay.Of(o.IssuedElement)),
        DiagnosticReport { Status: DiagnosticReport.DiagnosticReportStatus.Final or DiagnosticReport.DiagnosticReportStatus.Amended or DiagnosticReport.DiagnosticReportStatus.Corrected or DiagnosticReport.DiagnosticReportStatus.Appended } r => On(r, r.Code, RecordDay.Of(r.Effective) ?? RecordDay.Of(r.IssuedElement)),
        Immunization { Status: Immunization.ImmunizationStatusCodes.Completed } i => On(i, i.VaccineCode, RecordDay.Of(i.Occurrence)),
        _ => [],
    };

    private static IEnumerable<DoneOn> Ordered(ServiceRequest order) => order.Status is RequestStatus.Active or RequestStatus.OnHold ? On(order, order.Code, RecordDay.Of(order.AuthoredOn)) : [];

    private static IEnumerable<DoneOn> On(Resource resource, CodeableConcept? concept, DateOnly? day) => day is { } d ? (concept?.Coding ?? []).Where(IsTelling).Select(c => new DoneOn(c.Code!, d, Reference(resource))) : [];

    /// <summary>Codes of CPT, HCPCS and LOINC have a shape of their own, in whatever system they stand; the two and three digits of CVX are anything in another.</summary>
    private static bool IsTelling(Coding coding) => coding.Code is { Length: >= 5 } || (coding is { Code: not null, System: { } system } && CodeSystemUrls.Canonical(system) == CodeSystemUrls.Cvx);

    private static IEnumerable<string> Codes(CodeableConcept? concept) => concept?.Coding.Select(c => c.Code).OfType<string>() ?? [];

    /// <summary>Problems that were resolved, refuted or entered in error decide nothing; what has no status does.</summary>
    private static bool IsThere(Condition condition) => !Codes(condition.ClinicalStatus).Any(c => c is "inactive" or "resolved" or "remission") && !Codes(condition.VerificationStatus).Any(c => c is "refuted" or "entered-in-error");

    private static string Plain(string code) => code.Replace(".", "", StringComparison.Ordinal).ToUpperInvariant();

    private static string Reference(Resource resource) => $"{resource.TypeName}/{resource.Id}";

    private sealed record DoneOn(string Code, DateOnly Day, string Reference);
}
