using FhirEmr.BillingBridge.Charges;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.EvaluationManagement;

/// <summary>Problems addressed (billing spec 4.2): the encounter's diagnoses that the note assesses, or that the visit treated.</summary>
/// <remarks>
/// What the record cannot tell is asked, never assumed upward: a chronic illness without a course is taken as stable, an acute one without a
/// severity as minor; the likelier kind is only suggested.
/// </remarks>
internal sealed class ProblemReader(VisitRecord record, EmDataAnswers answers, DiagnosisCoder coder, PatientFacts patient, ChronicConditions chronic)
{
    // SNOMED CT severities, as condition-severity has them.
    private const string Severe = "24484000";
    private const string ModerateSeverity = "6736007";

    private readonly HashSet<string> assessed = [.. NoteText.Notes(record).SelectMany(NoteText.Sections).Where(NoteText.IsAssessment).SelectMany(s => s.Entry).Select(e => e.Reference).OfType<string>()];
    private readonly HashSet<string> diagnosed = [.. record.Chart.Encounter.Diagnosis.Select(d => d.Condition?.Reference).OfType<string>()];

    public List<Support> NotCounted { get; } = [];

    public List<Support> Questions { get; } = [];

    public IReadOnlyList<ProblemFact> Read()
    {
        var found = new Dictionary<string, ProblemFact>(StringComparer.Ordinal);
        foreach (var condition in record.Chart.OfType<Condition>())
        {
            var reference = $"Condition/{condition.Id}";
            var confirmed = Confirmed(reference);
            if (!diagnosed.Contains(reference) && !assessed.Contains(reference) && confirmed.Count == 0)
            {
                if (record.IsOfVisit(condition.Encounter))
                    NotCounted.Add(new(reference, $"{Title(condition)} is listed; nothing says that it was assessed or treated at this visit."));
                continue;
            }

            if (condition.VerificationStatus.HasAny("refuted", "entered-in-error"))
            {
                NotCounted.Add(new(reference, $"{Title(condition)} is {condition.VerificationStatus!.Coding[0].Code}."));
                continue;
            }

            var codes = Codes(condition, reference);
            if (confirmed.Count == 0 && codes.Count > 0 && codes.All(c => c[0] == 'Z'))
            {
                NotCounted.Add(new(reference, $"{Title(condition)} ({codes[0]}) is a circumstance, not a problem."));
                continue;
            }

            var fact = Judge(condition, reference, codes, confirmed);
            var key = codes.Count > 0 ? ChargeDiagnosis.Plain(codes[0]) : condition.Code?.Codes().FirstOrDefault()?.Code ?? reference;
            if (!found.TryGetValue(key, out var same))
                found[key] = fact;
            else
            {
                NotCounted.Add(new(reference, $"The same problem as {same.Support.Reference}."));
                if ((fact.Kind ?? ProblemKind.SelfLimited) > (same.Kind ?? ProblemKind.SelfLimited) || same.Kind is null)
                    found[key] = fact;
            }
        }

        return [.. found.Values];
    }

    private ProblemFact Judge(Condition condition, string reference, IReadOnlyList<string> codes, List<ProblemKind> confirmed)
    {
        var title = Title(condition);
        var (kind, suggested, why) = confirmed.Count > 0 ? Least(confirmed, reference, title, "the clinician's answers") : FromRecord(condition, reference, codes);
        var addressed = Addressed(condition, reference, confirmed.Count > 0);
        return addressed is { } how
            ? new(kind, suggested, title, new(reference, $"{title}: {ProblemKinds.TextOf(kind)}, {why}; {how}."))
            : new(null, suggested ?? kind, title, new(reference, $"{title}: {ProblemKinds.TextOf(suggested ?? kind)} if it was addressed; {(assessed.Contains(reference)
                ? "the assessment names it, the encounter's diagnoses do not"
                : "it is a diagnosis of the encounter, no assessment names it")}."));
    }

    private string? Addressed(Condition condition, string reference, bool isConfirmed)
    {
        if (isConfirmed)
            return "confirmed by the clinician";
        if (!diagnosed.Contains(reference))
            return null;
        if (assessed.Contains(reference))
            return "assessed in the note";
        var isListItem = condition.Category.Exists(c => c.HasAny("problem-list-item"));
        return !isListItem && TreatedBy(reference) is { } treatment ? $"treated by {treatment}" : null;
    }

    private string? TreatedBy(string condition)
    {
        return record.MedicationRequests.Where(m => record.IsOfVisit(m.Encounter) && Medications.IsOrder(m) && m.ReasonReference.Exists(Names)).Select(m => $"MedicationRequest/{m.Id}")
            .Concat(record.Chart.OfType<ServiceRequest>().Where(s => record.IsOfVisit(s.Encounter) && Orders.IsOrder(s) && s.ReasonReference.Exists(Names)).Select(s => $"ServiceRequest/{s.Id}"))
            .Concat(record.Chart.OfType<Procedure>().Where(p => record.IsOfVisit(p.Encounter) && p.Status == EventStatus.Completed && p.ReasonReference.Exists(Names)).Select(p => $"Procedure/{p.Id}"))
            .FirstOrDefault();

        bool Names(ResourceReference reason) => reason.Reference == condition;
    }

