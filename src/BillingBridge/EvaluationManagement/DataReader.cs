using System.Text.RegularExpressions;
using FhirEmr.BillingBridge.Charges;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.EvaluationManagement;

/// <summary>Data reviewed and analysed (billing spec 4.1, 4.2): orders, results, external notes, historian, interpretation, discussion.</summary>
/// <remarks>A test counts once, at its order; one that the same clinician bills does not count. Free text only suggests.</remarks>
internal sealed partial class DataReader(VisitRecord record, EmDataAnswers answers)
{
    private readonly List<DataFact> found = [];

    public List<Support> NotCounted { get; } = [];

    public IReadOnlyList<DataFact> Read()
    {
        AddOrders();
        AddReviewed();
        AddResultsOfVisit();
        AddStatements(DataKind.IndependentHistorian, "historian", "independent historian");
        AddStatements(DataKind.Discussion, "discussion", "discussion of management or interpretation");
        AddInterpretations();
        AddSuggestions();
        return found;
    }

    private IEnumerable<ServiceRequest> VisitOrders => record.Chart.OfType<ServiceRequest>().Where(s => record.IsOfVisit(s.Encounter));

    private void AddOrders()
    {
        foreach (var order in VisitOrders.Where(Orders.IsTest))
        {
            var (reference, title) = ($"ServiceRequest/{order.Id}", Orders.TitleOf(order.Code));
            if (!Orders.IsOrder(order))
                NotCounted.Add(new(reference, $"{title}: {order.Status?.ToString() ?? "no status"}, intent {order.Intent?.ToString() ?? "unknown"}: not an order that stands."));
            else if (!record.IsOnDay(order.AuthoredOn))
                NotCounted.Add(new(reference, $"{title}: authored {order.AuthoredOn ?? "on no date"}, not on the day."));
            else if (Billed(order.Code, reference) is { } charge)
                NotCounted.Add(new(reference, $"{title}: billed by the same clinician ({charge})."));
            else if (Orders.KeyOf(order.Code) is not { } key)
                NotCounted.Add(new(reference, "The order does not say which test."));
            else
                Add(new(DataKind.TestOrder, key, title, Confidence.Documented, new(reference, $"{title}: ordered on the day.")));
        }
    }

    private void AddReviewed()
    {
        var noted = record.Provenances.Where(IsReview).SelectMany(p => p.Target.Select(t => (Target: t.Reference, By: $"Provenance/{p.Id}")));
        foreach (var (target, by) in noted)
            AddReviewed(target, Confidence.Documented, $"reviewed by the clinician on the day ({by})");

        var opened = record.Openings.SelectMany(a => a.Entity.Select(e => (Target: e.What?.Reference, By: $"AuditEvent/{a.Id}")));
        foreach (var (target, by) in opened)
            AddReviewed(target, Confidence.Inferred, $"opened by the clinician on the day ({by}); no review is noted");
    }

    private void AddReviewed(string? target, Confidence confidence, string how)
    {
        var plain = target?.Split("/_history/")[0];
        switch (record.Reviewed.Concat(record.Chart.Related).FirstOrDefault(r => $"{r.TypeName}/{r.Id}" == plain))
        {
            case DocumentReference document:
                AddNote(document, confidence, how);
                break;
            case DiagnosticReport report:
                AddResult(plain!, report.Code, report.BasedOn, report.Encounter, confidence, how);
                break;
            case Observation observation when !IsPartOfReport(plain!):
                AddResult(plain!, observation.Code, observation.BasedOn, observation.Encounter, confidence, how);
                break;
        }
    }

    private void AddNote(DocumentReference document, Confidence confidence, string how)
    {
        var reference = $"DocumentReference/{document.Id}";
        var title = document.Description ?? Orders.TitleOf(document.Type);
        var ours = record.Chart.Encounter.ServiceProvider?.Reference;
        var sources = document.Author.Append(document.Custodian).Select(r => r?.Reference).OfType<string>().Where(r => r.StartsWith("Organization/", StringComparison.Ordinal)).ToList();
        // The author's organization tells where it was written; the custodian may only keep it.
        if (ours is null || sources.Count == 0)
            NotCounted.Add(new(reference, $"{title}: {(ours is null ? "the encounter names no practice" : "no organization is named as author or custodian")}, so it cannot be told whether it is external."));
        else if (sources[0] == ours)
            NotCounted.Add(new(reference, $"{title}: written in this practice."));
        else
            Add(new(DataKind.ExternalNote, sources[0], title, confidence, new(reference, $"{title}: note of {sources[0]}, {how}.")));
    }

