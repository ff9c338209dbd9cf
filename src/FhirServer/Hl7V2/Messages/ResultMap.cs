using System.Globalization;
using FhirEmr.FhirServer.Hl7V2.Syntax;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Hl7V2.Messages;

/// <summary>ORU^R01 → DiagnosticReport, Observations, Specimens and the documents in them.</summary>
/// <remarks>
/// A report is known by the filler's number (OBR-3; else OBR-2) and what was ordered (OBR-4); a result by its report, its code (OBX-3), OBX-4, and which of several of
/// these it is. OBX-1 says nothing: a correction may come alone.
/// </remarks>
internal static class ResultMap
{
    private const string Categories = "http://terminology.hl7.org/CodeSystem/observation-category";

    public static IReadOnlyList<MappedResource> Map(MessageScope scope)
    {
        var (all, group) = (new List<MappedResource>(), (ReportGroup?)null);
        Segment? order = null;
        foreach (var segment in scope.Message.Segments)
        {
            switch (segment.Id)
            {
                case "ORC":
                    order = segment;
                    break;
                case "OBR":
                    if (group is not null)
                        all.AddRange(Finish(scope, group));
                    group = new ReportGroup(segment, order);
                    order = null;
                    break;
                case "OBX" when group is null:
                    scope.Fault(ErrorCodes.SegmentSequence, "An OBX needs an OBR before it.", segment.At());
                    break;
                case "OBX":
                    group.Results.Add(new(segment));
                    break;
                case "NTE" when group is not null:
                    (group.Results.Count > 0 ? group.Results[^1].Notes : group.Notes).Add(segment);
                    break;
                case "SPM" when group is not null:
                    group.Specimens.Add(segment);
                    break;
            }
        }

        if (group is not null)
            all.AddRange(Finish(scope, group));
        else
            scope.Fault(ErrorCodes.SegmentSequence, "ORU^R01 needs an OBR.", new("OBR", 1));
        foreach (var again in all.Where(m => m.Resource is Hl7.Fhir.Model.Specimen).GroupBy(m => m.Reference).SelectMany(g => g.Skip(1).Where(m => !Completes((Specimen)g.First().Resource, (Specimen)m.Resource))))
            scope.Fault(ErrorCodes.DuplicateKey, "Two samples of the message have one number (SPM-2), and are not the same.", again.Origin);
        // Tests of one sample each repeat the sample, and its document: by number or by content it is the same one.
        var distinct = all.Where(m => m.Resource is not (Hl7.Fhir.Model.Specimen or Binary)).Concat(all.Where(m => m.Resource is Hl7.Fhir.Model.Specimen or Binary).DistinctBy(m => m.Reference)).ToList();
        foreach (var twice in distinct.GroupBy(m => m.Reference).Where(g => g.Count() > 1))
            scope.Fault(ErrorCodes.DuplicateKey, "The same report stands in the message twice.", twice.Last().Origin);
        return distinct;
    }

    /// <summary>The numbers under which an order may be known here: placer's first.</summary>
    public static IEnumerable<string> OrderNumbers(Message message) => message.Segments.Where(s => s.Id is "ORC" or "OBR").SelectMany(s => new[] { s[2].Text, s[3].Text }).OfType<string>().Distinct();