    private (ProblemKind Kind, ProblemKind? Suggested, string Why) FromRecord(Condition condition, string reference, IReadOnlyList<string> codes)
    {
        var title = Title(condition);
        var courses = Courses(condition).ToList();
        if (ChronicBecause(condition, codes) is { } because)
        {
            var kinds = courses.Select(ChronicKind).OfType<ProblemKind>().ToList();
            if (kinds.Count > 0)
                return Least(kinds, reference, title, $"its course ({string.Join(", ", courses)})");
            Questions.Add(new(reference, $"{title} is chronic ({because}) and has no course: taken as stable. Is it at its goal?"));
            return (ProblemKind.StableChronic, null, $"{because}, no course recorded");
        }

        var severity = condition.Severity;
        var isSevere = severity.HasAny(Severe, "severe") || courses.Contains("severe");
        var floor = isSevere || severity.HasAny(ModerateSeverity, "moderate") ? ProblemKind.AcuteUncomplicated : ProblemKind.SelfLimited;
        if (courses.Contains("stable") || courses.Contains("at-goal"))
            floor = ProblemKind.StableAcute;
        var isInjury = condition.Category.Exists(c => c.HasAny("injury")) || codes.Any(c => c[0] is 'S' or 'T');
        ProblemKind? suggested =
            condition.VerificationStatus.HasAny("provisional", "differential") ? ProblemKind.UndiagnosedNew
            : isSevere ? isInjury ? ProblemKind.AcuteComplicatedInjury : ProblemKind.AcuteSystemic
            : floor == ProblemKind.SelfLimited ? ProblemKind.AcuteUncomplicated
            : null;
        if (suggested is { } kind)
            Questions.Add(new(reference, $"{title}: is it a case of '{ProblemKinds.TextOf(kind)}'?"));
        return (floor, suggested, isSevere ? "recorded as severe" : severity?.Coding.Count > 0 ? "by its severity" : "no severity recorded");
    }

    private (ProblemKind Kind, ProblemKind? Suggested, string Why) Least(List<ProblemKind> kinds, string reference, string title, string by)
    {
        var (least, most) = (kinds.Min(), kinds.Max());
        if (least == most)
            return (least, null, $"by {by}");
        Questions.Add(new(reference, $"{title}: {by} contradict each other ({string.Join(", ", kinds.Distinct().Order().Select(ProblemKinds.CodeOf))}); the least counts."));
        return (least, most, $"the least of what {by} say");
    }

    private string? ChronicBecause(Condition condition, IReadOnlyList<string> codes)
    {
        if (codes.FirstOrDefault(chronic.Contains) is { } code)
            return $"{code} lasts a year or more";
        return condition.Onset is FhirDateTime onset && DateOfService.From(onset.Value, record.Zone) is { } since && since <= record.Day.AddYears(-1)
            && !condition.ClinicalStatus.HasAny("inactive", "resolved", "remission")
            ? $"since {DateOfService.Text(since)}"
            : null;
    }

    private static IEnumerable<string> Courses(Condition condition) =>
        condition.Extension.Where(e => e.Url == EvaluationUrls.Course).Select(e => EmDataAnswers.CodeOf(e.Value as DataType)).OfType<string>()
            .Concat(condition.Stage.SelectMany(s => s.Summary?.Coding ?? []).Select(c => c.Code).OfType<string>().Where(c => ChronicKind(c) is not null))
            .Distinct();

    private static ProblemKind? ChronicKind(string course) => course switch
    {
        "stable" or "at-goal" => ProblemKind.StableChronic,
        "not-at-goal" or "exacerbation" or "progression" or "side-effects" => ProblemKind.ChronicExacerbation,
        "severe" => ProblemKind.ChronicSevere,
        _ => null,
    };

    private List<ProblemKind> Confirmed(string reference)
    {
        var kinds = new List<ProblemKind>();
        foreach (var (response, children) in answers.Groups("problem"))
        {
            if (!children.Any(i => i.LinkId == "problem-condition" && i.Answer.Exists(a => a.Value is ResourceReference r && r.Reference == reference)))
                continue;
            foreach (var text in children.Where(i => i.LinkId == "problem-kind").SelectMany(i => i.Answer).Select(a => EmDataAnswers.CodeOf(a.Value)).OfType<string>())
            {
                if (ProblemKinds.Parse(text) is { } kind)
                    kinds.Add(kind);
                else
                    Questions.Add(new(response, $"'{text}' is no kind of problem; known are {string.Join(", ", ProblemKinds.Codes)}."));
            }
        }

        return kinds;
    }

    private IReadOnlyList<string> Codes(Condition condition, string reference) =>
        condition.Code is { } code ? [.. coder.Map(code, reference, patient).Select(d => d.Code).Where(c => c.Length > 0)] : [];

    private static string Title(Condition condition) =>
        condition.Code?.Text ?? condition.Code?.Coding.Select(c => c.Display ?? c.Code).FirstOrDefault(t => t is { Length: > 0 }) ?? $"Condition/{condition.Id}";
}