    private void AddResult(string reference, CodeableConcept? code, List<ResourceReference> basedOn, ResourceReference? encounter, Confidence confidence, string how)
    {
        var title = Orders.TitleOf(code);
        if (Orders.KeyOf(code) is not { } key)
            NotCounted.Add(new(reference, "The result does not say which test."));
        else if (found.Exists(f => f.Kind == DataKind.TestOrder && f.Key == key) || basedOn.Exists(b => VisitOrders.Any(o => $"ServiceRequest/{o.Id}" == b.Reference)))
            NotCounted.Add(new(reference, $"{title}: ordered at this visit, which includes its review."));
        else if (EarlierOrder(basedOn, encounter) is { } earlier)
            NotCounted.Add(new(reference, $"{title}: ordered at an earlier visit ({earlier}), where its review counted."));
        else if (Billed(code, reference) is { } charge)
            NotCounted.Add(new(reference, $"{title}: billed by the same clinician ({charge})."));
        else
            Add(new(DataKind.TestResult, key, title, confidence, new(reference, $"{title}: result, {how}.")));
    }

    /// <summary>Results filed under this visit that nobody is recorded to have reviewed.</summary>
    private void AddResultsOfVisit()
    {
        foreach (var report in record.Chart.OfType<DiagnosticReport>().Where(r => record.IsOfVisit(r.Encounter)))
        {
            var reference = $"DiagnosticReport/{report.Id}";
            if (!found.Exists(f => f.Support.Reference == reference) && !NotCounted.Exists(n => n.Reference == reference))
                AddResult(reference, report.Code, report.BasedOn, report.Encounter, Confidence.Inferred, "filed under this visit; no review is noted");
        }
    }

    private void AddStatements(DataKind kind, string code, string title)
    {
        foreach (var (response, value) in answers.Of(code))
            Add(new(kind, code, title, Confidence.Documented, new(response, $"{title}: {Said(value)}.")));
        foreach (var note in NoteText.Notes(record).Where(n => NoteText.Sections(n).Any(s => NoteText.Is(s, code))))
            Add(new(kind, code, title, Confidence.Documented, new($"Composition/{note.Id}", $"{title}: a section of the note says so.")));
    }

    private void AddInterpretations()
    {
        foreach (var (response, value) in answers.Of("interpretation"))
        {
            var reference = (value as ResourceReference)?.Reference;
            var concept = value switch
            {
                Coding coding => new CodeableConcept { Coding = [coding] },
                _ when reference is not null => CodeOf(reference),
                _ => null,
            };
            if (concept is null && reference is null)
                Add(new(DataKind.IndependentInterpretation, "unnamed", "independent interpretation", Confidence.Inferred,
                    new(response, "Independent interpretation: the answer does not name the test, so it cannot be told who billed it.")));
            else if (Billed(concept, reference) is { } charge)
                NotCounted.Add(new(response, $"Interpretation of {Orders.TitleOf(concept)}: billed by the same clinician ({charge})."));
            else
                Add(new(DataKind.IndependentInterpretation, Orders.KeyOf(concept) ?? reference!, Orders.TitleOf(concept), Confidence.Documented,
                    new(response, $"Independent interpretation of {(concept is null ? reference : Orders.TitleOf(concept))}.")));
        }

        foreach (var note in NoteText.Notes(record))
            foreach (var section in NoteText.Sections(note).Where(s => NoteText.Is(s, "interpretation")))
                foreach (var entry in section.Entry.Where(e => e.Reference is not null))
                {
                    var concept = CodeOf(entry.Reference!);
                    if (Billed(concept, entry.Reference) is { } charge)
                        NotCounted.Add(new($"Composition/{note.Id}", $"Interpretation of {Orders.TitleOf(concept)}: billed by the same clinician ({charge})."));
                    else
                        Add(new(DataKind.IndependentInterpretation, Orders.KeyOf(concept) ?? entry.Reference!, Orders.TitleOf(concept), Confidence.Documented,
                            new($"Composition/{note.Id}", $"Independent interpretation of {entry.Reference}, in a section of the note.")));
                }
    }

    /// <summary>A sentence of the note that sounds like one of the three; quoted, so that a clinician can say whether it is.</summary>
    private void AddSuggestions()
    {
        foreach (var note in NoteText.Notes(record))
            foreach (var sentence in NoteText.Sentences(note))
            {
                Suggest(DataKind.IndependentHistorian, HistorianText(), "independent historian", sentence, note);
                Suggest(DataKind.Discussion, DiscussionText(), "discussion of management or interpretation", sentence, note);
                Suggest(DataKind.IndependentInterpretation, InterpretationText(), "independent interpretation", sentence, note);
            }
    }

    private void Suggest(DataKind kind, Regex pattern, string title, string sentence, Composition note)
    {
        if (pattern.IsMatch(sentence) && !found.Exists(f => f.Kind == kind))
            found.Add(new(kind, "text", title, Confidence.Inferred, new($"Composition/{note.Id}", $"{title}? The note says: \"{sentence}\"")));
    }