    private static List<MappedResource> Finish(MessageScope scope, ReportGroup group)
    {
        var (obr, all) = (group.Obr, new List<MappedResource>());
        var (placer, filler) = (obr[2].Text ?? group.Orc?[2].Text, obr[3].Text ?? group.Orc?[3].Text);
        if ((filler ?? placer) is not { } number)
        {
            scope.Fault(ErrorCodes.RequiredFieldMissing, "OBR-3, the filler's number of the order, is missing: without it no correction could be told from a new result.", obr[3].At);
            return all;
        }

        if (Words.Concept(obr[4].First, scope.Sender) is not { } ordered)
        {
            scope.Fault(ErrorCodes.RequiredFieldMissing, "OBR-4, what was ordered, is missing.", obr[4].At);
            return all;
        }

        var (effective, until, issued) = (scope.Time(obr[7]), scope.Time(obr[8]), scope.Time(obr[22]));
        var asOf = issued is { HasTime: true } ? scope.Past(issued.At) : scope.AsOf;
        string?[] key = [number, obr[4].First[1] ?? obr[4].First[4] ?? ordered.Text];
        var category = Category(obr[24].Text);
        var report = new DiagnosticReport
        {
            Id = scope.Id("report", key),
            Status = ReportStatus(scope, obr[25]),
            Code = ordered,
            Subject = scope.Subject,
            Effective = effective is not null && until is { HasTime: true } ? new Period { Start = effective.Text, End = until.Text } : effective?.ToDateTime(),
            Issued = issued is { HasTime: true } ? issued.At : null,
            Conclusion = NotesOf(group.Notes),
        };
        if (obr[24].Text is { } section)
            report.Category.Add(new CodeableConcept("http://terminology.hl7.org/CodeSystem/v2-0074", Words.Code(section)));
        Number(report.Identifier, "PLAC", placer, obr[2].HasValue ? obr[2].First : group.Orc?[2].First, scope);
        Number(report.Identifier, "FILL", filler, obr[3].HasValue ? obr[3].First : group.Orc?[3].First, scope);
        foreach (var name in new[] { placer, filler, group.Orc?[2].Text, group.Orc?[3].Text })
            if (name is not null && scope.Orders.TryGetValue(name, out var request) && !report.BasedOn.Exists(b => b.Reference == request))
                report.BasedOn.Add(new ResourceReference(request));
        if (Words.Person(obr[32].First, scope.Sender) is { } interpreter)
            report.ResultsInterpreter.Add(interpreter);

        var specimens = group.Specimens.Select(spm => Specimen(scope, spm, key)).ToList();
        foreach (var specimen in specimens)
            report.Specimen.Add(new ResourceReference(specimen.Reference));
        all.AddRange(specimens);

        var occurrences = new Dictionary<(string?, string?), int>();
        foreach (var result in Joined(group.Results))
        {
            var obx = result.Obx;
            if (obx[2].Text is "ED" or "RP")
            {
                if (Document(scope, result, all) is { } form)
                    report.PresentedForm.Add(form);
                continue;
            }

            if (Words.Concept(obx[3].First, scope.Sender) is not { } code)
            {
                scope.Fault(ErrorCodes.RequiredFieldMissing, "OBX-3, what was observed, is missing.", obx[3].At);
                continue;
            }

            var what = (Code: obx[3].First[1] ?? code.Text, Part: obx[4].Text);
            var nth = occurrences[what] = occurrences.GetValueOrDefault(what) + 1;
            var observation = Observation(scope, result, code, category, scope.Id("result", [.. key, what.Code, what.Part, nth.ToString(CultureInfo.InvariantCulture)]), effective, issued);
            if (specimens.Count == 1)
                observation.Specimen = new ResourceReference(specimens[0].Reference);
            observation.BasedOn.AddRange(report.BasedOn.Select(b => (ResourceReference)b.DeepCopy()));
            all.Add(new(observation, obx.At(), asOf) { Rank = Rank(observation.Status) });
            report.Result.Add(new ResourceReference($"Observation/{observation.Id}"));
            if (Words.Organisation(obx[23].First) is { } laboratory && !report.Performer.Exists(p => p.Display == laboratory.Display))
                report.Performer.Add(laboratory);
        }

        all.Add(new(report, obr.At(), asOf) { Rank = Rank(report.Status) });
        return all;
    }

    private static Observation Observation(MessageScope scope, ResultSegments result, CodeableConcept code, string category, string id, Dtm? effective, Dtm? issued)
    {
        var obx = result.Obx;
        var observation = new Observation
        {
            Id = id,
            Status = ResultStatus(scope, obx[11]),
            Category = [new CodeableConcept(Categories, category)],
            Code = code,
            Subject = scope.Subject,
            Effective = (scope.Time(obx[14]) ?? effective)?.ToDateTime(),
            Issued = issued is { HasTime: true } ? issued.At : null,
        };
        observation.Value = result.Text is { } text ? new FhirString(text) : ResultValue.Read(scope, obx);
        if (observation.Value is null)
            observation.DataAbsentReason = new CodeableConcept("http://terminology.hl7.org/CodeSystem/data-absent-reason", observation.Status is ObservationStatus.Cancelled ? "not-performed" : "unknown");
        if (ResultValue.Range(scope, obx) is { } range)
            observation.ReferenceRange.Add(range);
        observation.Interpretation.AddRange(obx[8].Repetitions.SelectMany(r => (r[1] ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries)).Where(f => f.Length > 0).Select(Flag));
        if (obx[17].HasValue)
            observation.Method = Words.Concept(obx[17].First, scope.Sender);
        if (Words.Organisation(obx[23].First) is { } laboratory)
            observation.Performer.Add(laboratory);
        else if (Words.Person(obx[16].First, scope.Sender) is { } person)
            observation.Performer.Add(person);
        if (obx[4].Text is { } part)
            observation.Identifier.Add(new Identifier(Hl7V2Urls.CodeSystem(scope.Sender.Name, "obx-4"), Words.Line(part)));
        if (NotesOf(result.Notes) is { } notes)
            observation.Note.Add(new Annotation { Text = new Markdown(notes) });
        return observation;
    }

