using FhirEmr.FhirServer.Hl7V2.Messages;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Hl7V2.Receiving;

/// <summary>What a message says beside what is stored already: newer facts win, whatever the order they come in.</summary>
internal static class Reconciliation
{
    /// <summary>What is to be stored; null when the message has nothing to add.</summary>
    /// <param name="known">As stored.</param>
    /// <param name="said">As the message has it.</param>
    /// <param name="isMoved">A person has said that it belongs to another patient than it is stored with: nothing of that one's goes with it.</param>
    public static Resource? Apply(Resource known, MappedResource said, bool isMoved)
    {
        if (said.Resource is not DomainResource next || known is not DomainResource stored)
            return null; // the content of a document is named by what it is, and never changes
        if (isMoved)
        {
            Keep(next, stored, said.AsOf);
            return next;
        }

        var isOlder = AsOf(stored) is { } since && said.AsOf < since || said.Rank < RankOf(stored);
        if (said.KeepsStatus && (next, stored) is (Encounter changed, Encounter { Status: { } status }))
            changed.Status = status;
        var result = (next, stored) switch
        {
            (DiagnosticReport report, DiagnosticReport before) => isOlder ? Joined(before, report) : Joined(report, before),
            (Encounter or Appointment or Coverage or RelatedPerson, _) => isOlder ? Overlay(next, stored) : Overlay(stored, next),
            _ => isOlder ? null : next,
        };
        if (result is null)
            return null;
        Keep(result, stored, isOlder ? AsOf(stored) : said.AsOf);
        return result;
    }

    /// <summary>The patient to whom what messages make belongs; null when it says none.</summary>
    public static string? SubjectOf(Resource resource) => resource switch
    {
        Observation { Subject: { } subject } => subject.Reference,
        DiagnosticReport { Subject: { } subject } => subject.Reference,
        Specimen { Subject: { } subject } => subject.Reference,
        Encounter { Subject: { } subject } => subject.Reference,
        DocumentReference { Subject: { } subject } => subject.Reference,
        Immunization { Patient: { } patient } => patient.Reference,
        RelatedPerson { Patient: { } patient } => patient.Reference,
        Coverage { Beneficiary: { } beneficiary } => beneficiary.Reference,
        Appointment appointment => appointment.Participant.Select(p => p.Actor?.Reference).FirstOrDefault(r => r?.StartsWith("Patient/", StringComparison.Ordinal) is true),
        _ => null,
    };

    /// <summary>The instant up to which the resource knows what its sender said.</summary>
    public static DateTimeOffset? AsOf(DomainResource resource) =>
        resource.Extension.Find(e => e.Url == Hl7V2Urls.AsOf)?.Value is Instant { Value: { } at } ? at : null;

    /// <summary>The instant up to which a patient is known: when somebody else has written them since the last message, that is as new as it is.</summary>
    public static DateTimeOffset? KnownSince(Patient patient)
    {
        var asOf = patient.Extension.Find(e => e.Url == Hl7V2Urls.AsOf)?.Value as Instant;
        var ofVersion = (asOf?.Extension.Find(e => e.Url == Hl7V2Urls.AsOfVersion)?.Value as FhirString)?.Value;
        var (said, written) = (asOf?.Value, patient.Meta?.LastUpdated);
        return said is { } at && (ofVersion == patient.Meta?.VersionId || written is null || written < at) ? at : written;
    }

    /// <param name="version">The version of the resource that this is written with; null where nobody asks.</param>
    public static void SetAsOf(DomainResource resource, DateTimeOffset at, string? version = null)
    {
        resource.Extension.RemoveAll(e => e.Url == Hl7V2Urls.AsOf);
        var instant = new Instant(at);
        if (version is not null)
            instant.Extension.Add(new Extension(Hl7V2Urls.AsOfVersion, new FhirString(version)));
        resource.Extension.Add(new Extension(Hl7V2Urls.AsOf, instant));
    }

    /// <summary>The report with the results and documents of both: a report may come in parts.</summary>
    private static DiagnosticReport Joined(DiagnosticReport winner, DiagnosticReport other)
    {
        winner.Result.AddRange(other.Result.Where(r => !winner.Result.Exists(w => w.Reference == r.Reference)));
        winner.Specimen.AddRange(other.Specimen.Where(r => !winner.Specimen.Exists(w => w.Reference == r.Reference)));
        winner.PresentedForm.AddRange(other.PresentedForm.Where(f => !winner.PresentedForm.Exists(w => w.Url == f.Url)));
        winner.BasedOn.AddRange(other.BasedOn.Where(r => !winner.BasedOn.Exists(w => w.Reference == r.Reference)));
        winner.Performer.AddRange(other.Performer.Where(r => !winner.Performer.Exists(w => w.Display == r.Display)));
        return winner;
    }

    /// <summary>Each element of <paramref name="over"/> that is there replaces that of <paramref name="under"/>.</summary>
    private static DomainResource Overlay(DomainResource under, DomainResource over)
    {
        var period = (under, over) is (Encounter { Period: { } before }, Encounter { Period: { } after })
            ? new Period { Start = after.Start ?? before.Start, End = after.End ?? before.End } : null;
        foreach (var (name, value) in over.EnumerateElements().ToList())
            if (name is not ("id" or "meta" or "extension" or "text"))
                under.SetValue(name, value);
        if (period is not null)
            ((Encounter)under).Period = period;
        return under;
    }

    /// <summary>What belongs to the resource and not to the message: labels, tags, other people's extensions.</summary>
    private static void Keep(DomainResource result, DomainResource stored, DateTimeOffset? asOf)
    {
        (result.Id, result.Meta) = (stored.Id, stored.Meta);
        foreach (var extension in stored.Extension)
            if (extension.Url != Hl7V2Urls.AsOf && !result.Extension.Exists(e => e.Url == extension.Url))
                result.Extension.Add(extension);
        if (asOf is { } at)
            SetAsOf(result, at);
    }

    private static int RankOf(DomainResource resource) => resource switch
    {
        Observation { Status: ObservationStatus.Registered or ObservationStatus.Unknown or null } => 0,
        Observation { Status: ObservationStatus.Preliminary } => 1,
        Observation => 2,
        DiagnosticReport { Status: DiagnosticReport.DiagnosticReportStatus.Registered or DiagnosticReport.DiagnosticReportStatus.Unknown or null } => 0,
        DiagnosticReport { Status: DiagnosticReport.DiagnosticReportStatus.Preliminary or DiagnosticReport.DiagnosticReportStatus.Partial } => 1,
        DiagnosticReport => 2,
        DocumentReference { DocStatus: CompositionStatus.Preliminary } => 1,
        DocumentReference => 2,
        _ => 0,
    };
}