    private void Add(DataFact fact)
    {
        if (found.Find(f => f.Kind == fact.Kind && f.Key == fact.Key) is not { } same)
            found.Add(fact);
        else if (same.Confidence == Confidence.Inferred && fact.Confidence == Confidence.Documented)
            found[found.IndexOf(same)] = fact;
        else if (same.Support.Reference != fact.Support.Reference)
            NotCounted.Add(new(fact.Support.Reference, $"{fact.Title}: counted once, by {same.Support.Reference}."));
    }

    /// <summary>The charge by which this clinician bills a test with its interpretation; null when nobody, somebody else, or only the technical part is billed.</summary>
    private string? Billed(CodeableConcept? concept, string? reference)
    {
        var key = Orders.KeyOf(concept);
        var charge = record.Charges.FirstOrDefault(c => (IsFor(c) || SharesCode(c))
            && !c.Code.HasAny("TC")
            && (c.Performer.Count == 0 || c.Performer.Exists(p => record.PractitionerOf(p.Actor) == record.Clinician)));
        return charge is null ? null : $"ChargeItem/{charge.Id}";

        bool SharesCode(ChargeItem item) => key is not null && (concept.Codes().Any(t => item.Code.Codes().Any(c => c.System == t.System && c.Code == t.Code)));

        bool IsFor(ChargeItem item) => reference is not null && item.Service.Exists(s => s.Reference == reference
            || record.Chart.OfType<DiagnosticReport>().Any(r => s.Reference == $"DiagnosticReport/{r.Id}" && r.BasedOn.Exists(b => b.Reference == reference)));
    }

    private string? EarlierOrder(List<ResourceReference> basedOn, ResourceReference? encounter)
    {
        var order = record.Reviewed.OfType<ServiceRequest>().FirstOrDefault(s => basedOn.Exists(b => b.Reference == $"ServiceRequest/{s.Id}") && !record.IsOfVisit(s.Encounter));
        if (order is not null && (IsOurs(order.Encounter) || record.PractitionerOf(order.Requester) is { } who && who == record.Clinician))
            return $"ServiceRequest/{order.Id}";
        return IsOurs(encounter) ? encounter!.Reference : null;
    }

    private bool IsOurs(ResourceReference? encounter) =>
        encounter is not null && record.Earlier.FirstOrDefault(e => $"Encounter/{e.Id}" == encounter.Reference) is { } earlier
        && (earlier.ServiceProvider?.Reference is { } practice && practice == record.Chart.Encounter.ServiceProvider?.Reference || record.ClinicianOf(earlier) == record.Clinician);

    private bool IsPartOfReport(string observation) =>
        record.Reviewed.Concat(record.Chart.Related).OfType<DiagnosticReport>().Any(r => r.Result.Exists(o => o.Reference == observation));

    private CodeableConcept? CodeOf(string reference) => record.Reviewed.Concat(record.Chart.Related).FirstOrDefault(r => $"{r.TypeName}/{r.Id}" == reference) switch
    {
        ServiceRequest order => order.Code,
        DiagnosticReport report => report.Code,
        Observation observation => observation.Code,
        Procedure procedure => procedure.Code,
        _ => null,
    };

    /// <summary>A review, a verification or an attestation; what wrote or changed the resource is none.</summary>
    private static bool IsReview(Provenance provenance) => provenance.Activity.HasAny("review", "verify", "attest");

    private static string Said(DataType value) => value switch
    {
        FhirBoolean => "the clinician says so",
        FhirString text => text.Value ?? "",
        Coding coding => coding.Display ?? coding.Code ?? "",
        ResourceReference reference => reference.Display ?? reference.Reference ?? "",
        _ => $"{value}",
    };

    [GeneratedRegex(@"\b(history|information)\b.{0,40}\b(from|by)\b.{0,30}\b(mother|father|parent|guardian|spouse|wife|husband|daughter|son|caregiver|partner)\b", RegexOptions.IgnoreCase, 1000)]
    private static partial Regex HistorianText();

    [GeneratedRegex(@"\bdiscussed\b.{0,60}\bwith\b.{0,30}\b(dr\.?|cardiolog\w+|surgeon|radiolog\w+|specialist|consultant|neurolog\w+|oncolog\w+|case manager|teacher)\b", RegexOptions.IgnoreCase, 1000)]
    private static partial Regex DiscussionText();

    [GeneratedRegex(@"\b(independently|personally)\b.{0,20}\b(interpreted|reviewed|viewed)\b", RegexOptions.IgnoreCase, 1000)]
    private static partial Regex InterpretationText();
}