    /// <summary>Text of one result over several OBX, as old systems send it, becomes one result of several lines.</summary>
    private static IEnumerable<ResultSegments> Joined(IReadOnlyList<ResultSegments> results)
    {
        for (var i = 0; i < results.Count; i++)
        {
            var first = results[i];
            if (first.Obx[2].Text is not ("TX" or "FT"))
            {
                yield return first;
                continue;
            }

            var lines = new List<string> { first.Obx[5].Whole ?? "" };
            while (i + 1 < results.Count && results[i + 1].Obx is var next && next[2].Raw == first.Obx[2].Raw && next[3].Raw == first.Obx[3].Raw && next[4].Raw == first.Obx[4].Raw)
            {
                lines.Add(next[5].Whole ?? "");
                first.Notes.AddRange(results[++i].Notes);
            }

            first.Text = Words.Text(string.Join('\n', lines));
            yield return first;
        }
    }

    /// <summary>ED: a document in the message. RP points to one elsewhere, which nobody fetches.</summary>
    private static Attachment? Document(MessageScope scope, ResultSegments result, List<MappedResource> all)
    {
        var (obx, value) = (result.Obx, result.Obx[5].First);
        var title = Words.Line(obx[3].First[2]);
        if (obx[2].Text == "RP")
            return value[1] is { } pointer && Uri.IsWellFormedUriString(pointer, UriKind.Absolute) ? new Attachment { Url = pointer, Title = title } : null;
        if (EmbeddedDocument.Read(scope, obx) is not { } document)
            return null;
        var (binary, attachment) = document.Store(scope, obx.At(), title);
        if (!all.Exists(m => m.Reference == binary.Reference))
            all.Add(binary);
        return attachment;
    }

    /// <param name="report">Key of the report: a sample without a number of its own is only known there.</param>
    private static MappedResource Specimen(MessageScope scope, Segment spm, string?[] report)
    {
        var specimen = new Specimen
        {
            Id = spm[2].First[1, 1] is { } own ? scope.Id("specimen", report[0], own) : scope.Id("specimen", [.. report, spm[1].Text]),
            Subject = scope.Subject,
            Type = spm[4].HasValue ? Words.Concept(spm[4].First, scope.Sender) : null,
            ReceivedTimeElement = scope.Time(spm[18])?.ToDateTime(),
        };
        if (spm[2].First[1, 1] is { } number)
            specimen.Identifier.Add(new Identifier(Hl7V2Urls.CodeSystem(scope.Sender.Name, "specimen"), Words.Line(number)));
        if (scope.Time(spm[17]) is { } collected)
            specimen.Collection = new Specimen.CollectionComponent { Collected = collected.ToDateTime() };
        return new(specimen, spm.At(), scope.AsOf);
    }

    /// <summary>Adds what the sample's other segment says besides; false when the two contradict each other.</summary>
    private static bool Completes(Specimen sample, Specimen again)
    {
        if (Differ(sample.Type, again.Type) || Differ(sample.ReceivedTimeElement, again.ReceivedTimeElement) || Differ(sample.Collection, again.Collection))
            return false;
        sample.Type ??= again.Type;
        sample.ReceivedTimeElement ??= again.ReceivedTimeElement;
        sample.Collection ??= again.Collection;
        return true;

        static bool Differ(Base? one, Base? other) => one is not null && other is not null && !one.IsExactly(other);
    }

    private static void Number(List<Identifier> identifiers, string type, string? number, Repetition? ei, MessageScope scope)
    {
        if (Words.Line(number) is not { } value)
            return;
        var authority = ei?[2];
        identifiers.Add(new Identifier(authority is null ? Hl7V2Urls.CodeSystem(scope.Sender.Name, type == "PLAC" ? "placer" : "filler") : Words.SystemOf(authority, scope.Sender), value)
        {
            Type = new CodeableConcept("http://terminology.hl7.org/CodeSystem/v2-0203", type),
        });
    }

    private static CodeableConcept Flag(string flag) => flag is "H" or "L" or "HH" or "LL" or "HU" or "LU" or "A" or "AA" or "N" or "S" or "R" or "I" or "MS" or "VS" or "U" or "D" or "B" or "W" or "POS" or "NEG" or "ND" or "IND" or "DET" or "RR" or "WR" or "NR" or "E" or "<" or ">"
        ? new CodeableConcept("http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation", flag)
        : new CodeableConcept { Text = flag };

    /// <summary>HL7 table 0085.</summary>
    private static ObservationStatus ResultStatus(MessageScope scope, Field obx11)
    {
        switch (obx11.Text)
        {
            case "F" or "U" or null:
                return ObservationStatus.Final;
            case "P" or "R" or "S" or "B":
                return ObservationStatus.Preliminary;
            case "C":
                return ObservationStatus.Corrected;
            case "A" or "V":
                return ObservationStatus.Amended;
            case "X" or "N":
                return ObservationStatus.Cancelled;
            case "D" or "W":
                return ObservationStatus.EnteredInError;
            case "I" or "O":
                return ObservationStatus.Registered;
            default:
                scope.Fault(ErrorCodes.TableValueNotFound, "OBX-11 is no code of HL7 table 0085.", obx11.At);
                return ObservationStatus.Unknown;
        }
    }

    /// <summary>HL7 table 0123.</summary>
    private static DiagnosticReport.DiagnosticReportStatus ReportStatus(MessageScope scope, Field obr25)
    {
        switch (obr25.Text)
        {
            case "F" or null:
                return DiagnosticReport.DiagnosticReportStatus.Final;
            case "P" or "R":
                return DiagnosticReport.DiagnosticReportStatus.Preliminary;
            case "A":
                return DiagnosticReport.DiagnosticReportStatus.Partial;
            case "C" or "M":
                return DiagnosticReport.DiagnosticReportStatus.Corrected;
            case "X":
                return DiagnosticReport.DiagnosticReportStatus.Cancelled;
            case "I" or "S" or "O" or "N":
                return DiagnosticReport.DiagnosticReportStatus.Registered;
            case "Y" or "Z":
                return DiagnosticReport.DiagnosticReportStatus.Unknown;
            default:
                scope.Fault(ErrorCodes.TableValueNotFound, "OBR-25 is no code of HL7 table 0123.", obr25.At);
                return DiagnosticReport.DiagnosticReportStatus.Unknown;
        }
    }

    private static int Rank(ObservationStatus? status) => status switch
    {
        ObservationStatus.Registered or ObservationStatus.Unknown => 0,
        ObservationStatus.Preliminary => 1,
        _ => 2,
    };

    private static int Rank(DiagnosticReport.DiagnosticReportStatus? status) => status switch
    {
        DiagnosticReport.DiagnosticReportStatus.Registered or DiagnosticReport.DiagnosticReportStatus.Unknown => 0,
        DiagnosticReport.DiagnosticReportStatus.Preliminary or DiagnosticReport.DiagnosticReportStatus.Partial => 1,
        _ => 2,
    };

    private static string Category(string? section) => section is "RAD" or "CT" or "NMR" or "NMS" or "RUS" or "OUS" or "VUS" or "XRC" or "RX" or "CUS" ? "imaging" : "laboratory";

    private static string? NotesOf(List<Segment> notes) => notes.Count == 0 ? null : Words.Text(string.Join('\n', notes.Select(n => string.Join('\n', n[3].Repetitions.Select(r => r.Whole)))));

    private sealed record ReportGroup(Segment Obr, Segment? Orc)
    {
        public List<ResultSegments> Results { get; } = [];

        public List<Segment> Notes { get; } = [];

        public List<Segment> Specimens { get; } = [];
    }

    private sealed record ResultSegments(Segment Obx)
    {
        public List<Segment> Notes { get; } = [];

        public string? Text { get; set; }
    }
}
